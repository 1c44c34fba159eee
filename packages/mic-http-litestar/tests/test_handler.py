import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from litestar import Litestar, Request, Router, get, post
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.app import AppConfig
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.dto import MsgspecDTO
from litestar.exceptions import NotAuthorizedException
from litestar.params import Parameter
from litestar.types import ASGIApp, Receive, Scope, Send

from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec
from mic.litestar import build_litestar_app, build_litestar_router
from mic.model import NotFoundError
from mic.testing.route_client import AsyncRouteClient, ClientOptions

QUIET = ClientOptions(raise_errors=False)
Spec = Callable[..., HttpRouteSpec]


class CountingRequest(Request[Any, Any, Any]):
    """Counts how often Litestar makes a request object: never on the fast path."""

    made = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        type(self).made += 1


@pytest.fixture
def counted() -> type[CountingRequest]:
    return type("Counted", (CountingRequest,), {"made": 0})


def client(*handlers: Any, **options: Any) -> AsyncRouteClient:
    app: Any = Litestar(list(handlers), logging_config=None, **options)
    return AsyncRouteClient.for_app(app, settings=QUIET)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: Any) -> None:
    if "x-pass" not in connection.headers:
        raise NotAuthorizedException(detail="no pass")


def passing(app: ASGIApp) -> ASGIApp:
    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-middleware", b"1")]
            await send(message)

        await app(scope, receive, marked)

    return middleware


async def test_without_layers_the_route_runs_at_once(
    spec: Spec, counted: type[CountingRequest]
) -> None:
    router = build_litestar_router(routes=[spec("GET", "/items/{n}", "show")])
    asked = client(router, request_class=counted)
    answer = await asked.get("/items/7")
    assert answer.json() == ["show", {"n": "7"}]
    assert counted.made == 0


@pytest.mark.parametrize(
    "options",
    [
        {"guards": [guard]},
        {"before_request": lambda request: None},
        {"after_request": lambda response: response},
        {"after_response": lambda request: None},
        {"response_headers": {"x-l": "1"}},
        {"response_cookies": {"l": "1"}},
        {"csrf_config": CSRFConfig(secret="s" * 32)},
        {"compression_config": CompressionConfig("gzip")},
        {"allowed_hosts": ["testserver", "*.local"]},
    ],
    ids=lambda options: next(iter(options)),
)
async def test_whatever_litestar_has_to_do_takes_the_long_way(
    options: dict[str, Any], spec: Spec, counted: type[CountingRequest]
) -> None:
    router = build_litestar_router(routes=[spec("GET", "/", "r")])
    asked = client(router, request_class=counted, **options)
    answer = await asked.get("/", headers={"host": "a.local", "x-pass": "1"})
    assert (answer.status_code, answer.json()) == (200, ["r", {}])
    assert counted.made >= 1


async def test_middleware_alone_keeps_the_fast_path(
    spec: Spec, counted: type[CountingRequest]
) -> None:
    router = build_litestar_router(routes=[spec("GET", "/", "r")])
    answer = await client(router, request_class=counted, middleware=[passing]).get("/")
    assert (answer.json(), answer.header("x-middleware")) == (["r", {}], "1")
    assert counted.made == 0


@pytest.mark.parametrize("where", ["app", "router", "own"])
async def test_a_guard_of_any_layer_runs_first(where: str, spec: Spec) -> None:
    reached: list[str] = []
    routes = [spec("POST", "/", "r", handler=lambda: reached.append("r"))]
    own = build_litestar_router(routes=routes, guards=[guard] if where == "own" else ())
    between = Router("/", route_handlers=[own], guards=[guard] if where == "router" else None)
    asked = client(between, guards=[guard] if where == "app" else None)
    refused = await asked.post("/", headers={"content-type": "x/y"}, body=b"{")
    assert (refused.status_code, reached) == (401, [])
    assert (await asked.post("/", headers={"x-pass": "1"})).status_code == 200
    assert reached == ["r"]


