"""How middleware refuses a request: an answer over HTTP, a closed door for a WebSocket."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from mic.http._calls import Call
from mic.http._problems import DEFAULT_TYPE_BASE, internal_error, problem_answer
from mic.http._render import render
from mic.http._request import context_of
from mic.http._types import Receive, Scope, Send
from mic.http._wire import Answer, send_answer
from mic.http.auth_gate import AuthDecision
from mic.http.context import RequestState, request_state
from mic.http.csrf import CsrfDecision
from mic.http.options import DEFAULT_OPTIONS
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.model import DomainError

LOGGER = logging.getLogger("mic.http")

HttpResponder = Callable[
    [HttpRequestContext, AuthDecision | CsrfDecision],
    HttpResponseSpec | Awaitable[HttpResponseSpec],
]
"""Answers a refused request in place of the problem document; synchronous or asynchronous."""

# RFC 6455, section 7.4.2: codes from 4000 on are the application's; 1013 is registered with IANA
_CLOSE_CODES = {401: 4401, 403: 4403, 503: 1013}
_CLOSE_INTERNAL = 1011
BEARER = "Bearer"


async def refuse(
    scope: Scope, receive: Receive, send: Send, error: DomainError, *, challenge: str = BEARER
) -> None:
    """Refuse with the problem document of `error`; a 401 without a challenge gets `challenge`."""
    answer = _problem(error, request_state(scope), challenge)
    await refuse_with(scope, receive, send, answer)


async def refuse_with(scope: Scope, receive: Receive, send: Send, answer: Answer) -> None:
    """Refuse with an answer: as it is over HTTP; a WebSocket before it is accepted, with the answer
    where the server offers that (ASGI extension `websocket.http.response`), else by a close code.
    """
    if scope["type"] == "http":
        await send_answer(send, answer, head=scope["method"] == "HEAD")
        return
    await receive()
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await send(
            {
                "type": "websocket.http.response.start",
                "status": answer.status,
                "headers": answer.headers,
            }
        )
        await send({"type": "websocket.http.response.body", "body": answer.body})
        return
    code = _CLOSE_CODES.get(answer.status, _CLOSE_INTERNAL)
    await send({"type": "websocket.close", "code": code})


class Responder:
    """Asks a user's responder for the answer to a refused request.

    Guarantees: a synchronous one runs in a worker thread. One that raises, or gives something else
    than a plain answer, is logged and answered 500; what it raises as a `DomainError` is answered
    as such. A 401 always has `WWW-Authenticate`.
    """

    __slots__ = ("_call", "_challenge")

    def __init__(self, responder: HttpResponder, *, challenge: str = BEARER) -> None:
        self._call = Call(responder)
        self._challenge = challenge

    async def answer(self, scope: Scope, decision: AuthDecision | CsrfDecision) -> Answer:
        """The answer to send."""
        state = request_state(scope)
        try:
            spec = await self._call(DEFAULT_OPTIONS.workers, context_of(scope, state), decision)
            answer = _plain(spec)
        except DomainError as error:
            return _problem(error, state, self._challenge)
        except Exception:
            LOGGER.exception("the responder of a middleware failed")
            return _problem(internal_error(), state, self._challenge)
        if answer.status == 401 and not any(n == b"www-authenticate" for n, _ in answer.headers):
            answer.headers.append((b"www-authenticate", self._challenge.encode("latin-1")))
        return answer


def _problem(error: DomainError, state: RequestState, challenge: str) -> Answer:
    type_base = state.type_base or DEFAULT_TYPE_BASE
    return problem_answer(error, state=state, type_base=type_base, challenge=challenge)


def _plain(spec: Any) -> Answer:
    if not isinstance(spec, HttpResponseSpec):
        msg = f"a responder must give a HttpResponseSpec, not {type(spec).__name__}"
        raise TypeError(msg)
    if spec.stream is not None or spec.background is not None:
        msg = "a responder gives a plain answer: no stream, no background"
        raise TypeError(msg)
    return render(spec)


def is_preflight(scope: Scope) -> bool:
    """Whether the request is a CORS preflight (Fetch Standard, section 3.2.2): never with
    credentials, and without effect.
    """
    if scope.get("method") != "OPTIONS":
        return False
    names = {name for name, _ in scope["headers"]}
    return b"origin" in names and b"access-control-request-method" in names


def exact_paths(what: str, paths: Any) -> frozenset[str]:
    """Check a collection of paths.

    Raises:
        TypeError: It is one text, of which every character would pass for a path.
    """
    if isinstance(paths, str):
        msg = f"{what} must be a collection of paths, not one text"
        raise TypeError(msg)
    return frozenset(paths)
