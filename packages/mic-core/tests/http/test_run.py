import asyncio
import functools
import logging
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from mic.contracts import StrictSchema
from mic.http._auth_mode import AuthMode
from mic.http._run import compile_route
from mic.http.authenticators import bearer_authenticator
from mic.http.context import request_state
from mic.http.options import HttpOptions
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.model import ConflictError, ForbiddenError

VALUE: ContextVar[str] = ContextVar("value", default="none")


class Item(StrictSchema):
    name: str


class Full(Item):
    secret: str = "s"


async def nothing() -> None: ...


async def test_a_sync_handler_runs_in_a_thread_with_the_context(make_route: Any, call: Any) -> None:
    def handler() -> dict[str, Any]:
        return {"thread": threading.get_ident(), "value": VALUE.get()}

    VALUE.set("mine")
    route = compile_route(make_route(handler))
    body = (await call(route)).json()
    assert body["thread"] != threading.get_ident()
    assert body["value"] == "mine"
    inline = compile_route(make_route(handler, run_in_thread=False))
    assert (await call(inline)).json()["thread"] == threading.get_ident()


async def test_a_returned_awaitable_is_awaited_on_the_loop(make_route: Any, call: Any) -> None:
    def handler() -> Any:
        async def answer() -> str:
            return "later"

        return answer()

    assert (await call(compile_route(make_route(handler)))).json() == "later"


async def test_partials_and_callable_objects_are_handlers(make_route: Any, call: Any) -> None:
    async def handler(repo: str, name: str = "x") -> list[str]:
        return [repo, name]

    class Handler:
        async def __call__(self, name: str) -> str:
            return name

    bound = functools.partial(handler, repo="mine")
    reply = await call(compile_route(make_route(bound)), "GET", "/?repo=theirs&name=n")
    assert reply.json() == ["mine", "n"]
    assert (await call(compile_route(make_route(Handler())), "GET", "/?name=n")).json() == "n"


async def test_domain_errors_are_answered_and_remembered(make_route: Any, call: Any) -> None:
    async def handler() -> None:
        raise ConflictError(code="a.b", message="m", headers={"x": "1"})

    scope: dict[str, Any] = {}
    reply = await call(compile_route(make_route(handler)), scope=scope)
    assert (reply.status, reply.header("x"), reply.json()["code"]) == (409, "1", "a.b")


async def test_other_errors_pass_through(make_route: Any, call: Any) -> None:
    async def handler() -> None:
        raise KeyError("secret")

    with pytest.raises(KeyError, match="secret"):
        await call(compile_route(make_route(handler)))


@pytest.mark.parametrize("in_thread", [True, False])
async def test_guards_run_before_anything_is_parsed(
    make_route: Any, call: Any, in_thread: bool
) -> None:
    seen: list[str] = []

    def sync_guard(context: HttpRequestContext) -> Any:
        seen.append("route")
        if in_thread:
            return None

        async def later() -> None:
            seen.append("awaited")

        return later()

    async def refuse(context: HttpRequestContext) -> None:
        seen.append(f"options {context.path}")
        if context.header("x-let") is None:
            raise ForbiddenError(code="a.no", message="no")

    class Guarded:
        async def __call__(self, context: HttpRequestContext) -> None:
            seen.append("object")

    async def handler(payload: Item) -> str:
        return payload.name

    route = compile_route(
        make_route(handler, "POST", guards=(sync_guard, Guarded())),
        options=HttpOptions(guards=(refuse,)),
    )
    reply = await call(route, "POST", "/", body=b"not json")
    assert (reply.status, seen) == (403, ["options /"])
    seen.clear()
    passed = await call(
        route,
        "POST",
        "/",
        headers=[("x-let", "1"), ("content-type", "application/json")],
        body=b'{"name":"n"}',
    )
    assert passed.json() == "n"
    assert seen == ["options /", "route", *([] if in_thread else ["awaited"]), "object"]


async def test_middleware_stands_inside_auth_and_outside_guards(make_route: Any, call: Any) -> None:
    order: list[str] = []

    def layer(name: str) -> Any:
        def wrap(app: Any) -> Any:
            async def middleware(scope: Any, receive: Any, send: Any) -> None:
                state = request_state(scope)
                assert state.route is not None
                order.append(f"{name} {state.principal and state.principal.subject}")
                await app(scope, receive, send)

            return middleware

        return wrap

    async def guard(context: HttpRequestContext) -> None:
        order.append("guard")

    async def handler() -> str:
        order.append("handler")
        return ""

    options = HttpOptions(
        middleware=(layer("options"),),
        authenticator=bearer_authenticator(lambda token: Principal(token)),
    )
    route = compile_route(
        make_route(
            handler, middleware=(layer("a"), layer("b")), guards=(guard,), auth=AuthMode.USER
        ),
        options=options,
    )
    assert (await call(route, headers=[("authorization", "Bearer ann")])).status == 200
    assert order == ["options ann", "a ann", "b ann", "guard", "handler"]
    order.clear()
    assert (await call(route)).status == 401
    assert order == []


