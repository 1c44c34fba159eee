"""The one engine of the stack: every middleware that sees the answer is this, with its parts."""

from __future__ import annotations

from mic.http._problems import internal_error, problem_answer
from mic.http._types import ASGIApp, Receive, Scope, Send
from mic.http._wire import send_answer
from mic.http.context import RequestState, request_state
from mic.http.middleware._exchange import Exchange, Parts, Passage
from mic.http.middleware._refusals import LOGGER
from mic.model import ConfigurationError, DomainError


class Engine:
    """ASGI middleware made of parts.

    Guarantees: one pass over the request headers and one wrapper of `send`, however many parts are
    on. WebSocket and lifespan scopes pass through untouched.
    """

    __slots__ = ("_app", "_is_idle", "_parts", "_renders_errors", "_type_base")

    def __init__(self, app: ASGIApp, parts: Parts, *, error_type_base: str | None = None) -> None:
        """Wrap `app`. Errors are rendered when `error_type_base` is given: the prefix of the
        `type` of problem documents.
        """
        self._app = app
        self._parts = parts
        self._is_idle = parts == Parts()
        self._renders_errors = error_type_base is not None
        self._type_base = error_type_base or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = request_state(scope)
        if self._renders_errors:
            state.type_base = self._type_base
        exchange = Passage(send) if self._is_idle else Exchange(self._parts, scope, state, send)
        escaped: BaseException | None = None
        try:
            exchange.begin()
            await self._app(scope, receive, exchange.send)
        except Exception as error:
            escaped = error
            if exchange.status is not None or not self._renders_errors:
                raise
            if await self._render(error, scope, state, exchange.send):
                raise
        except BaseException as error:
            escaped = error
            raise
        finally:
            exchange.end(escaped)

    async def _render(
        self, error: Exception, scope: Scope, state: RequestState, send: Send
    ) -> bool:
        """Answer an exception that came before the first byte; tell whether it must go on.

        A domain error is an outcome, and ends here. Anything else is a fault: it is answered,
        logged once, and goes on to the server and to error trackers.
        """
        if isinstance(error, DomainError) and not isinstance(error, ConfigurationError):
            await self._answer(error, scope, state, send)
            return False
        if state.failure is not error:
            state.failure = error
            correlation = state.correlation
            LOGGER.error(
                "unhandled error: route %s, request %s",
                "unknown" if state.route is None else state.route.name,
                "unknown" if correlation is None else correlation.request_id,
                exc_info=error,
            )
        try:
            await self._answer(internal_error(), scope, state, send)
        except Exception:
            LOGGER.warning("the answer to an unhandled error could not be sent", exc_info=True)
        return True

    async def _answer(
        self, error: DomainError, scope: Scope, state: RequestState, send: Send
    ) -> None:
        answer = problem_answer(error, state=state, type_base=self._type_base)
        await send_answer(send, answer, head=scope["method"] == "HEAD")
