"""`mic.http.middleware._correlating`: ids into state and headers, hooks that can not hurt."""

import logging
from typing import Any

import pytest

from mic.http.context import RequestState
from mic.http.correlation import CorrelationFinish, CorrelationSpec, CorrelationStart, is_valid_id
from mic.http.middleware._correlating import Correlating, kept_state, tell, trace_in

PARENT = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"


def test_says_which_headers_it_reads() -> None:
    part = Correlating(CorrelationSpec(correlation_header="X-Trace", request_header="X-Call"))
    assert part.request_headers == {b"x-trace", b"x-call", b"traceparent", b"tracestate"}


def test_keeps_the_ids_in_the_state() -> None:
    scope: dict[str, Any] = {"state": {"pool": 1}}
    state = RequestState()
    start = Correlating(CorrelationSpec()).begin(scope, state, {b"x-request-id": b"r-1"}, now=2.0)
    assert state.correlation is start
    assert start.request_id == "r-1"
    ids = {"correlation_id": start.correlation_id, "request_id": "r-1"}
    assert scope["state"] == {"pool": 1, **ids}


def test_makes_ids_where_the_request_brings_none() -> None:
    scope: dict[str, Any] = {}
    start = Correlating(CorrelationSpec()).begin(scope, RequestState(), {}, now=2.0)
    assert start.started_at_perf == 2.0
    assert is_valid_id(start.correlation_id)
    assert len({start.correlation_id, start.request_id}) == 2
    spec = CorrelationSpec(correlation_id_factory=lambda: "c", request_id_factory=lambda: "r")
    start = Correlating(spec).begin(scope, RequestState(), {}, now=2.0)
    assert (start.correlation_id, start.request_id) == ("c", "r")


def test_keeps_the_ids_that_something_around_has_given() -> None:
    state = RequestState()
    state.correlation = start = CorrelationStart("c", "r", 0.0)
    seen: list[Any] = []
    part = Correlating(CorrelationSpec(), on_start=seen.append)
    assert part.begin({}, state, {b"x-request-id": b"other"}, now=2.0) is start
    assert seen == [start]


def test_gives_the_headers_at_the_first_byte() -> None:
    seen: list[CorrelationFinish] = []
    scope: dict[str, Any] = {}
    part = Correlating(CorrelationSpec(), on_finish=seen.append)
    headers = part.finish(scope, CorrelationStart("c", "r", 1.5), now=3.5)
    (finish,) = seen
    assert finish == CorrelationFinish("c", "r", 2000)
    assert headers == [
        (b"x-correlation-id", b"c"),
        (b"x-request-id", b"r"),
        (b"x-response-time-ms", b"2000"),
    ]
    assert scope["state"] == {"duration_ms": 2000}


@pytest.mark.parametrize(
    "spec",
    [
        CorrelationSpec(request_id_factory=lambda: "a\r\nb"),
        CorrelationSpec(id_validator=lambda text: 1 / 0 > 0),
    ],
)
def test_no_request_fails_for_want_of_an_id(
    spec: CorrelationSpec, caplog: pytest.LogCaptureFixture
) -> None:
    start = Correlating(spec).begin({}, RequestState(), {b"x-correlation-id": b"c"}, now=2.0)
    assert (len(start.correlation_id), len(start.request_id)) == (32, 32)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("mic.http", logging.ERROR)


def test_takes_a_well_formed_trace_only() -> None:
    assert trace_in({}) is None
    assert trace_in({b"traceparent": b"evil"}) is None
    assert trace_in({b"traceparent": PARENT}) == (PARENT.decode(), None)
    both = {b"traceparent": PARENT, b"tracestate": b"a=1, b=2"}
    assert trace_in(both) == (PARENT.decode(), "a=1, b=2")


def test_makes_the_state_where_there_is_none() -> None:
    scope: dict[str, Any] = {"state": None}
    assert kept_state(scope) is kept_state(scope)
    assert scope["state"] == {}


def test_a_hook_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []
    assert tell("on_x", lambda *args, **options: seen.append((args, options)), 1, a=2) is True
    assert seen == [((1,), {"a": 2})]
    assert tell("on_x", int, "no number") is False
    assert "the hook on_x failed" in caplog.text
