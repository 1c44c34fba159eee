from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Body, Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from mic.fastapi import build_fastapi_router, install_error_handlers
from mic.fastapi._dependencies import Exchange
from mic.http import HttpOptions, HttpResponseSpec, HttpRouteSpec
from mic.model import ConflictError, DomainError, ForbiddenError, NotFoundError

Routes = tuple[HttpRouteSpec, ...]
Handler = Callable[..., Any]


def app_of(routes: Routes, *dependencies: Any, handlers: bool = False, **options: Any) -> FastAPI:
    app = FastAPI()
    if handlers:
        install_error_handlers(app)
    app.include_router(
        build_fastapi_router(routes=routes, **options),
        dependencies=[Depends(dependency) for dependency in dependencies],
    )
    return app


def one(handler: Handler, method: Any = "GET", path: str = "/one", **more: Any) -> Routes:
    return (HttpRouteSpec(method, path, "one", "test", handler, **more),)


class Transaction:
    """A dependency with `yield` that writes down how it ended."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.raised: BaseException | None = None

    async def __call__(self) -> AsyncIterator[None]:
        self.steps.append("begin")
        try:
            yield
        except BaseException as error:
            self.raised = error
            self.steps.append("rollback")
            raise
        self.steps.append("commit")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("handlers", [True, False])
async def test_the_refusal_of_a_dependency_wins(
    status: int, handlers: bool, client_of: Any
) -> None:
    called: list[str] = []

    def refuse() -> None:
        raise HTTPException(status, "go away", headers={"X-Why": "because"})

    app = app_of(one(lambda: called.append("handler")), refuse, handlers=handlers)
    answer = await client_of(app).get("/one")
    assert (answer.status_code, answer.header("x-why"), called) == (status, "because", [])


@pytest.mark.parametrize("handlers", [True, False])
async def test_a_domain_error_of_a_dependency_is_a_problem(handlers: bool, client_of: Any) -> None:
    def refuse() -> None:
        raise ForbiddenError(code="tenant.closed", message="the tenant is closed")

    app = app_of(one(lambda: None), refuse, handlers=handlers)
    answer = await client_of(app).get("/one")
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant.closed")
    assert (await client_of(app).head("/one")).body == b""


@pytest.mark.parametrize("handlers", [True, False])
async def test_a_yield_dependency_sees_the_very_error_and_the_answer_stands(
    handlers: bool, client_of: Any
) -> None:
    error = NotFoundError(code="items.not_found", message="no such item", headers={"X-A": "1"})

    def fail() -> None:
        raise error

    plain = app_of(one(fail))
    transaction = Transaction()
    app = app_of(one(fail), transaction, handlers=handlers)
    answer, expected = await client_of(app).get("/one"), await client_of(plain).get("/one")
    assert transaction.raised is error
    assert transaction.steps == ["begin", "rollback"]
    assert (answer.status_code, answer.error) == (404, None)
    assert (answer.raw_headers, answer.body) == (expected.raw_headers, expected.body)


async def test_an_unknown_error_passes_the_dependencies_and_reaches_the_app(
    client_of: Any,
) -> None:
    def fail() -> None:
        raise KeyError("canary")

    transaction = Transaction()
    answer = await client_of(app_of(one(fail), transaction)).get("/one")
    assert transaction.steps == ["begin", "rollback"]
    assert isinstance(answer.error, KeyError)
    assert answer.status_code == 500
    assert b"canary" not in answer.body


async def test_a_bad_request_rolls_back_too(client_of: Any) -> None:
    async def handler(limit: int) -> int:
        return limit

    transaction = Transaction()
    answer = await client_of(app_of(one(handler), transaction)).get("/one?limit=x")
    assert (answer.status_code, answer.json()["code"]) == (400, "http.validation_error")
    assert transaction.steps == ["begin", "rollback"]


async def test_a_dependency_may_turn_the_error_into_another(client_of: Any) -> None:
    async def translate() -> AsyncIterator[None]:
        try:
            yield
        except NotFoundError as error:
            raise HTTPException(410, "gone") from error

    def fail() -> None:
        raise NotFoundError(code="items.not_found", message="no such item")

    answer = await client_of(app_of(one(fail), translate)).get("/one")
    assert (answer.status_code, answer.json()) == (410, {"detail": "gone"})


async def test_the_apps_own_handler_answers_first(client_of: Any) -> None:
    def fail() -> None:
        raise NotFoundError(code="items.not_found", message="no such item")

    app = app_of(one(fail), lambda: None)

    @app.exception_handler(DomainError)
    async def own(request: Request, error: DomainError) -> JSONResponse:
        return JSONResponse({"own": error.code}, status_code=499)

    answer = await client_of(app).get("/one")
    assert (answer.status_code, answer.json()) == (499, {"own": "items.not_found"})


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("function", ["begin", "commit", "sent"]), ("request", ["begin", "sent", "commit"])],
)
async def test_a_function_scoped_dependency_commits_before_the_answer_is_sent(
    scope: Any, expected: list[str], client_of: Any
) -> None:
    transaction = Transaction()
    app = FastAPI()
    app.include_router(
        build_fastapi_router(routes=one(lambda: "x")),
        dependencies=[Depends(transaction, scope=scope)],
    )

    async def watched(asgi: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Any) -> None:
            if message["type"] == "http.response.start":
                transaction.steps.append("sent")
            await send(message)

        await app(asgi, receive, noting)

    assert (await client_of(watched).get("/one")).status_code == 200
    assert transaction.steps == expected


async def test_a_dependency_gets_path_parameters_and_overrides(client_of: Any) -> None:
    seen: list[Any] = []

    def note(tenant: str, item_id: Annotated[int, Path()]) -> None:
        seen.append((tenant, item_id))

    def instead() -> None:
        seen.append("override")

    async def handler(item_id: int) -> int:
        return item_id

    app = FastAPI()
    app.include_router(
        build_fastapi_router(routes=one(handler, path="/items/{item_id}")),
        prefix="/t/{tenant}",
        dependencies=[Depends(note)],
    )
    client = client_of(app)
    assert (await client.get("/t/acme/items/7")).json() == 7
    app.dependency_overrides[note] = instead
    assert (await client.get("/t/acme/items/8")).json() == 8
    assert seen == [("acme", 7), "override"]


async def test_dependencies_of_a_standalone_router_run(client_of: Any) -> None:
    transaction = Transaction()
    router = build_fastapi_router(routes=one(lambda: "x"), dependencies=[Depends(transaction)])
    app = FastAPI()
    app.mount("/m", router)
    assert (await client_of(app).get("/m/one")).json() == "x"
    assert transaction.steps == ["begin", "commit"]


async def test_a_bad_value_for_a_dependency_is_the_frameworks_error(client_of: Any) -> None:
    def limited(limit: int) -> int:
        return limit

    client = client_of(app_of(one(lambda: "x"), limited, handlers=True))
    answer = await client.get("/one?limit=canary")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "in": "query",
            "pointer": "/limit",
            "message": "Input should be a valid integer, unable to parse string as an integer",
            "type": "int_parsing",
        }
    ]
    assert b"canary" not in answer.body


async def test_what_a_dependency_reads_of_the_body_is_there_for_the_route(
    client_of: Any,
) -> None:
    seen: list[Any] = []

    async def signed(request: Request) -> None:
        seen.append(await request.body())

    async def parsed(payload: Annotated[dict[str, Any], Body()]) -> None:
        seen.append(payload)

    async def handler(payload: dict[str, int]) -> dict[str, int]:
        return payload

    app = app_of(one(handler, "POST"), signed, parsed)
    answer = await client_of(app).post("/one", json={"a": 1})
    assert (answer.status_code, answer.json()) == (200, {"a": 1})
    assert sorted(seen, key=str) == [b'{"a":1}', {"a": 1}]


async def test_no_more_of_a_body_is_kept_than_the_route_takes(client_of: Any) -> None:
    async def drain(request: Request) -> None:
        async for _ in request.stream():
            pass

    async def handler(payload: dict[str, int]) -> dict[str, int]:
        return payload

    options = HttpOptions(max_body_bytes=100, max_multipart_bytes=100)
    app = app_of(one(handler, "POST"), drain, options=options)
    chunks = [b"x" * 60] * 1_000
    answer = await client_of(app).post(
        "/one", body=chunks, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "http.payload_too_large")


async def test_a_stream_is_sent_as_it_comes_and_its_background_runs(
    routes: Routes, client_of: Any, background: list[str]
) -> None:
    ran: list[str] = []

    def after(tasks: BackgroundTasks) -> None:
        tasks.add_task(ran.append, "dependency")

    transaction = Transaction()
    app = app_of(routes, after, transaction)
    answer = await client_of(app).get("/stream")
    assert (answer.status_code, answer.body, answer.complete) == (200, b"one,two", True)
    assert answer.header("content-length") is None
    assert (ran, background, transaction.steps) == (["dependency"], ["stream"], ["begin", "commit"])


async def test_background_runs_when_everything_is_closed(
    routes: Routes, client_of: Any, background: list[str]
) -> None:
    async def around() -> AsyncIterator[None]:
        yield
        background.append("closed")

    def after(tasks: BackgroundTasks) -> None:
        tasks.add_task(background.append, "dependency")

    answer = await client_of(app_of(routes, around, after)).get("/later")
    assert answer.json()["data"] == "later"
    assert background == ["dependency", "closed", "later"]


@pytest.mark.parametrize("handlers", [True, False])
async def test_an_error_after_the_answer_began_breaks_off(
    handlers: bool, routes: Routes, client_of: Any
) -> None:
    transaction = Transaction()
    answer = await client_of(app_of(routes, transaction, handlers=handlers)).get("/torn")
    assert (answer.status_code, answer.body, answer.complete) == (200, b"one,", False)
    assert isinstance(answer.error, RuntimeError if handlers else ConflictError)
    assert transaction.steps == ["begin", "rollback"]


async def test_a_client_that_left_is_not_answered(client_of: Any) -> None:
    called: list[str] = []

    async def handler(payload: dict[str, int]) -> None:
        called.append("handler")

    app = app_of(one(handler, "POST"), lambda: None)
    answer = await client_of(app).post(
        "/one", body=[b'{"a"'], hang_up=True, headers={"content-type": "application/json"}
    )
    assert (answer.answered, called) == (False, [])


async def test_messages_of_extensions_pass(client_of: Any) -> None:
    def early(app: Any) -> Any:
        async def hinting(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.early_hint", "links": [b"</a>"]})
            await app(scope, receive, send)

        return hinting

    app = app_of(one(lambda: "x", middleware=(early,)), lambda: None)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/one",
        "raw_path": b"/one",
        "headers": [],
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
    }
    await app(scope, receive, send)
    assert sent == ["http.response.early_hint", "http.response.start", "http.response.body"]


async def test_a_middleware_may_turn_an_error_into_a_success_that_commits(
    client_of: Any,
) -> None:
    def forgive(app: Any) -> Any:
        async def forgiving(scope: Scope, receive: Receive, send: Send) -> None:
            async def sending(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["status"] = 200
                await send(message)

            await app(scope, receive, sending)

        return forgiving

    def fail() -> None:
        raise NotFoundError(code="items.not_found", message="no such item")

    transaction = Transaction()
    answer = await client_of(app_of(one(fail, middleware=(forgive,)), transaction)).get("/one")
    assert (answer.status_code, transaction.steps) == (200, ["begin", "commit"])


async def test_one_route_in_many_includes_keeps_them_apart(client_of: Any) -> None:
    router = build_fastapi_router(routes=one(lambda: "x"))
    app = FastAPI()
    seen: list[int] = []
    for number in range(300):
        app.include_router(
            router, prefix=f"/{number}", dependencies=[Depends(_noting(seen, number))]
        )
    client = client_of(app)
    for number in (*range(300), 5):
        assert (await client.get(f"/{number}/one")).status_code == 200
    assert seen == [*range(300), 5]


def _noting(seen: list[int], number: int) -> Callable[[], None]:
    def note() -> None:
        seen.append(number)

    return note


async def test_cookies_and_headers_keep_their_order(client_of: Any) -> None:
    def handler() -> HttpResponseSpec:
        return HttpResponseSpec(
            200,
            b"x",
            headers=(("X-B", "1"), ("X-A", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        )

    direct = await client_of(app_of(one(handler))).get("/one")
    through = await client_of(app_of(one(handler), lambda: None)).get("/one")
    assert through.raw_headers == direct.raw_headers
    assert through.header_list("set-cookie") == ("a=1", "b=2")


async def test_an_answer_of_an_error_status_is_no_error(client_of: Any) -> None:
    transaction = Transaction()

    async def missing() -> HttpResponseSpec:
        return HttpResponseSpec(404, {"nothing": "here"})

    answer = await client_of(app_of(one(missing), transaction)).get("/one")
    assert (answer.status_code, answer.json()) == (404, {"nothing": "here"})
    assert transaction.raised is None


@pytest.mark.parametrize("handlers", [True, False])
async def test_another_domain_error_gets_its_own_answer(handlers: bool, client_of: Any) -> None:
    async def translate() -> AsyncIterator[None]:
        try:
            yield
        except NotFoundError as error:
            raise ConflictError(code="items.moved", message="moved") from error

    def fail() -> None:
        raise NotFoundError(code="items.not_found", message="no such item")

    answer = await client_of(app_of(one(fail), translate, handlers=handlers)).get("/one")
    assert (answer.status_code, answer.json()["code"]) == (409, "items.moved")


async def test_the_record_of_a_body_ends_one_chunk_past_the_routes_limit() -> None:
    sent = [b"a" * 60, b"b" * 60, b"c" * 60, b"d" * 60, b"e" * 60]
    chunks = iter(sent)
    got: list[bytes] = []

    async def receive() -> dict[str, Any]:
        chunk = next(chunks)
        return {"type": "http.request", "body": chunk, "more_body": chunk != sent[-1]}

    async def send(_: Any) -> None:
        raise AssertionError

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        got.extend([(await receive())["body"] for _ in range(2)])

    options = HttpOptions(max_body_bytes=100, max_multipart_bytes=100)
    exchange = Exchange(route, receive, send, described=None, options=options)
    assert [(await exchange.receive())["body"] for _ in range(4)] == sent[:4]
    await exchange.proceed(Request({"type": "http"}, exchange.receive))
    assert got == [sent[0] + sent[1], sent[4]]
