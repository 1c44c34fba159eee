"""The synchronous client: the asynchronous one, run step by step on a loop of its own."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from mic.testing._http.asgi import ASGIApp
from mic.testing._http.async_client import AsyncRouteClient, AsyncStreamedResponse
from mic.testing._http.request import RequestOptions
from mic.testing._http.response import Headers, RouteResponse
from mic.testing._http.settings import ClientOptions, Verbs

if TYPE_CHECKING:
    from mic.http import HttpOptions, HttpRouteSpec, MicStack

T = TypeVar("T")
_IN_COROUTINE = "RouteClient was called in a coroutine: use AsyncRouteClient there"


class StreamedResponse(Headers):
    """An answer whose body is read as it comes: iterate over it, or ask for `next_chunk`."""

    __slots__ = ("_client", "_response", "raw_headers")

    def __init__(self, client: RouteClient, response: AsyncStreamedResponse) -> None:
        self._client = client
        self._response = response
        self.raw_headers = response.raw_headers

    @property
    def status_code(self) -> int:
        """The status."""
        return self._response.status_code

    @property
    def complete(self) -> bool:
        """Whether the whole answer was sent, and read."""
        return self._response.complete

    def next_chunk(self) -> bytes | None:
        """Wait for the next chunk; `None` at the end, or where the application broke off.

        Raises:
            TimeoutError: None came in time.
        """
        return self._client._run(self._response.next_chunk())

    def __iter__(self) -> Iterator[bytes]:
        """Every chunk to the end."""
        while (chunk := self.next_chunk()) is not None:
            yield chunk

    def hang_up(self) -> None:
        """Leave before the end: the application is told `http.disconnect`."""
        self._response.hang_up()


class RouteClient(Verbs[RouteResponse]):
    """Calls routes in process, through the bare ASGI adapter: no server, no socket, no framework.

    Guarantees: the path goes out exactly as written, encodings, dots and doubled slashes included.
    The answer is what the application sent: status, header lines in order, body bytes. The
    application is held to the protocol as by a strict server (`ServerProtocolError`). Nothing is
    remembered between two requests, cookies included. Redirects are not followed. The lifespan runs
    in a `with` block only. The application runs on a loop of the client's own, in the thread that
    calls; between two calls that loop stands still. One thread at a time; in a coroutine use
    `AsyncRouteClient`.

    Args:
        routes: The routes.
        options: How they are served.
        stack: The middleware around them; `None` for none.
        settings: What is sent with every request, and how it waits.

    Example:
        ```python
        from mic.http import HttpRouteSpec
        from mic.testing import RouteClient

        def greet(name: str) -> str:
            return f"Hello {name}"

        route = HttpRouteSpec("GET", "/hello/{name}", "greet", "demo", greet)
        answer = RouteClient([route]).get("/hello/Ada")
        assert (answer.status_code, answer.json()) == (200, "Hello Ada")
        ```
    """

    def __init__(
        self,
        routes: Iterable[HttpRouteSpec],
        *,
        options: HttpOptions | None = None,
        stack: MicStack | None = None,
        settings: ClientOptions | None = None,
    ) -> None:
        self._begin(
            AsyncRouteClient(routes, options=options, stack=stack, settings=settings),
        )

    @classmethod
    def for_app(cls, app: ASGIApp, *, settings: ClientOptions | None = None) -> Self:
        """Make a client of any ASGI application, such as another adapter's."""
        client = cls.__new__(cls)
        client._begin(AsyncRouteClient.for_app(app, settings=settings))
        return client

    def _begin(self, inner: AsyncRouteClient) -> None:
        self._inner = inner
        self._runner = asyncio.Runner()
        self._closed = False
        self._let_go: weakref.finalize[Any, Any] | None = None

    @property
    def app(self) -> ASGIApp:
        """The application that is called."""
        return self._inner.app

    def __enter__(self) -> Self:
        """Run the start-up of the application's lifespan."""
        self._run(self._inner.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Run the shutdown of the application's lifespan, and close."""
        try:
            self._run(self._inner.__aexit__(kind, error, trace))
        finally:
            self.close()

    def close(self) -> None:
        """Close the loop; done by itself when the client is no longer used. Twice is fine."""
        if self._let_go is not None:
            self._let_go.detach()
        self._closed = True
        self._runner.close()

    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> RouteResponse:
        """Send a request and read the whole answer.

        Raises:
            TimeoutError: The answer was not complete in time; the application is cancelled.
            ServerProtocolError: The application sent what cannot be sent.
            RuntimeError: Called in a coroutine.
            Exception: What the application let out, unless `raise_errors` is off and there is an
                answer.
        """
        return self._run(self._inner.request(method, path, **options))

    @contextmanager
    def stream(
        self, method: str, path: str, **options: Unpack[RequestOptions]
    ) -> Iterator[StreamedResponse]:
        """Send a request and read the answer as it comes; leaving the block early hangs up.

        At the end of the block the application has `timeout_seconds` to return.

        Raises:
            TimeoutError: No answer, or no return, in time.
            Exception: As `request`.
        """
        opened = self._inner.stream(method, path, **options)
        response = StreamedResponse(self, self._run(opened.__aenter__()))
        try:
            yield response
        except BaseException as error:
            self._run(opened.__aexit__(type(error), error, error.__traceback__))
            raise
        else:
            self._run(opened.__aexit__(None, None, None))

    def _run(self, step: Coroutine[Any, Any, T]) -> T:
        in_coroutine = asyncio._get_running_loop() is not None
        if in_coroutine or self._closed:
            step.close()
            raise RuntimeError(_IN_COROUTINE if in_coroutine else "this RouteClient is closed")
        if self._let_go is None:  # so that a client that is just dropped leaves no open loop
            self._let_go = weakref.finalize(self, self._runner.get_loop().close)
        return self._runner.run(step, context=copy_context())
