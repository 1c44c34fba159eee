import asyncio
import functools
import logging
import threading
import time
from contextvars import ContextVar
from typing import Any

import pytest

from mic.contracts import StrictSchema
from mic.http._auth_mode import AuthMode
from mic.http._run import compile_route
from mic.http.authenticators import bearer_authenticator
from mic.http.context import current_deadline, request_state
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


async def test_results_without_a_spec(make_route: Any, call: Any) -> None:
    async def item() -> Item:
        return Full(name="n")

    async def mixed() -> Item | HttpResponseSpec:
        return Full(name="n")

    assert (await call(compile_route(make_route(item)))).json() == {"name": "n"}
    assert (await call(compile_route(make_route(mixed)))).json() == {"name": "n", "secret": "s"}
    created = await call(compile_route(make_route(item, success_status=201)))
    assert created.status == 201
    empty = await call(compile_route(make_route(nothing)))
    assert (empty.status, empty.headers, empty.body) == (204, [], b"")
    assert compile_route(make_route(item)).response_model is Item


async def test_an_unwritable_result_is_a_500_that_shows_nothing(
    make_route: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def wrong() -> Item:
        return {"secret-value": 1}  # type: ignore[return-value]

    async def opaque() -> HttpResponseSpec:
        return HttpResponseSpec(200, object())

    for handler in (wrong, opaque):
        reply = await call(compile_route(make_route(handler, name="items.bad")))
        assert (reply.status, reply.json()["code"]) == (500, "internal_error")
    assert "items.bad" in caplog.text
    assert "secret-value" not in caplog.text


async def test_head_gets_the_headers_of_get(make_route: Any, call: Any) -> None:
    async def handler() -> str:
        return "text"

    route = compile_route(make_route(handler))
    get, head = await call(route), await call(route, "HEAD")
    assert (head.headers, head.body) == (get.headers, b"")


async def test_a_dropped_body_is_said_once(
    make_route: Any, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler() -> HttpResponseSpec:
        return HttpResponseSpec(204, "dropped")

    route = compile_route(make_route(handler))
    for _ in range(2):
        assert (await call(route)).body == b""
    assert len([r for r in caplog.records if "is dropped" in r.message]) == 1


async def test_streams_and_files(make_route: Any, call: Any, tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("file")

    async def stream() -> HttpResponseSpec:
        return HttpResponseSpec.streaming([b"1", b"2"], headers={"x": "1"})

    async def file() -> HttpResponseSpec:
        return HttpResponseSpec.file("a.txt", root=tmp_path, headers={"x": "1"})

    async def gone() -> HttpResponseSpec:
        return HttpResponseSpec.file("b.txt", root=tmp_path)

    reply = await call(compile_route(make_route(stream)))
    assert (reply.body, reply.header("x"), reply.header("content-length")) == (b"12", "1", None)
    assert (await call(compile_route(make_route(stream)), "HEAD")).body == b""
    assert (await call(compile_route(make_route(file)))).body == b"file"
    missing = await call(compile_route(make_route(gone)))
    assert (missing.status, missing.json()["code"]) == (404, "http.file_not_found")


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


@pytest.mark.parametrize("headers", [[], [("x-request-timeout-ms", "60000")]])
async def test_a_deadline_is_bound_and_passed_it_is_a_504(
    make_route: Any, call: Any, headers: Any
) -> None:
    cancelled: list[bool] = []

    async def slow() -> None:
        assert current_deadline() is not None
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    route = compile_route(make_route(slow, timeout_seconds=0.02))
    reply = await call(route, headers=headers)
    assert (reply.status, reply.json()["code"]) == (504, "transient.deadline_exceeded")
    assert cancelled == [True]
    assert current_deadline() is None


@pytest.mark.parametrize("middleware", [(), (passing,)])
async def test_the_gate_counts_into_the_deadline(
    make_route: Any, call: Any, middleware: Any
) -> None:
    async def verify(token: str) -> Principal:
        if token == "slow":
            await asyncio.Event().wait()
        return Principal(token)

    options = HttpOptions(authenticator=bearer_authenticator(verify))
    for token, seconds, status in (("slow", 0.02, 504), ("quick", 60, 204)):
        route = compile_route(
            make_route(nothing, middleware=middleware, auth=AuthMode.USER, timeout_seconds=seconds),
            options=options,
        )
        reply = await call(route, headers=[("authorization", f"Bearer {token}")])
        assert reply.status == status


@pytest.mark.parametrize(
    ("value", "status"),
    [("0", 504), ("000", 504), ("60000", 204), ("x", 204), ("-1", 204), ("9" * 11, 204)],
)
async def test_the_callers_patience_counts(
    make_route: Any, call: Any, value: str, status: int
) -> None:
    reply = await call(
        compile_route(make_route(nothing)), headers=[("X-Request-Timeout-Ms", value)]
    )
    assert reply.status == status


async def test_the_deadline_header_may_be_ignored(make_route: Any, call: Any) -> None:
    route = compile_route(make_route(nothing), options=HttpOptions(deadline_header=None))
    assert (await call(route, headers=[("X-Request-Timeout-Ms", "0")])).status == 204


async def test_somebody_elses_timeout_is_no_deadline(make_route: Any, call: Any) -> None:
    async def handler() -> None:
        raise TimeoutError("a driver's")

    with pytest.raises(TimeoutError, match="driver"):
        await call(compile_route(make_route(handler, timeout_seconds=60)))


async def test_a_thread_past_its_deadline_keeps_its_slot(make_route: Any, call: Any) -> None:
    release = threading.Event()

    def slow() -> None:
        release.wait(10)

    options = HttpOptions(thread_limit=1, thread_queue_limit=0)
    route = compile_route(make_route(slow, timeout_seconds=0.02), options=options)
    assert (await call(route)).status == 504
    full = await call(route)
    assert (full.status, full.json()["code"]) == (503, "http.overloaded")
    assert full.header("retry-after") == "1"
    release.set()
    deadline = time.monotonic() + 10
    while (await call(route)).status != 204:
        assert time.monotonic() < deadline


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
