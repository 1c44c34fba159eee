"""`mic.http.middleware.metrics`: every request is measured, however it ends."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http.context import request_state
from mic.http.middleware import HttpRequestSample, MetricsMiddleware, MetricsRecorder
from mic.http.table import compile_routes


class Recorder(MetricsRecorder):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.samples: list[HttpRequestSample] = []
        self.flying: dict[str, int] = {}
        self.most = 0

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        raise AssertionError

    def record_request(self, sample: HttpRequestSample) -> None:
        self.samples.append(sample)

    def in_flight(self, *, method: str, delta: int) -> None:
        self.flying[method] = self.flying.get(method, 0) + delta
        self.most = max(self.most, self.flying[method])


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"abc"})


async def test_measures_a_request(call: Any, recorder: Recorder) -> None:
    await call(MetricsMiddleware(ok, recorder=recorder), "POST", "/secret/path")
    (sample,) = recorder.samples
    assert (sample.method, sample.route, sample.status) == ("POST", "unknown", 200)
    assert sample.response_bytes == 3
    assert (recorder.flying, recorder.most) == ({"POST": 0}, 1)


async def test_without_a_recorder_it_only_passes_on(call: Any) -> None:
    assert (await call(MetricsMiddleware(ok, recorder=None))).body == b"abc"


async def test_names_the_template_even_when_something_in_between_answers(
    call: Any, recorder: Recorder, make_route: Any
) -> None:
    table = compile_routes([make_route(lambda item: None, "GET", "/items/{item}")])
    middleware = MetricsMiddleware(ok, recorder=recorder, routes=table)
    for path in ("/items/7", "/items/8", "/other"):
        await call(middleware, "GET", path)
    await call(middleware, "HEAD", "/items/7")
    labels = [sample.route for sample in recorder.samples]
    assert labels == ["/items/{item}", "/items/{item}", "unknown", "/items/{item}"]


async def test_takes_the_label_that_a_host_knows(call: Any, recorder: Recorder) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        request_state(scope).label = "/native/{x}"
        await ok(scope, receive, send)

    await call(MetricsMiddleware(app, recorder=recorder))
    assert recorder.samples[0].route == "/native/{x}"


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyError("bug"), 500), (asyncio.CancelledError("bug"), 499), (SystemExit("bug"), 499)],
)
async def test_measures_what_fails(
    call: Any, recorder: Recorder, error: BaseException, status: int
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise error

    with pytest.raises(type(error), match="bug"):
        await call(MetricsMiddleware(app, recorder=recorder))
    assert [sample.status for sample in recorder.samples] == [status]
    assert recorder.flying == {"GET": 0}


async def test_a_client_that_left_is_a_499(call: Any, recorder: Recorder) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    await call(MetricsMiddleware(app, recorder=recorder), "POST", disconnect=True)
    assert recorder.samples[0].status == 499


async def test_a_request_that_is_cancelled_lands(recorder: Recorder) -> None:
    running = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        running.set()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        return None

    async def receive() -> Any:
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    middleware = MetricsMiddleware(app, recorder=recorder)
    task = asyncio.ensure_future(middleware(scope, receive, send))
    await running.wait()
    assert recorder.flying == {"GET": 1}
    task.cancel("gone")
    with pytest.raises(asyncio.CancelledError, match="gone"):
        await task
    assert recorder.flying == {"GET": 0}
    assert [sample.status for sample in recorder.samples] == [200]


@given(
    method=st.text(max_size=8),
    path=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
async def test_labels_are_bounded(method: str, path: str) -> None:
    recorder = Recorder()

    async def send(message: Any) -> None:
        return None

    async def receive() -> Any:
        raise AssertionError

    scope = {"type": "http", "method": method, "path": "/" + path, "headers": []}
    await MetricsMiddleware(ok, recorder=recorder)(scope, receive, send)
    (sample,) = recorder.samples
    known = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"}
    assert sample.method in known
    assert sample.route == "unknown"
    assert recorder.flying == {sample.method: 0}
