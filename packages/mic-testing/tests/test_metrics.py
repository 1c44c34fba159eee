import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from mic.testing import captured_metrics


def test_what_was_reported_is_kept_in_order() -> None:
    metrics = captured_metrics()
    metrics.increment("orders_total", labels={"topic": "a", "kind": "x"})
    metrics.increment("orders_total", 2, {"topic": "b"})
    metrics.set_gauge("queue_length", 7, {"queue": "q"})
    metrics.set_gauge("queue_length", 3, {"queue": "q"})
    metrics.observe("wait", 0.5, unit=None)
    metrics.observe_histogram("wait", 1.5, {"topic": "a"}, buckets=(1.0, 2.0))
    assert metrics.names == ("orders_total", "queue_length", "wait")
    assert metrics.total("orders_total") == 3
    assert metrics.total("orders_total", topic="a") == 1
    assert metrics.total("orders_total", topic="a", kind="y") == 0
    assert metrics.last("queue_length", queue="q") == 3
    assert metrics.last("queue_length", queue="other") is None
    assert metrics.values("wait") == (0.5, 1.5)
    assert len(metrics) == 6
    assert metrics.measured[0].labels == (("kind", "x"), ("topic", "a"))
    assert json.loads(metrics.texts[1]) == ["counter", "orders_total", 2, {"topic": "b"}]


def test_two_sinks_know_nothing_of_each_other() -> None:
    one, other = captured_metrics(), captured_metrics()
    one.increment("n")
    assert (one.total("n"), other.total("n")) == (1, 0)
    other.set_gauge("n", 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_finite_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"^n: the value is no finite number$"):
        captured_metrics().observe("n", value)


def test_a_counter_cannot_fall() -> None:
    with pytest.raises(ValueError, match=r"^n: a counter cannot fall$"):
        captured_metrics().increment("n", -1)


def test_a_name_has_one_kind() -> None:
    metrics = captured_metrics()
    metrics.increment("n")
    with pytest.raises(ValueError, match=r"^n is a counter, and was used as a gauge$"):
        metrics.set_gauge("n", 1)
    assert len(metrics) == 1


@pytest.mark.parametrize("labels", [{"a": 1}, {1: "a", "b": "c"}])
def test_labels_are_text(labels: dict[str, str]) -> None:
    with pytest.raises(TypeError, match=r"^n: names and values of labels must be text$"):
        captured_metrics().increment("n", labels=labels)


def test_threads_lose_nothing() -> None:
    metrics = captured_metrics()

    def report() -> None:
        for _ in range(500):
            metrics.increment("n")
            assert metrics.last("n") == 1

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(report) for _ in range(4)]:
            each.result(60)
    assert metrics.total("n") == 2000
