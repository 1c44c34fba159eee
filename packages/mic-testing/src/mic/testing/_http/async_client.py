"""The asynchronous client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from mic.http import build_asgi_app
from mic.testing._http.asgi import ASGIApp
from mic.testing._http.exchange import Exchange, ServerProtocolError
from mic.testing._http.lifespan import LifespanRunner
from mic.testing._http.request import RequestOptions
from mic.testing._http.response import Headers, RouteResponse
from mic.testing._http.settings import ClientOptions, Verbs

if TYPE_CHECKING:
    from mic.http import HttpOptions, HttpRouteSpec, MicStack

_CLIENT_GONE = 499  # not registered, but what a client that left is recorded as


@asynccontextmanager
async def _within(settings: ClientOptions, what: str) -> AsyncIterator[None]:
    """The time for one step; `what` begins the message when it is up."""
    deadline = asyncio.timeout(settings.timeout_seconds)
    try:
        async with deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise
        msg = f"{what} within {settings.timeout_seconds:g} s"
        raise TimeoutError(msg) from None


class AsyncStreamedResponse(Headers):
    """An answer whose body is read as it comes. The asynchronous twin of `StreamedResponse`."""

    __slots__ = ("_exchange", "_settings", "raw_headers")

    def __init__(self, exchange: Exchange, settings: ClientOptions) -> None:
        self._exchange = exchange
        self._settings = settings
        self.raw_headers = exchange.raw_headers

    @property
    def status_code(self) -> int:
        """The status."""
        return self._exchange.status_code

    @property
    def complete(self) -> bool:
        """Whether the whole answer was sent, and read."""
        return self._exchange.read_to_end

    async def next_chunk(self) -> bytes | None:
        """Wait for the next chunk; `None` at the end, or where the application broke off.

        Raises:
            TimeoutError: None came in time.
        """
        async with _within(self._settings, "no chunk"):
            return await self._exchange.next_chunk()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Every chunk to the end."""
        while (chunk := await self.next_chunk()) is not None:
            yield chunk

    def hang_up(self) -> None:
        """Leave before the end: the application is told `http.disconnect`."""
        self._exchange.hang_up()


class AsyncRouteClient(Verbs[Coroutine[Any, Any, RouteResponse]]):
    """Calls routes in process, through the bare ASGI adapter. The asynchronous `RouteClient`.

    All that `RouteClient` says holds here. Requests may run at the same time (`asyncio.gather`).

    Args:
        routes: The routes.
        options: How they are served.
        stack: The middleware around them; `None` for none.
        settings: What is sent with every request, and how it waits.
    """

    def __init__(
        self,
        routes: Iterable[HttpRouteSpec],
        *,
        options: HttpOptions | None = None,
        stack: MicStack | None = None,
        settings: ClientOptions | None = None,
    ) -> None:
        self._begin(build_asgi_app(routes=routes, options=options, stack=stack), settings)

    @classmethod
    def for_app(cls, app: ASGIApp, *, settings: ClientOptions | None = None) -> Self:
        """Make a client of any ASGI application, such as another adapter's."""
        client = cls.__new__(cls)
        client._begin(app, settings)
        return client

    def _begin(self, app: ASGIApp, settings: ClientOptions | None) -> None:
        self.app = app
        self.settings = settings or ClientOptions()
        self._lifespan: LifespanRunner | None = None

    async def __aenter__(self) -> Self:
        """Run the start-up of the application's lifespan."""
        self._lifespan = LifespanRunner(self.app)
        async with _within(self.settings, "no start-up"):
            await self._lifespan.startup()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Run the shutdown of the application's lifespan."""
        lifespan, self._lifespan = self._lifespan, None
        if lifespan is not None:
            async with _within(self.settings, "no shutdown"):
                await lifespan.shutdown()

    async def request(
        self, method: str, path: str, **options: Unpack[RequestOptions]
    ) -> RouteResponse:
        """Send a request and read the whole answer.

        Raises:
            TimeoutError: The answer was not complete in time; the application is cancelled.
            ServerProtocolError: The application sent what cannot be sent.
            Exception: What the application let out, unless `raise_errors` is off and there is an
                answer.
        """
        exchange = self._open(method, path, options)
        try:
            async with _within(self.settings, f"{method} {path} was not answered"):
                answered = await exchange.start()
                body = await self._read(exchange)
                await exchange.finish()
        finally:
            await exchange.cancel()
        if exchange.error is not None and (self._raises(exchange.error) or not answered):
            raise exchange.error
        return RouteResponse(
            exchange.status_code if answered else _CLIENT_GONE,
            exchange.raw_headers,
            body,
            answered=answered,
            error=exchange.error,
            complete=exchange.complete,
        )

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[AsyncStreamedResponse]:
        """Send a request and read the answer as it comes; leaving the block early hangs up.

        At the end of the block the application has `timeout_seconds` to return.

        Raises:
            TimeoutError: No answer, or no return, in time.
            Exception: As `request`.
        """
        exchange = self._open(method, path, options)
        try:
            async with _within(self.settings, f"{method} {path} was not answered"):
                if not await exchange.start() and exchange.error is not None:
                    raise exchange.error
            yield AsyncStreamedResponse(exchange, self.settings)
            if not exchange.complete:
                exchange.hang_up()
            async with _within(self.settings, f"{method} {path} did not end"):
                await exchange.finish()
        finally:
            await exchange.cancel()
        if exchange.error is not None and self._raises(exchange.error):
            raise exchange.error

    def _open(self, method: str, path: str, options: RequestOptions) -> Exchange:
        request = self.settings.build(method, path, options)
        if self._lifespan is not None:
            request.scope["state"].update(self._lifespan.state)
        return Exchange(self.app, request)

    def _raises(self, error: BaseException) -> bool:
        return self.settings.raise_errors or isinstance(error, ServerProtocolError)

    async def _read(self, exchange: Exchange) -> bytes:
        body = bytearray()
        while (chunk := await exchange.next_chunk()) is not None:
            body += chunk
            if len(body) > self.settings.max_body_bytes:
                exchange.hang_up()
                msg = f"the answer is longer than {self.settings.max_body_bytes} bytes: stream it"
                raise AssertionError(msg)
        return bytes(body)
