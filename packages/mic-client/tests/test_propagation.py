from __future__ import annotations

import logging
import sys
import types
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from mic.client import _propagation
from mic.client._propagation import Propagation, installed_propagators
from mic.http import CorrelationStart
from mic.http.context import bind


def write_a(headers: Any) -> None:
    headers["X-A"] = "1"


def write_b(headers: Any) -> None:
    headers["x-b"] = "2"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def install(**points: str) -> None:
        found = [EntryPoint(name, value, "mic.client") for name, value in points.items()]
        monkeypatch.setattr(
            _propagation, "entry_points", lambda group: [*found, *found] * (group == "mic.client")
        )

    return install


def test_entry_points_by_name(
    installed: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    module = types.SimpleNamespace(write_a=write_a, write_b=write_b, one=1)
    monkeypatch.setitem(sys.modules, "propagators_of_a_test", module)
    installed(
        propagate_b="propagators_of_a_test:write_b",
        propagate_a="propagators_of_a_test:write_a",
        propagate_one="propagators_of_a_test:one",
        propagate_absent="absent_module_of_a_test:write",
        other="propagators_of_a_test:write_a",
    )
    assert installed_propagators() == (write_a, write_b)
    assert [each.getMessage() for each in caplog.records] == [
        "propagate_absent cannot be loaded: ModuleNotFoundError",
        "propagate_one is not callable",
    ]


def test_nothing_is_installed(installed: Callable[..., None]) -> None:
    installed()
    assert installed_propagators() == ()
    assert Propagation(()).headers() == {}


def test_a_propagator_that_fails_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    def failing(headers: Any) -> None:
        headers["x-c"] = "3"
        raise ValueError("a secret")

    def unsendable(headers: Any) -> None:
        headers["x-d"] = "4"
        headers["x-e"] = "5\n"

    propagation = Propagation([write_a, failing, unsendable, write_b])
    with caplog.at_level(logging.WARNING):
        assert propagation.headers() == {"x-a": "1", "x-b": "2"}
        assert propagation.headers() == {"x-a": "1", "x-b": "2"}
    assert [each.getMessage() for each in caplog.records] == [
        "a propagator was skipped: ValueError"
    ] * 2


def test_what_no_propagator_may_write() -> None:
    def greedy(headers: Any) -> None:
        headers.update(
            {"Authorization": "x", "Idempotency-Key": "x", "Host": "x", "Content-Length": "x"}
        )

    assert Propagation([greedy]).headers() == {}


def test_the_trace_of_the_request_unless_another_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def incoming() -> dict[str, str]:
        return {"x-correlation-id": "c", "traceparent": "theirs", "tracestate": "theirs"}

    def span(headers: Any) -> None:
        headers["traceparent"] = "ours"

    monkeypatch.setattr(_propagation, "propagation_headers", incoming)
    assert Propagation([write_a]).headers() == {**incoming(), "x-a": "1"}
    assert Propagation([span]).headers() == {"x-correlation-id": "c", "traceparent": "ours"}


def test_the_correlation_id() -> None:
    with bind(correlation=CorrelationStart("c", "r", 0.0)):
        assert Propagation([write_a]).headers() == {"x-correlation-id": "c", "x-a": "1"}