async def test_an_error_of_a_middleware_is_answered_around_it(make_route: Any, call: Any) -> None:
    def early(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            raise ConflictError(code="a.early", message="m")

        return middleware

    def late(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            await app(scope, receive, send)
            raise ConflictError(code="a.late", message="m")

        return middleware

    reply = await call(compile_route(make_route(nothing, middleware=(early,))))
    assert (reply.status, reply.json()["code"]) == (409, "a.early")
    with pytest.raises(ConflictError, match="m"):
        await call(compile_route(make_route(nothing, middleware=(late,))))


async def test_a_domain_error_of_a_stream_ends_no_second_answer(make_route: Any) -> None:
    sent: list[Any] = []

    def chunks() -> Any:
        yield b"1"
        raise ConflictError(code="a.late", message="too late")

    async def stream() -> HttpResponseSpec:
        return HttpResponseSpec.streaming(chunks())

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append((message["type"], message.get("status"), message.get("body")))

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(ConflictError, match="too late"):
        await compile_route(make_route(stream))(scope, receive, send)
    assert sent == [("http.response.start", 200, None), ("http.response.body", None, b"1")]


def passing(app: Any) -> Any:
    """Middleware that adds nothing."""
    return app


def refusing(app: Any) -> Any:
    """Middleware that lets nothing pass."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        raise ForbiddenError(message="no")

    return middleware


@pytest.mark.parametrize("middleware", [(), (passing,)])
async def test_a_host_may_take_a_plain_answer_and_send_it_itself(
    make_route: Any, middleware: Any
) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def answer_to(handler: Any, method: str = "GET", **options: Any) -> Any:
        scope = {"type": "http", "method": method, "path": "/", "headers": []}
        route = compile_route(make_route(handler, middleware=middleware, **options))
        return await route.answer(scope, receive, send)

    def item() -> Item:
        return Item(name="nail")

    async def fail() -> None:
        raise ConflictError(code="a.b", message="m")

    async def stream() -> HttpResponseSpec:
        return HttpResponseSpec.streaming([b"1"])

    plain = await answer_to(item)
    assert (plain.status, plain.body) == (200, b'{"name":"nail"}')
    head = await answer_to(item, "HEAD")
    assert (head.headers, head.body) == (plain.headers, b"")
    assert (await answer_to(fail)).status == 409
    assert sent == []
    assert await answer_to(stream) is None
    assert sent == ["http.response.start", "http.response.body", "http.response.body"]


async def test_a_refusal_of_a_middleware_is_an_answer_too(make_route: Any) -> None:
    route = compile_route(make_route(nothing, middleware=(refusing,)))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}

    async def never(*_: Any) -> Any:
        raise AssertionError

    answer = await route.answer(scope, never, never)
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("kind", ["async", "sync", "awaitable"])
async def test_background_runs_after_the_last_byte(make_route: Any, call: Any, kind: str) -> None:
    done: list[bool] = []
    reply: Any = None

    def sync_task() -> None:
        done.append(bool(reply.complete))

    async def async_task() -> None:
        sync_task()

    task: Any = {"async": async_task, "sync": sync_task, "awaitable": lambda: async_task()}[kind]

    async def handler() -> HttpResponseSpec:
        return HttpResponseSpec(200, 1, background=task)

    reply = type("Later", (), {"messages": [], "complete": True})()
    await call(compile_route(make_route(handler)), reply=reply)
    assert done == [True]


async def test_a_failing_background_task_is_logged(
    make_route: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def task() -> None:
        raise KeyError("lost")

    async def handler() -> HttpResponseSpec:
        return HttpResponseSpec(200, 1, background=task)

    with caplog.at_level(logging.ERROR):
        assert (await call(compile_route(make_route(handler)))).status == 200
    assert "the background task failed" in caplog.text


async def test_a_host_may_take_the_background_over(make_route: Any, call: Any) -> None:
    done: list[int] = []

    async def handler() -> HttpResponseSpec:
        return HttpResponseSpec(200, 1, background=lambda: done.append(1))

    route = compile_route(make_route(handler))

    async def host(scope: Any, receive: Any, send: Any) -> None:
        state = request_state(scope)
        state.deferred = []
        await route(scope, receive, send)
        assert done == []
        for background in state.deferred:
            await background()

    await call(host)
    assert done == [1]


async def test_a_host_may_leave_path_parameters_in_the_scope(make_route: Any, call: Any) -> None:
    async def handler(item_id: int) -> int:
        return item_id

    route = compile_route(make_route(handler, path="/{item_id}"))
    assert (await call(route, "GET", "/7", scope={"path_params": {"item_id": 7}})).json() == 7
    assert (await call(route, "GET", "/7")).status == 400


async def test_six_sync_handlers_wait_together(make_route: Any, call: Any) -> None:
    barrier = threading.Barrier(6, timeout=10)

    def handler() -> int:
        return barrier.wait()

    route = compile_route(make_route(handler))
    replies = await asyncio.gather(*(call(route) for _ in range(6)))
    assert sorted(reply.json() for reply in replies) == [0, 1, 2, 3, 4, 5]
