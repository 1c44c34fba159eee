"""`mic.http.middleware.correlation`: one request, one set of ids."""

from typing import Any

import pytest

from mic.http.context import current_correlation, propagation_headers, request_state
from mic.http.correlation import CorrelationFinish, CorrelationSpec, CorrelationStart
from mic.http.middleware import CorrelationMiddleware

PARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


class App:
    """Remembers what it could know."""

    def __init__(self) -> None:
        self.ids: CorrelationStart | None = None
        self.propagated: dict[str, str] = {}
        self.state: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.ids = current_correlation()
        assert request_state(scope).correlation is self.ids
        self.propagated = propagation_headers()
        self.state = scope["state"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})


@pytest.fixture
def app() -> App:
    return App()


async def test_takes_good_ids_over(call: Any, app: App) -> None:
    headers = [("X-Correlation-Id", "c-1"), ("x-request-id", "r-1"), ("traceparent", PARENT)]
    reply = await call(CorrelationMiddleware(app), headers=headers)
    assert (reply.header("x-correlation-id"), reply.header("x-request-id")) == ("c-1", "r-1")
    assert int(reply.header("x-response-time-ms")) >= 0
    assert app.propagated == {"x-correlation-id": "c-1", "traceparent": PARENT}
    assert (app.state["correlation_id"], app.state["request_id"]) == ("c-1", "r-1")
    assert app.state["duration_ms"] == int(reply.header("x-response-time-ms"))


async def test_replaces_evil_ones_and_keeps_nothing_of_them(
    call: Any, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    headers = [("X-Correlation-Id", "evil id;<>"), ("x-request-id", "evil id;<>")]
    reply = await call(CorrelationMiddleware(app), headers=headers)
    assert len(reply.header("x-correlation-id")) == len(reply.header("x-request-id")) == 32
    assert "evil" not in repr(reply.headers)
    assert "evil" not in repr(app.ids)
    assert "evil" not in caplog.text


async def test_the_ids_are_gone_after_the_request(call: Any, app: App) -> None:
    await call(CorrelationMiddleware(app))
    assert app.ids is not None
    assert current_correlation() is None

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        await call(CorrelationMiddleware(broken))
    assert current_correlation() is None


async def test_hooks_see_the_request_come_and_the_answer_begin(call: Any, app: App) -> None:
    seen: list[Any] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        seen.append("app")
        await app(scope, receive, send)
        seen.append("sent")

    middleware = CorrelationMiddleware(watched, on_start=seen.append, on_finish=seen.append)
    await call(middleware, headers=[("x-request-id", "r")])
    start, running, finish, sent = seen
    assert (running, sent) == ("app", "sent")
    assert start is app.ids
    assert isinstance(finish, CorrelationFinish)
    assert finish.request_id == "r"


async def test_a_hook_that_fails_changes_nothing(
    call: Any, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(ids: Any) -> None:
        raise RuntimeError("hook")

    middleware = CorrelationMiddleware(app, on_start=fail, on_finish=fail)
    assert (await call(middleware)).status == 200
    assert len(caplog.records) == 2


async def test_there_is_one_request_id_however_many_stand_around(call: Any, app: App) -> None:
    inner = CorrelationMiddleware(app, spec=CorrelationSpec(request_id_factory=lambda: "inner"))
    reply = await call(CorrelationMiddleware(inner))
    ids = [value for name, value in reply.headers if name == b"x-request-id"]
    assert app.ids is not None
    assert ids == [app.ids.request_id.encode()]
    assert ids != [b"inner"]


async def test_other_names(call: Any, app: App) -> None:
    spec = CorrelationSpec(
        correlation_header="X-Trace", request_header="X-Call", response_time_header="X-Took"
    )
    reply = await call(CorrelationMiddleware(app, spec=spec), headers=[("x-trace", "t")])
    assert reply.header("x-trace") == "t"
    assert [name for name, _ in reply.headers] == [b"x-trace", b"x-call", b"x-took"]
