"""The last step of every dispatch: who answers what the route table found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.exceptions import HTTPException

from mic.fastapi._lookup import Lookup
from mic.http.adapter import (
    Answer,
    CompiledRoute,
    Receive,
    RouteMatch,
    Scope,
    Send,
    method_not_allowed,
    options_answer,
    send_answer,
)
from mic.http.context import request_state

Running = Callable[[Scope, Receive, Send], Coroutine[Any, Any, Any]]
"""Answers a request."""

Answering = Callable[[Scope, Receive, Send], Awaitable[Answer | None]]
"""Gives the answer to a request; `None` where it was sent as it came."""


def running(found: Lookup, match: RouteMatch, scope: Scope) -> Running:
    """Who answers this request, with the request state told what will run.

    Raises:
        HTTPException: 405 with the whole `Allow`, for the app's own handlers to render.
    """
    if match.route is not None:
        return entered(found, match.route, scope).run
    answer = _options(match, scope)

    async def answer_options(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send_answer(send, answer)

    return answer_options


def answering(found: Lookup, match: RouteMatch, scope: Scope) -> Answering:
    """Who gives the answer to this request; otherwise as `running`."""
    if match.route is not None:
        return entered(found, match.route, scope).answer
    answer = _options(match, scope)

    async def answer_options(_scope: Scope, _receive: Receive, _send: Send) -> Answer:
        return answer

    return answer_options


def entered(found: Lookup, route: CompiledRoute, scope: Scope) -> CompiledRoute:
    """The route, with the request state told that it will run."""
    state = request_state(scope)
    state.path_params = found.values
    if state.label is None:
        state.label = found.prefix.text + route.spec.path
    return route


def _options(match: RouteMatch, scope: Scope) -> Answer:
    if scope["method"] != "OPTIONS":
        error = method_not_allowed(match.allowed)
        raise HTTPException(405, error.message, headers=dict(error.headers))
    return options_answer(match.allowed)
