"""`mic.http.middleware.stack`: all parts at once, in front of everything."""

import logging
from typing import Any

import pytest

from mic.http.asgi import build_asgi_app
from mic.http.context import current_correlation, request_state
from mic.http.correlation import CorrelationSpec
from mic.http.csrf import CsrfPolicy
from mic.http.middleware import (
    HttpRequestSample,
    MetricsRecorder,
    MicStack,
    MicStackMiddleware,
    SecurityHeaders,
)
from mic.http.options import HttpOptions
from mic.http.request_context import HttpRequestContext
from mic.http.table import compile_routes
from mic.model import ConflictError


class Recorder(MetricsRecorder):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.samples: list[HttpRequestSample] = []
        self.flying = 0

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        raise AssertionError

    def record_request(self, sample: HttpRequestSample) -> None:
        self.samples.append(sample)

    def in_flight(self, *, method: str, delta: int) -> None:
        self.flying += delta


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


def refusing(app: Any) -> Any:
    """Middleware that answers for itself, and raises on another path."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/refused":
            await send({"type": "http.response.start", "status": 418, "headers": []})
            await send({"type": "http.response.body"})
        elif scope["path"] == "/conflict":
            raise ConflictError(code="inner.conflict", message="conflict")
        else:
            await app(scope, receive, send)

    return middleware


@pytest.fixture
def service(make_route: Any, recorder: Recorder) -> Any:
    async def get_item(item: int) -> dict[str, int]:
        return {"item": item}

    async def post_item(payload: dict[str, Any]) -> None:
        return None

    async def fail() -> None:
        raise KeyError("canary")

    routes = [
        make_route(get_item, "GET", "/items/{item}", name="get"),
        make_route(post_item, "POST", "/items", name="post", max_body_bytes=10),
        make_route(fail, "GET", "/fail", name="fail"),
    ]
    stack = MicStack(metrics=recorder, csrf=CsrfPolicy(), inner=(refusing,))
    return build_asgi_app(routes=routes, stack=stack)


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "label"),
    [
        ("GET", "/items/7", {}, 200, "/items/{item}"),
        ("GET", "/items/x", {}, 400, "/items/{item}"),
        ("GET", "/nothing", {}, 404, "unknown"),
        ("PUT", "/items/7", {}, 405, "unknown"),
        ("POST", "/items", {"body": b"x" * 11}, 413, "/items"),
        ("GET", "/refused", {}, 418, "unknown"),
        ("GET", "/conflict", {}, 409, "unknown"),
        ("POST", "/items", {"headers": [("cookie", "access_token=a")]}, 403, "/items"),
        ("OPTIONS", "/items", {}, 204, "unknown"),
    ],
)
async def test_every_answer_has_ids_security_headers_and_metrics(
    call: Any,
    service: Any,
    recorder: Recorder,
    method: str,
    path: str,
    options: dict[str, Any],
    status: int,
    label: str,
) -> None:
    reply = await call(service, method, path, **options)
    assert reply.status == status
    names = [name for name, _ in reply.headers]
    assert names[-7:] == [
        b"x-correlation-id",
        b"x-request-id",
        b"x-response-time-ms",
        b"strict-transport-security",
        b"x-content-type-options",
        b"x-frame-options",
        b"referrer-policy",
    ]
    (sample,) = recorder.samples
    assert (sample.status, sample.route) == (status, label)
    assert recorder.flying == 0
    if status >= 400 and reply.body:
        assert reply.json()["instance"] == f"urn:mic:request:{reply.header('x-request-id')}"


async def test_a_fault_has_all_of_it_too_and_goes_on(
    call: Any, service: Any, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        async def spy(message: Any) -> None:
            sent.append(message)

        await service(scope, receive, spy)

    with pytest.raises(KeyError, match="canary"):
        await call(server, "GET", "/fail")
    start, body = sent
    headers = dict(start["headers"])
    assert start["status"] == 500
    assert headers[b"x-frame-options"] == b"DENY"
    assert len(headers[b"x-request-id"]) == 32
    assert b"canary" not in body["body"]
    assert [(s.status, s.route) for s in recorder.samples] == [(500, "/fail")]
    assert recorder.flying == 0
    unhandled = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(unhandled) == 1
    assert "route fail" in unhandled[0].getMessage()


async def test_ids_are_known_to_everything_inside(call: Any) -> None:
    seen: list[Any] = []

    def inner(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            seen.append((current_correlation(), request_state(scope).correlation))
            await app(scope, receive, send)

        return middleware

    app = MicStackMiddleware(ok, stack=MicStack(inner=(inner,)))
    reply = await call(app, headers=[("x-request-id", "r-1")])
    ((bound, kept),) = seen
    assert bound is kept
    assert bound.request_id == reply.header("x-request-id") == "r-1"
    assert [name for name, _ in reply.headers].count(b"x-request-id") == 1


async def test_the_order_is_inner_in_order_then_csrf_then_the_app(call: Any) -> None:
    order: list[str] = []

    def named(name: str) -> Any:
        def wrap(app: Any) -> Any:
            async def middleware(scope: Any, receive: Any, send: Any) -> None:
                order.append(name)
                await app(scope, receive, send)

            return middleware

        return wrap

    stack = MicStack(csrf=CsrfPolicy(), inner=(named("first"), named("second")))
    app = MicStackMiddleware(ok, stack=stack)
    reply = await call(app, "POST", headers=[("cookie", "access_token=a")])
    assert reply.status == 403
    assert order == ["first", "second"]


async def test_route_and_client_are_known_before_inner(call: Any, make_route: Any) -> None:
    seen: list[Any] = []

    def inner(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            state = request_state(scope)
            seen.append((state.route, state.path_params, state.label, state.client_host))
            await app(scope, receive, send)

        return middleware

    async def handler(context: HttpRequestContext) -> str | None:
        return context.client_host

    spec = make_route(handler, "GET", "/items/{item}", name="get")
    options = HttpOptions(trusted_proxies=("192.0.2.0/24",), forward_header="forwarded")
    app = build_asgi_app(routes=[spec], options=options, stack=MicStack(inner=(inner,)))
    reply = await call(app, "GET", "/items/7", headers=[("forwarded", "for=198.51.100.7")])
    assert reply.json() == "198.51.100.7"
    assert seen == [(spec, {"item": "7"}, "/items/{item}", "198.51.100.7")]


async def test_every_part_can_be_switched_off(call: Any) -> None:
    stack = MicStack(correlation=None, security_headers=None, render_errors=False)
    reply = await call(MicStackMiddleware(ok, stack=stack))
    assert reply.headers == []

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ConflictError(message="conflict")

    with pytest.raises(ConflictError, match="conflict"):
        await call(MicStackMiddleware(broken, stack=stack))


async def test_parts_take_their_own_settings(call: Any) -> None:
    stack = MicStack(
        correlation=CorrelationSpec(request_id_factory=lambda: "made"),
        security_headers=SecurityHeaders(hsts_max_age=None, content_security_policy="default-src"),
    )
    reply = await call(MicStackMiddleware(ok, stack=stack))
    assert reply.header("x-request-id") == "made"
    assert reply.header("content-security-policy") == "default-src"
    assert reply.header("strict-transport-security") is None


async def test_problems_of_every_part_begin_as_the_options_say(call: Any, make_route: Any) -> None:
    options = HttpOptions(problem_type_base="https://errors.example/")
    table = compile_routes([make_route(lambda: None)], options=options)
    stack = MicStack(csrf=CsrfPolicy(), inner=(refusing,))
    app = MicStackMiddleware(ok, stack=stack, routes=table, options=options)
    reply = await call(app, "GET", "/conflict")
    assert reply.json()["type"] == "https://errors.example/inner.conflict"
    reply = await call(app, "POST", "/x", headers=[("cookie", "access_token=a")])
    assert reply.json()["type"] == "https://errors.example/csrf.missing_token"


async def test_websockets_reach_inner_and_app(open_websocket: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    stack = MicStack(csrf=CsrfPolicy(), inner=(refusing,))
    sent = await open_websocket(MicStackMiddleware(app, stack=stack))
    assert sent == [{"type": "websocket.accept"}]


def test_a_stack_is_a_value() -> None:
    assert MicStack() == MicStack()
    assert MicStack() != MicStack(render_errors=False)
