"""The contract of HTTP adapters: the same routes give the same bytes as on the bare ASGI app."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mic.http import (
    AuthMode,
    HttpOptions,
    HttpRequestContext,
    HttpResponseSpec,
    HttpRouteSpec,
    bearer_authenticator,
    build_asgi_app,
)
from mic.testing._eventually import aeventually
from mic.testing._hosts import AppBuilder
from mic.testing._http.asgi import ASGIApp
from mic.testing.contracts._base import AsyncContractBase
from mic.testing.contracts.http_corpus import APPS, Case, CorpusApp, comparable
from mic.testing.route_client import AsyncRouteClient, ClientOptions, RouteResponse

__all__ = ["HttpAdapterContract"]

_CORPUS = [pytest.param(app, case, id=f"{app.name}: {case}") for app in APPS for case in app.cases]


@dataclass(frozen=True, slots=True)
class HostPair:
    """The same routes on the bare ASGI app and on the adapter under test."""

    bare: ASGIApp
    adapted: ASGIApp

    async def ask(self, case: Case) -> tuple[RouteResponse, RouteResponse]:
        """Send one request to both; first the bare app's answer, then the adapter's."""
        return (await _send(self.bare, case), await _send(self.adapted, case))


async def _send(app: ASGIApp, case: Case) -> RouteResponse:
    client = AsyncRouteClient.for_app(app, settings=case.settings)
    return await client.request(case.method, case.path, **case.send)


class HttpAdapterContract(AsyncContractBase):
    """What every adapter of `mic.http` gives: the bytes of the bare ASGI app, request by request.

    ```python
    import pytest
    from mic.http import build_asgi_app
    from mic.testing.contracts.http import AppBuilder, HttpAdapterContract

    class TestMyAdapter(HttpAdapterContract):
        @pytest.fixture
        def build_app(self) -> AppBuilder:
            return build_asgi_app
    ```

    The fixture gives the adapter's `build_*_app`: called with `routes`, `options` and `stack`, by
    keyword, it makes an application with the adapter's error handlers installed. Every request of
    the corpus (`mic.testing.contracts.http_corpus`) goes to both applications. The bare answer is
    held against what the corpus says, and the adapter's against the bare one: status, header lines
    in order, body bytes, and whether the connection was aborted.

    Attributes:
        patience_seconds: How long one step may take on a slow machine before it counts as hanging.
    """

    patience_seconds: ClassVar[float] = 5.0
    _pairs: ClassVar[dict[str, HostPair]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep the applications of the corpus, each made once a test class."""
        super().__init_subclass__(**kwargs)
        cls._pairs = {}

    @pytest.fixture
    def build_app(self) -> AppBuilder:
        """The adapter's builder; the one thing that a test class gives."""
        raise NotImplementedError("a test class gives the adapter's build function")

    def _client(self, app: ASGIApp, *, raise_errors: bool = True) -> AsyncRouteClient:
        settings = ClientOptions(raise_errors=raise_errors, timeout_seconds=self.patience_seconds)
        return AsyncRouteClient.for_app(app, settings=settings)

    @pytest.mark.parametrize(("app", "case"), _CORPUS)
    async def test_answers_as_the_bare_app(
        self,
        app: CorpusApp,
        case: Case,
        build_app: AppBuilder,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        """The corpus."""
        if app.name not in self._pairs:
            self._pairs[app.name] = _pair(app, build_app, tmp_path_factory.mktemp(app.name))
        bare, adapted = await self._pairs[app.name].ask(case)
        case.verify(bare)
        assert comparable(adapted) == comparable(bare)

    async def test_a_full_worker_pool_is_503(self, build_app: AppBuilder) -> None:
        """One thread, no queue: the second synchronous call is refused, the loop's own is not."""
        release, entered = threading.Event(), threading.Event()

        def hold() -> str:
            entered.set()
            release.wait(self.patience_seconds)
            return "held"

        routes = [
            HttpRouteSpec("GET", "/hold", "hold", "overload", hold),
            HttpRouteSpec("GET", "/quick", "quick", "overload", lambda: "q", run_in_thread=False),
        ]
        app = build_app(routes=routes, options=HttpOptions(thread_limit=1, thread_queue_limit=0))
        client = self._client(app)
        first = asyncio.create_task(client.get("/hold"))
        try:
            await aeventually(entered.is_set)
            refused = await client.get("/hold")
            beside = await client.get("/quick")
        finally:
            release.set()
        assert (await first).body == b'"held"'
        assert (refused.status_code, refused.json()["code"]) == (503, "http.overloaded")
        assert refused.header("retry-after") == "1"
        assert beside.status_code == 200

    async def test_a_synchronous_handler_runs_in_a_thread_with_the_context(
        self, build_app: AppBuilder
    ) -> None:
        """The loop goes on meanwhile; context variables arrive, changes do not come back."""
        variable = contextvars.ContextVar("variable", default="unset")
        seen: list[tuple[str, bool]] = []
        loop_thread = threading.get_ident()

        def handler() -> None:
            seen.append((variable.get(), threading.get_ident() == loop_thread))
            variable.set("changed")

        app = build_app(routes=[HttpRouteSpec("GET", "/", "root", "threads", handler)])
        variable.set("sent")
        answer = await self._client(app).get("/")
        assert answer.status_code == 204
        assert seen == [("sent", False)]
        assert variable.get() == "sent"

    async def test_requests_at_the_same_time_do_not_mix(self, build_app: AppBuilder) -> None:
        """Each of 30 requests gets its own answer."""

        async def echo(n: int, context: HttpRequestContext) -> list[object]:
            await asyncio.sleep(0.001 * (n % 3))
            return [n, context.header("x-n")]

        app = build_app(routes=[HttpRouteSpec("GET", "/{n}", "echo", "mix", echo)])
        client = self._client(app)
        answers = await asyncio.gather(
            *(client.get(f"/{n}", headers={"x-n": f"h{n}"}) for n in range(30))
        )
        assert [answer.json() for answer in answers] == [[n, f"h{n}"] for n in range(30)]

    async def test_an_event_stream_is_closed_when_the_client_leaves(
        self, build_app: AppBuilder
    ) -> None:
        """Within a second of the disconnect, although no further event is due."""
        closed = asyncio.Event()

        async def events() -> AsyncIterator[str]:
            try:
                yield "first"
                await asyncio.Event().wait()
            finally:
                closed.set()

        def handler() -> HttpResponseSpec:
            return HttpResponseSpec.sse(events())

        app = build_app(routes=[HttpRouteSpec("GET", "/events", "events", "sse", handler)])
        async with self._client(app).stream("GET", "/events") as answer:
            assert await answer.next_chunk() == b"data: first\n\n"
        async with asyncio.timeout(1):
            await closed.wait()

    async def test_a_stream_is_closed_when_the_client_leaves(self, build_app: AppBuilder) -> None:
        """At the next chunk; a synchronous iterator as well."""
        closed = threading.Event()

        def chunks() -> Iterator[bytes]:
            try:
                while True:
                    yield b"x"
            finally:
                closed.set()

        def handler() -> HttpResponseSpec:
            return HttpResponseSpec.streaming(chunks())

        app = build_app(routes=[HttpRouteSpec("GET", "/endless", "endless", "stream", handler)])
        async with self._client(app).stream("GET", "/endless") as answer:
            assert await answer.next_chunk() == b"x"
        await aeventually(closed.is_set, within=1)

    async def test_background_runs_after_the_last_byte(self, build_app: AppBuilder) -> None:
        """The answer is complete while the background task has not even begun to end."""
        release, ended = asyncio.Event(), asyncio.Event()

        async def background() -> None:
            await release.wait()
            ended.set()

        def handler() -> HttpResponseSpec:
            return HttpResponseSpec(200, "done", background=background)

        app = build_app(routes=[HttpRouteSpec("GET", "/", "root", "background", handler)])
        async with self._client(app).stream("GET", "/") as answer:
            body = b"".join([chunk async for chunk in answer])
            assert (body, answer.complete, ended.is_set()) == (b'"done"', True, False)
            release.set()
        assert ended.is_set()

    async def test_a_client_that_leaves_while_sending_is_not_answered(
        self, build_app: AppBuilder
    ) -> None:
        """The handler is not called, and nothing is raised to the server."""
        called = []
        app = build_app(
            routes=[
                HttpRouteSpec("POST", "/", "root", "gone", lambda body: called.append(body)),
            ]
        )
        answer = await self._client(app, raise_errors=False).post("/", json={"a": 1}, hang_up=True)
        assert answer.error is None

    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "TRACE"])
    @pytest.mark.parametrize(
        "path",
        [
            "/admin",
            "/admin/",
            "//admin",
            "/%61dmin",
            "/admin%2F",
            "/admin%3F",
            "/admin%23",
            "/x/../admin",
            "/x/%2e%2e/admin",
            "/admin/%2e",
            "/admin;x=1",
            "/ADMIN",
            "/admin%00",
            "/admin?x=/public",
            "/public/../admin",
            "/public%2f..%2fadmin",
        ],
    )
    async def test_no_spelling_of_a_path_reaches_a_protected_handler(
        self, method: str, path: str, build_app: AppBuilder
    ) -> None:
        """Without credentials the handler never runs, whatever the path looks like."""
        reached: list[str] = []

        def handler(context: HttpRequestContext) -> None:
            reached.append(context.path)

        routes = [
            HttpRouteSpec("GET", "/admin", "get", "protected", handler, auth=AuthMode.USER),
            HttpRouteSpec("POST", "/admin", "post", "protected", handler, auth=AuthMode.USER),
            HttpRouteSpec("GET", "/public", "public", "protected", lambda: "open"),
        ]
        options = HttpOptions(authenticator=bearer_authenticator(lambda _token: None))
        client = self._client(build_app(routes=routes, options=options), raise_errors=False)
        answer = await client.request(method, path)
        assert reached == []
        assert answer.status_code in {204, 400, 401, 404, 405}

    async def test_an_unhandled_error_is_raised_or_logged_but_never_told(
        self, build_app: AppBuilder
    ) -> None:
        """The answer is the 500 problem without a word of the exception."""

        def handler() -> None:
            raise RuntimeError("canary-secret")

        app = build_app(routes=[HttpRouteSpec("GET", "/", "root", "unhandled", handler)])
        answer = await self._client(app, raise_errors=False).get("/")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert b"canary" not in answer.body
        assert answer.error is None or "canary-secret" in str(answer.error)


def _pair(app: CorpusApp, build_app: AppBuilder, folder: Path) -> HostPair:
    routes = app.routes(folder)
    bare = build_asgi_app(routes=routes, options=app.options, stack=app.stack)
    adapted = build_app(routes=routes, options=app.options, stack=app.stack)
    return HostPair(bare, adapted)
