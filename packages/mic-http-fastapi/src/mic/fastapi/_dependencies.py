"""The dependency path: a compiled route inside what FastAPI wraps around a route.

FastAPI solves the dependencies, runs their exit stacks and applies its limits; the compiled route
reads the request and makes the answer. What travels between the two is one `Exchange` a request, in
the request's scope.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive as StarletteReceive
from starlette.types import Scope as StarletteScope
from starlette.types import Send as StarletteSend

from fastapi.routing import APIRoute
from mic.fastapi._serve import Answering
from mic.http.adapter import (
    Answer,
    ASGIApp,
    Message,
    Receive,
    Scope,
    Send,
    problem_answer,
    send_answer,
)
from mic.http.context import request_state
from mic.http.options import HttpOptions
from mic.model import DomainError

_KEY = "mic.fastapi.exchange"
_MAX_HANDLERS = 256

Handler = Callable[[Request], Awaitable[Response]]


class Exchange:
    """One request on its way through FastAPI to a compiled route and back.

    Attributes:
        described: The route as the include sees it: whole path, all dependencies.
        options: What the route was compiled with.
        failure: The domain error that the route answered with, while it travels through FastAPI's
            exit stacks.
        held: The answer to it, sent when the error has passed through.
        started: Whether an answer has begun.
    """

    # defaults of the class, so that a request pays only for what it sets
    failure: DomainError | None = None
    held: Answer | None = None
    started = False
    _recording = True
    _recorded: bytearray | None = None
    _more = False

    def __init__(
        self,
        app: Answering,
        receive: Receive,
        send: Send,
        *,
        described: Any,
        options: HttpOptions,
    ) -> None:
        self.described = described
        self.options = options
        self._app = app
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """The request's body for FastAPI; what a dependency reads of it is kept for the route.

        Bounded: not more than one chunk past the largest body that the route takes is kept.
        """
        message = await self._receive()
        if self._recording and message["type"] == "http.request":
            if self._recorded is None:
                self._recorded = bytearray()
            # one text, however many pieces it came in: a client chooses their size
            if len(self._recorded) <= self._most_recorded():
                self._recorded += message.get("body", b"")
            self._more = message.get("more_body", False)
        return message

    def _most_recorded(self) -> int:
        return max(self.options.max_body_bytes, self.options.max_multipart_bytes)

    def send(self, message: Message) -> Awaitable[None]:
        """Send a part of the answer.

        Raises:
            RuntimeError: A second answer is begun.
        """
        if message["type"] == "http.response.start":
            if self.started:
                msg = "the answer has begun already"
                raise RuntimeError(msg)
            self.started = True
        return self._send(message)

    def proceed(self, request: Request) -> Awaitable[Answer | None]:
        """Let the route work: with the request as FastAPI has it, and the body from its start."""
        self._recording = False
        return self._app(request.scope, self._replay(request.receive), self.send)

    def _replay(self, receive: Receive) -> Receive:
        if self._recorded is None:
            return self._receive if receive == self.receive else receive
        recorded = iter(
            [{"type": "http.request", "body": bytes(self._recorded), "more_body": self._more}]
        )

        async def replay() -> Message:
            message = next(recorded, None)
            return await receive() if message is None else message

        return replay

    def respond(self, answer: Answer | None, scope: Scope) -> Response:
        """What FastAPI is to send: a plain answer; nothing where a longer one was sent as it came.

        Raises:
            DomainError: The one that the route answered with; its answer is held.
        """
        if answer is None:
            return _Sent()
        if answer.status >= 400:
            failure = request_state(scope).failure
            if isinstance(failure, DomainError):
                self.failure, self.held = failure, answer
                raise failure
        return Ready(answer)


class Ready(Response):
    """An answer as a Starlette response: the same status, header lines and bytes."""

    background = None

    def __init__(self, answer: Answer) -> None:
        # not the base's: it would make header lines of its own only to have them replaced
        self.status_code = answer.status
        self.raw_headers = answer.headers
        self.body = answer.body


class _Sent(Response):
    """Stands for an answer that was sent already, or that nobody waits for.

    Runs what dependencies left for afterwards.
    """

    async def __call__(
        self,
        scope: StarletteScope,  # noqa: ARG002  # the name is Starlette's
        receive: StarletteReceive,  # noqa: ARG002  # the name is Starlette's
        send: StarletteSend,  # noqa: ARG002  # the name is Starlette's
    ) -> None:
        if self.background is not None:
            await self.background()


def held_answer(scope: Scope, error: Exception) -> Answer | None:
    """The answer that a compiled route made to this very error; `None` for another's error."""
    exchange = scope.get(_KEY)
    if isinstance(exchange, Exchange) and exchange.failure is error:
        return exchange.held
    return None


async def through_fastapi(proceed: ASGIApp, exchange: Exchange, scope: Scope) -> None:
    """Let FastAPI serve the request with the exchange at its centre.

    Guarantees: a domain error of a dependency, or of the route where no handler of the app answered
        it, is answered as a problem;
    what the answer left for afterwards runs when it has been sent and every dependency is closed.
    """
    state = request_state(scope)
    state.deferred = []
    scope[_KEY] = exchange
    try:
        await proceed(scope, exchange.receive, exchange.send)
    except DomainError as error:
        if exchange.started:
            raise
        answer = held_answer(scope, error) or problem_answer(
            error, state=state, type_base=exchange.options.problem_type_base
        )
        await send_answer(exchange.send, answer, head=scope["method"] == "HEAD")
    for job in state.deferred:
        await job()


class DependencyHandlers:
    """Solves the dependencies and runs the route; prepared once for each include of the route."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Handler]] = {}

    async def handle(self, request: Request) -> Response:
        """Solve the dependencies of this request's include and run the route."""
        exchange: Exchange = request.scope[_KEY]
        described = exchange.described
        known = self._known.get(id(described))
        if known is None:
            if len(self._known) >= _MAX_HANDLERS:
                self._known.clear()
            known = self._known[id(described)] = (described, _handler_of(described))
        return await known[1](request)


def _handler_of(described: Any) -> Handler:
    plain = APIRoute(
        described.path,
        _run_exchange,
        dependencies=described.dependencies,
        dependency_overrides_provider=described.dependency_overrides_provider,
        strict_content_type=described.strict_content_type,
        include_in_schema=False,
    )
    return plain.get_route_handler()


async def _run_exchange(request: Request) -> Response:
    exchange: Exchange = request.scope[_KEY]
    answer = await exchange.proceed(request)
    return exchange.respond(answer, request.scope)
