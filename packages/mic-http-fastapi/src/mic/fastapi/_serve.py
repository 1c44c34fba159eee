"""The last step of every dispatch: the app that answers what the route table found."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.exceptions import HTTPException

from mic.fastapi._lookup import Lookup
from mic.http.adapter import (
    Receive,
    RouteMatch,
    Scope,
    Send,
    method_not_allowed,
    options_answer,
    send_answer,
)
from mic.http.context import request_state

Runner = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


def app_for(found: Lookup, match: RouteMatch, scope: Scope) -> Runner:
    """The app that answers this request, with the request state told what it will run.

    Raises:
        HTTPException: 405 with the whole `Allow`, for the app's own handlers to render.
    """
    if match.route is not None:
        state = request_state(scope)
        state.path_params = found.values
        if state.label is None:
            state.label = found.prefix.text + match.route.spec.path
        return match.route.run
    if scope["method"] != "OPTIONS":
        error = method_not_allowed(match.allowed)
        raise HTTPException(405, error.message, headers=dict(error.headers))
    answer = options_answer(match.allowed)

    async def answer_options(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send_answer(send, answer)

    return answer_options
