"""`mic.http.middleware._exchange`: what is read once, added once, and undone at the end."""

import time
from typing import Any

import pytest

from mic.http.client_address import TrustedProxies
from mic.http.context import RequestState, current_correlation, propagation_headers
from mic.http.correlation import CorrelationSpec
from mic.http.middleware import HttpRequestSample, MetricsRecorder
from mic.http.middleware._correlating import Correlating
from mic.http.middleware._exchange import CLIENT_CLOSED_REQUEST, Exchange, Parts
from mic.http.table import compile_routes

PARENT = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"


class Recorder(MetricsRecorder):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.samples: list[HttpRequestSample] = []
        self.flying: list[int] = []
        self.fails = False

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        raise AssertionError

    def record_request(self, sample: HttpRequestSample) -> None:
        self.samples.append(sample)

    def in_flight(self, *, method: str, delta: int) -> None:
        if self.fails:
            raise RuntimeError("broken")
        self.flying.append(delta)


class Plain(MetricsRecorder):
    """Takes the four basic values only."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, int]] = []

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        assert 0 <= duration_seconds < 60
        if status == 500:
            raise RuntimeError("broken")
        self.records.append((method, route, status))


class Wire:
    """What was sent."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def __call__(self, message: Any) -> None:
        self.messages.append(message)


def exchange(
    parts: Parts, *headers: tuple[bytes, bytes], method: str = "GET", path: str = "/", **scope: Any
) -> tuple[Exchange, RequestState, Wire]:
    state, wire = RequestState(), Wire()
    request = {"type": "http", "method": method, "path": path, "headers": list(headers), **scope}
    made = Exchange(parts, request, state, wire)
    made.begin()
    return made, state, wire


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


CORRELATION = Parts(correlation=Correlating(CorrelationSpec()))


def test_reads_only_what_its_parts_need() -> None:
    assert Parts().wanted == frozenset()
    assert Parts(metrics=Recorder()).wanted == {b"content-length"}
    assert Parts(metrics=Plain()).wanted == frozenset()
    assert b"x-request-id" in CORRELATION.wanted


def test_a_header_that_comes_twice_hides_nothing() -> None:
    twice = [(b"x-request-id", b"a"), (b"x-request-id", b"b"), (b"x-correlation-id", b"c")]
    made, state, _ = exchange(CORRELATION, *twice)
    made.end(None)
    assert state.correlation is not None
    assert len(state.correlation.request_id) == 32
    assert state.correlation.correlation_id == "c"


async def test_binds_ids_and_trace_and_undoes_it() -> None:
    made, state, _ = exchange(CORRELATION, (b"traceparent", PARENT), (b"x-correlation-id", b"c"))
    assert current_correlation() is state.correlation
    assert propagation_headers() == {"x-correlation-id": "c", "traceparent": PARENT.decode()}
    inner, _, _ = exchange(CORRELATION, (b"x-correlation-id", b"inner"))
    assert propagation_headers() == {"x-correlation-id": "inner"}
    inner.end(None)
    assert propagation_headers()["traceparent"] == PARENT.decode()
    made.end(None)
    assert current_correlation() is None
    assert propagation_headers() == {}


def test_two_traces_are_none() -> None:
    made, _, _ = exchange(CORRELATION, (b"traceparent", PARENT), (b"traceparent", PARENT))
    assert "traceparent" not in propagation_headers()
    made.end(None)


async def test_adds_headers_where_the_app_set_none() -> None:
    parts = Parts(
        correlation=Correlating(CorrelationSpec()),
        security=((b"x-frame-options", b"DENY"), (b"referrer-policy", b"no-referrer")),
    )
    made, _, wire = exchange(parts, (b"x-request-id", b"r"), (b"x-correlation-id", b"c"))
    await made.send(start(200, (b"X-Request-Id", b"own"), (b"referrer-policy", b"own")))
    (message,) = wire.messages
    assert message["headers"][:2] == [(b"X-Request-Id", b"own"), (b"referrer-policy", b"own")]
    assert [name for name, _ in message["headers"][2:]] == [
        b"x-correlation-id",
        b"x-response-time-ms",
        b"x-frame-options",
    ]
    assert made.status == 200
    made.end(None)


async def test_passes_other_messages_on_as_they_are() -> None:
    made, _, wire = exchange(Parts(metrics=Recorder()))
    message = {"type": "http.response.trailers", "headers": []}
    await made.send(message)
    assert wire.messages[0] is message


@pytest.mark.parametrize(
    ("trusted", "client", "expected"),
    [
        (("10.0.0.0/8",), ("10.0.0.1", 1), "192.0.2.9"),
        (("10.0.0.0/8",), ("192.0.2.1", 1), "192.0.2.1"),
        (("unix",), None, "192.0.2.9"),
        ((), ("10.0.0.1", 1), None),
    ],
)
def test_resolves_the_client_where_proxies_are_trusted(
    trusted: tuple[str, ...], client: Any, expected: str | None
) -> None:
    parts = Parts(trusted_proxies=TrustedProxies(trusted) or None)
    _, state, _ = exchange(parts, (b"x-forwarded-for", b"6.6.6.6, 192.0.2.9"), client=client)
    assert state.client_host == expected