async def test_hooks_run_around_the_route_and_after_the_answer(spec: Spec) -> None:
    order: list[str] = []
    ended = asyncio.Event()

    async def before(request: Request[Any, Any, Any]) -> None:
        order.append("before")

    async def after(request: Request[Any, Any, Any]) -> None:
        order.append("after")
        ended.set()

    async def handler() -> None:
        order.append("handler")

    router = build_litestar_router(routes=[spec("DELETE", "/", "r", handler=handler)])
    answer = await client(router, before_request=before, after_response=after).delete("/")
    await ended.wait()
    assert (answer.status_code, order) == (204, ["before", "handler", "after"])


async def test_a_hook_may_answer_in_place_of_the_route(spec: Spec) -> None:
    def before(request: Request[Any, Any, Any]) -> dict[str, str]:
        return {"from": "hook"}

    reached: list[str] = []
    router = build_litestar_router(
        routes=[spec("GET", "/", "r", handler=lambda: reached.append("r"))]
    )
    answer = await client(router, before_request=before).get("/")
    assert (answer.json(), reached) == ({"from": "hook"}, [])


async def test_csrf_protects_our_routes_and_leaves_the_body_to_them(spec: Spec) -> None:
    async def echo(payload: dict[str, int]) -> dict[str, int]:
        return payload

    routes = [spec("GET", "/", "read"), spec("POST", "/", "write", handler=echo)]
    config = CSRFConfig(secret="s" * 32, cookie_name="c", header_name="x-c")
    asked = client(build_litestar_router(routes=routes), csrf_config=config)
    assert (await asked.post("/", json={"a": 1})).status_code == 403
    first = await asked.get("/")
    token = (first.header("set-cookie") or "").split(";")[0].partition("=")[2]
    headers = {"cookie": f"c={token}", "x-c": token}
    assert (await asked.post("/", json={"a": 1}, headers=headers)).json() == {"a": 1}


async def test_answers_are_compressed(spec: Spec) -> None:
    async def long() -> HttpResponseSpec:
        return HttpResponseSpec.text("x" * 2_000)

    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=long)])
    asked = client(router, compression_config=CompressionConfig("gzip", minimum_size=100))
    answer = await asked.get("/", headers={"accept-encoding": "gzip"})
    assert answer.header("content-encoding") == "gzip"
    assert len(answer.body) < 200


async def test_hosts_that_are_not_allowed_are_refused(spec: Spec) -> None:
    hosts = AllowedHostsConfig(allowed_hosts=["good.example"])
    asked = client(build_litestar_router(routes=[spec("GET", "/", "r")]), allowed_hosts=hosts)
    assert (await asked.get("/", headers={"host": "evil.example"})).status_code == 400
    assert (await asked.get("/", headers={"host": "good.example"})).status_code == 200


async def test_dependencies_and_parameters_of_layers_do_not_touch_our_routes(spec: Spec) -> None:
    def never() -> None:
        raise AssertionError

    router = build_litestar_router(routes=[spec("GET", "/{n}", "r", handler=lambda n: n)])
    asked = client(
        router,
        dependencies={"n": Provide(never, sync_to_thread=False)},
        parameters={"needed": Parameter(int)},
        guards=[guard],
    )
    assert (await asked.get("/7", headers={"x-pass": "1"})).json() == "7"


async def test_an_unhandled_error_is_answered_inside_the_middleware_of_the_layers(
    spec: Spec,
) -> None:
    hooked: list[str] = []

    async def hook(error: Exception, scope: Any) -> None:
        hooked.append(str(error))

    async def broken() -> None:
        msg = "broken"
        raise RuntimeError(msg)

    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=broken)])
    asked = client(router, middleware=[passing], after_exception=[hook])
    answer = await asked.get("/")
    assert (answer.status_code, answer.header("x-middleware")) == (500, "1")
    assert hooked == ["broken"]


