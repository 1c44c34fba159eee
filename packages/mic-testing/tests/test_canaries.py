import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mic.http import HttpRequestContext, HttpResponseSpec, HttpRouteSpec
from mic.redaction import RedactionPolicy
from mic.testing import Canaries, RouteClient, assert_no_secrets
from mic.testing._canary_shapes import SHAPES
from mic.testing.canaries import PILLARS, SecretLeakError
from mic.testing.captured import capture_logs


class JsonLines(logging.Formatter):
    """What a service's log formatter does, with a policy."""

    def __init__(self, policy: RedactionPolicy) -> None:
        super().__init__()
        self._policy = policy
        # `message` is what another handler has made of a record
        self._known = {"message", *logging.makeLogRecord({}).__dict__}

    def format(self, record: logging.LogRecord) -> str:
        extra = {k: v for k, v in record.__dict__.items() if k not in self._known}
        args = self._policy.apply(record.args) if isinstance(record.args, dict) else record.args
        text = record.msg % args if args else record.msg
        if record.exc_info:
            text += self.formatException(record.exc_info)
        return json.dumps({"message": self._policy.apply_text(text), **self._policy.apply(extra)})


class Tracer:
    """Keeps spans as an exporter would write them."""

    def __init__(self) -> None:
        self.written: list[str] = []

    @contextmanager
    def start_as_current_span(self, name: str, *, attributes: dict[str, str]) -> Iterator[Any]:
        self.written.append(f"{name} {attributes}")
        yield self

    def set_attribute(self, name: str, value: str) -> None:
        self.written.append(f"{name}={value}")

    def add_event(self, name: str, attributes: dict[str, str]) -> None:
        self.written.append(f"{name} {attributes}")

    def record_exception(self, error: Exception) -> None:
        self.written.append(repr(error))


class Metrics:
    """Keeps series; label names are checked, as a real backend does."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def increment(self, name: str, value: float = 1, labels: Any = None) -> None:
        if any("CANARY" in label for label in labels):
            raise ValueError("no such label")
        self.written.append(f"{name} {value} {labels}")

    def observe(self, name: str, value: float, labels: Any = None) -> None:
        self.written.append(f"{name} {value} {labels}")


def logged(canaries: Canaries, policy: RedactionPolicy) -> list[str]:
    with capture_logs("canaries.test") as logs:
        canaries.plant_logs(logging.getLogger("canaries.test"))
    return [JsonLines(policy).format(record) for record in logs.records]


def test_a_planted_leak_is_found_and_its_value_not_repeated(secret_canaries: Canaries) -> None:
    events = secret_canaries.plant_events()
    output = json.dumps(RedactionPolicy.none().apply(events[0]))
    told = r"1 secrets left:\n  events, flat: output 1, at 18"
    with pytest.raises(SecretLeakError, match=told) as caught:
        assert_no_secrets(secret_canaries, "nothing", output)
    assert not any(value in str(caught.value) for value in secret_canaries.values)


def test_a_value_that_no_pillar_planted_is_found_too() -> None:
    canaries = Canaries(count=1)
    with pytest.raises(SecretLeakError, match="not planted by a pillar: output 0, item 1, at 3"):
        assert_no_secrets(canaries, [b"x", bytearray(b"at " + canaries.values[0].encode())])


def test_values_are_unique_and_the_same_for_a_seed() -> None:
    assert len(set(Canaries().values)) == 200
    assert Canaries(seed=1).values == Canaries(seed=1).values
    assert not set(Canaries(seed=1).values) & set(Canaries(seed=2).values)
    with pytest.raises(ValueError, match=r"Canaries\.count must be at least 1"):
        Canaries(count=0)


def test_every_pillar_plants_every_shape(secret_canaries: Canaries) -> None:
    logged(secret_canaries, RedactionPolicy.none())
    secret_canaries.plant_spans(Tracer())
    secret_canaries.plant_metrics(Metrics())
    secret_canaries.plant_events()
    secret_canaries.plant_http(RouteClient([route()]), ["/items"])
    shapes = {
        pillar: {each.shape for each in secret_canaries.planted.values() if each.pillar == pillar}
        for pillar in PILLARS
        if pillar != "sentry"
    }
    assert shapes["events"] == set(SHAPES)
    assert set(SHAPES) < shapes["logs"]
    assert {pillar: len(found) for pillar, found in shapes.items()} == {
        "logs": 21,
        "spans": 4,
        "metrics": 3,
        "events": 15,
        "http": 5,
    }
    assert len(secret_canaries.planted) == 200 - 33  # Sentry's


def test_logs_with_the_rules_let_nothing_out_and_without_them_everything(
    secret_canaries: Canaries,
) -> None:
    assert_no_secrets(
        secret_canaries, logged(secret_canaries, RedactionPolicy(secret_canaries.redactors))
    )
    with pytest.raises(SecretLeakError, match="logs, an exception of a group"):
        assert_no_secrets(secret_canaries, logged(secret_canaries, RedactionPolicy.none()))


@pytest.mark.parametrize(("pillar", "made"), [("spans", Tracer), ("metrics", Metrics)])
def test_what_an_exporter_writes_is_found(
    secret_canaries: Canaries, pillar: str, made: Any
) -> None:
    sink = made()
    getattr(secret_canaries, f"plant_{pillar}")(sink)
    assert len(sink.written) >= 20
    with pytest.raises(SecretLeakError, match=pillar):
        assert_no_secrets(secret_canaries, sink.written)


def route(**options: Any) -> HttpRouteSpec:
    async def echo(context: HttpRequestContext, name: str = "") -> HttpResponseSpec:
        return HttpResponseSpec(200, [dict(context.headers), dict(context.query_params)])

    return HttpRouteSpec("POST", "/items", "items", "test", options.get("handler", echo))


class Recording:
    """A client that keeps every answer."""

    def __init__(self, client: RouteClient) -> None:
        self._client = client
        self.bodies: list[bytes] = []

    def request(self, method: str, path: str, **options: Any) -> Any:
        answer = self._client.request(method, path, **options)
        self.bodies.append(answer.body)
        return answer


def test_an_answer_that_repeats_the_request_is_found(secret_canaries: Canaries) -> None:
    client = Recording(RouteClient([route()]))
    secret_canaries.plant_http(client, ["/items"])
    assert len(client.bodies) == 33
    with pytest.raises(SecretLeakError, match="http, a cookie"):
        assert_no_secrets(secret_canaries, client.bodies)


def test_error_bodies_repeat_nothing(secret_canaries: Canaries) -> None:
    async def typed(name: int, payload: dict[str, int]) -> None:
        raise AssertionError

    client = Recording(RouteClient([route(handler=typed)]))
    secret_canaries.plant_http(client, ["/items", "/nowhere", "/items/"])
    assert len(client.bodies) == 33
    assert_no_secrets(secret_canaries, *client.bodies)


def test_what_the_application_lets_out_ends_no_planting(secret_canaries: Canaries) -> None:
    async def broken() -> None:
        raise KeyError("broken")

    secret_canaries.plant_http(RouteClient([route(handler=broken)]), ["/items"])
    assert {each.pillar for each in secret_canaries.planted.values()} == {"http"}