def test_finds_the_route_before_anything_runs(make_route: Any) -> None:
    spec = make_route(lambda item: None, "GET", "/items/{item}")
    parts = Parts(routes=compile_routes([spec]))
    _, state, _ = exchange(parts, path="/api/items/7", root_path="/api")
    assert (state.route, state.label, state.path_params) == (spec, "/items/{item}", {"item": "7"})
    for method, path in (("POST", "/items/7"), ("GET", "/other")):
        _, state, _ = exchange(parts, method=method, path=path)
        assert (state.route, state.label, state.path_params) == (None, None, {})


class TestMetrics:
    async def test_counts_what_was_sent_and_how_long_it_took(self) -> None:
        recorder = Recorder()
        made, state, _ = exchange(
            Parts(metrics=recorder), (b"content-length", b"12"), method="POST"
        )
        state.label = "/items/{id}"
        await made.send(start(201))
        await made.send({"type": "http.response.body", "body": b"abc", "more_body": True})
        await made.send({"type": "http.response.body", "body": b"de"})
        await made.send({"type": "http.response.body"})
        made.end(None)
        (sample,) = recorder.samples
        assert (sample.method, sample.route, sample.status) == ("POST", "/items/{id}", 201)
        assert (sample.request_bytes, sample.response_bytes) == (12, 5)
        assert sample.first_byte_seconds is not None
        assert 0 <= sample.first_byte_seconds <= sample.duration_seconds < 60
        assert recorder.flying == [1, -1]

    @pytest.mark.parametrize(("length", "size"), [(b"7", 7), (b"x", 0), (b"9" * 30, 0), (None, 0)])
    async def test_a_file_that_the_server_sends_counts_by_its_declared_length(
        self, length: bytes | None, size: int
    ) -> None:
        recorder = Recorder()
        made, _, _ = exchange(Parts(metrics=recorder))
        headers = [] if length is None else [(b"Content-Length", length)]
        await made.send(start(200, *headers))
        await made.send({"type": "http.response.pathsend", "path": "/x"})
        made.end(None)
        assert recorder.samples[0].response_bytes == size

    def test_takes_the_longest_length_that_there_is(self) -> None:
        recorder = Recorder()
        made, _, _ = exchange(Parts(metrics=recorder), (b"content-length", b"9" * 19))
        made.end(None)
        assert recorder.samples[0].request_bytes == 10**19 - 1

    @pytest.mark.parametrize("length", [b"", b"-1", b"x", b"1, 2", b"9" * 20])
    def test_a_length_that_is_none_is_unknown(self, length: bytes) -> None:
        recorder = Recorder()
        made, _, _ = exchange(Parts(metrics=recorder), (b"content-length", length))
        made.end(None)
        assert recorder.samples[0].request_bytes is None

    @pytest.mark.parametrize(
        ("method", "label"),
        [("GET", "GET"), ("OPTIONS", "OPTIONS"), ("BREW", "OTHER"), ("get", "OTHER")],
    )
    def test_methods_are_few(self, method: str, label: str) -> None:
        recorder = Recorder()
        made, _, _ = exchange(Parts(metrics=recorder), method=method)
        made.end(None)
        assert (recorder.samples[0].method, recorder.samples[0].route) == (label, "unknown")

    @pytest.mark.parametrize(
        ("escaped", "status"),
        [
            (None, CLIENT_CLOSED_REQUEST),
            (KeyboardInterrupt(), CLIENT_CLOSED_REQUEST),
            (ValueError("x"), 500),
        ],
    )
    def test_says_how_it_ended_without_an_answer(
        self, escaped: BaseException | None, status: int
    ) -> None:
        recorder = Recorder()
        made, _, _ = exchange(Parts(metrics=recorder))
        made.end(escaped)
        (sample,) = recorder.samples
        assert (sample.status, sample.first_byte_seconds) == (status, None)

    async def test_a_recorder_of_the_basic_values_gets_just_these(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        recorder = Plain()
        made, state, _ = exchange(Parts(metrics=recorder), method="PUT")
        state.label = "/items"
        await made.send(start(204))
        made.end(None)
        assert recorder.records == [("PUT", "/items", 204)]
        made, _, _ = exchange(Parts(metrics=recorder))
        made.end(ValueError("x"))
        assert "the hook record failed" in caplog.text

    def test_a_recorder_that_fails_changes_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        recorder = Recorder()
        recorder.fails = True
        made, _, _ = exchange(Parts(metrics=recorder))
        recorder.fails = False
        made.end(None)
        assert recorder.flying == []
        assert len(recorder.samples) == 1
        assert "the hook in_flight failed" in caplog.text


async def test_the_time_is_that_of_the_first_byte() -> None:
    recorder = Recorder()
    made, _, wire = exchange(Parts(correlation=Correlating(CorrelationSpec()), metrics=recorder))
    before = time.perf_counter()
    await made.send(start())
    took = time.perf_counter() - before
    made.end(None)
    headers = dict(wire.messages[0]["headers"])
    assert int(headers[b"x-response-time-ms"]) <= recorder.samples[0].duration_seconds * 1000
    assert took < 5