@pytest.mark.parametrize("options", [{}, {"middleware": [passing]}, {"guards": [guard]}])
async def test_an_error_after_the_answer_has_begun_aborts_the_connection(
    options: dict[str, Any], spec: Spec
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"begun"
        msg = "broken"
        raise RuntimeError(msg)

    async def broken() -> HttpResponseSpec:
        return HttpResponseSpec.streaming(chunks())

    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=broken)])
    answer = await client(router, **options).get("/", headers={"x-pass": "1"})
    assert (answer.status_code, answer.body, answer.complete) == (200, b"begun", False)


@pytest.mark.parametrize("options", [{}, {"guards": [guard]}])
async def test_unknown_paths_and_methods_are_left_to_the_app(
    options: dict[str, Any], spec: Spec
) -> None:
    router = build_litestar_router(routes=[spec("GET", "/items", "r")])
    asked = client(router, **options)
    folded = await asked.get("/items/")
    assert (folded.status_code, folded.json()["detail"]) == (404, "Not Found")
    wrong = await asked.post("/items")
    assert (wrong.status_code, wrong.json()["detail"]) == (405, "Method Not Allowed")


async def test_a_method_that_only_another_template_serves_is_refused_with_the_union(
    spec: Spec,
) -> None:
    routes = [spec("GET", "/items/{n:int}", "number"), spec("DELETE", "/items/{name}", "delete")]
    asked = client(build_litestar_router(routes=routes))
    answer = await asked.get("/items/x")
    assert answer.status_code == 405
    assert answer.header("allow") == "DELETE, OPTIONS"
    assert (await asked.get("/items/7")).json() == ["number", {"n": "7"}]


@pytest.mark.parametrize("options", [{}, {"guards": [guard]}])
async def test_options_needs_no_credentials_and_tells_the_methods_of_others_too(
    options: dict[str, Any], spec: Spec
) -> None:
    @post("/items")
    async def native() -> None:
        return None

    router = build_litestar_router(routes=[spec("GET", "/items", "r")])
    asked = client(router, native, **options)
    answer = await asked.request("OPTIONS", "/items")
    assert (answer.status_code, answer.header("allow")) == (204, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize("method", ["DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"])
@pytest.mark.parametrize("options", [{}, {"guards": [guard]}])
async def test_every_method_works(method: str, options: dict[str, Any], spec: Spec) -> None:
    async def body() -> dict[str, str]:
        return {"method": method}

    router = build_litestar_router(routes=[spec(method, "/", "r", handler=body)])
    answer = await client(router, **options).request(method, "/", headers={"x-pass": "1"})
    assert answer.status_code == 200
    assert answer.header("content-length") == str(len(f'{{"method":"{method}"}}'))


async def test_a_prefix_with_parameters_above_the_router(spec: Spec) -> None:
    router = build_litestar_router(routes=[spec("GET", "/items/{n}", "r")])
    asked = client(Router("/t/{tenant:str}", route_handlers=[router]))
    assert (await asked.get("/t/acme/items/7")).json() == ["r", {"n": "7"}]
    assert (await asked.get("/t/acme//items/7")).status_code == 404


async def test_domain_errors_are_answered_by_the_route_on_every_way(spec: Spec) -> None:
    async def missing() -> None:
        raise NotFoundError(code="items.not_found", message="no such item")

    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=missing)])
    for options in ({}, {"guards": [guard]}):
        answer = await client(router, **options).get("/", headers={"x-pass": "1"})
        assert (answer.status_code, answer.json()["code"]) == (404, "items.not_found")


async def test_a_native_handler_stands_beside_ours(spec: Spec) -> None:
    @get("/native")
    async def native() -> str:
        return "native"

    asked = client(build_litestar_router(routes=[spec("GET", "/", "r")]), native)
    assert (await asked.get("/native")).body == b"native"


async def test_routes_have_names_in_litestar(spec: Spec) -> None:
    routes = [spec("GET", "/items/{n:int}", "show"), spec("GET", "/items/all", "all")]
    app = Litestar([build_litestar_router(routes=routes, prefix="/api")], logging_config=None)
    assert app.route_reverse("show", n="7") == "/api/items/7"
    assert app.route_reverse("all") == "/api/items/all"


async def test_guards_that_an_init_hook_adds_count(spec: Spec) -> None:
    def configure(config: AppConfig) -> AppConfig:
        config.guards.append(guard)
        return config

    router = build_litestar_router(routes=[spec("GET", "/", "r")])
    asked = client(router, on_app_init=[configure])
    assert (await asked.get("/")).status_code == 401
    assert (await asked.get("/", headers={"x-pass": "1"})).json() == ["r", {}]


@pytest.fixture
def slow_app(spec: Spec) -> Any:
    """An app that is built before a loop is watched: building one takes its time."""
    entered = threading.Barrier(6, timeout=10)

    def slow() -> str:
        entered.wait()  # all six are here at once, or this breaks
        threading.Event().wait(0.5)
        return "slow"

    return build_litestar_app(routes=[spec("GET", "/", "slow", handler=slow)], stack=None)


@pytest.mark.loop_guard
async def test_six_slow_handlers_run_side_by_side_while_the_loop_goes_on(slow_app: Any) -> None:
    asked = AsyncRouteClient.for_app(slow_app)
    answers = await asyncio.gather(*(asked.get("/") for _ in range(6)))
    assert [answer.json() for answer in answers] == ["slow"] * 6


async def test_a_handler_that_fails_behind_middleware_ran_once(spec: Spec) -> None:
    ran: list[str] = []

    async def broken() -> None:
        ran.append("r")
        msg = "broken"
        raise RuntimeError(msg)

    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=broken)])
    assert (await client(router, middleware=[passing]).get("/")).status_code == 500
    assert ran == ["r"]


async def test_nothing_is_appended_to_what_a_middleware_holds_back(spec: Spec) -> None:
    held: list[Any] = []

    def holding(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            async def hold(message: Any) -> None:
                held.append(message)

            await app(scope, receive, hold)

        return middleware

    async def chunks() -> AsyncIterator[bytes]:
        yield b"begun"
        msg = "broken"
        raise RuntimeError(msg)

    async def broken() -> HttpResponseSpec:
        return HttpResponseSpec.streaming(chunks())

    router = build_litestar_router(routes=[spec("GET", "/", "r", handler=broken)])
    await client(router, middleware=[holding]).get("/")
    assert [message["type"] for message in held] == ["http.response.start", "http.response.body"]


async def test_an_after_response_hook_alone_is_called(spec: Spec) -> None:
    called = asyncio.Event()

    async def after(request: Request[Any, Any, Any]) -> None:
        called.set()

    router = build_litestar_router(routes=[spec("GET", "/", "r")])
    assert (await client(router, after_response=after).get("/")).json() == ["r", {}]
    assert called.is_set()


@pytest.mark.parametrize("which", [("dto",), ("return_dto",), ("dto", "return_dto")])
async def test_a_dto_of_the_app_does_not_touch_our_routes(
    which: tuple[str, ...], spec: Spec
) -> None:
    class Never(MsgspecDTO[Any]):
        @classmethod
        def is_supported_model_type_field(cls, field: Any) -> bool:
            return True

        @classmethod
        def create_for_field_definition(cls, *arguments: Any, **named: Any) -> None:
            raise AssertionError

        @classmethod
        def create_openapi_schema(cls, *arguments: Any, **named: Any) -> Any:
            raise AssertionError

        def data_to_encodable_type(self, data: Any) -> Any:
            raise AssertionError

    def before(request: Request[Any, Any, Any]) -> dict[str, str] | None:
        return {"from": "hook"} if request.method == "GET" else None

    async def echo(payload: dict[str, int]) -> dict[str, int]:
        return payload

    routes = [spec("GET", "/", "r"), spec("POST", "/", "w", handler=echo)]
    options: dict[str, Any] = dict.fromkeys(which, Never)
    app = Litestar([build_litestar_router(routes=routes)], logging_config=None, **options)
    assert "/" in (app.openapi_schema.paths or {})
    asked = client(build_litestar_router(routes=routes), before_request=before, **options)
    assert (await asked.get("/")).json() == {"from": "hook"}
    assert (await asked.post("/", json={"a": 1})).json() == {"a": 1}
