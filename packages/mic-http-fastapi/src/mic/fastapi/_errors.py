"""Exception handlers that answer FastAPI's own errors as `mic.http` answers its own."""

from __future__ import annotations

import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from fastapi.exceptions import RequestValidationError
from mic.fastapi._dependencies import Ready, held_answer
from mic.http.adapter import (
    DEFAULT_OPTIONS,
    Answer,
    framework_error,
    framework_findings,
    internal_error,
    problem_answer,
)
from mic.http.context import request_state
from mic.http.options import HttpOptions
from mic.model import DomainError

_LOGGER = logging.getLogger("mic.http")
_LOWEST_ERROR = 400
_BODYLESS = (204, 304)


class ErrorRenderer:
    """Renders the errors that reach an app, with the options of its routes."""

    __slots__ = ("_options",)

    def __init__(self, options: HttpOptions | None) -> None:
        self._options = DEFAULT_OPTIONS if options is None else options

    async def http_exception(self, request: Request, error: HTTPException) -> Response:
        """Answer an HTTP exception: its status and headers, and the problem document."""
        status = error.status_code
        if status < _LOWEST_ERROR:
            return self._without_body(error)
        problem = framework_error(status, detail=error.detail, headers=error.headers)
        return self._render(request, problem)

    async def validation_error(self, request: Request, error: RequestValidationError) -> Response:
        """Answer what FastAPI found wrong with a request: 400, no value of it repeated."""
        limit = self._options.max_validation_errors
        return self._render(request, framework_findings(error.errors(), limit=limit))

    async def domain_error(self, request: Request, error: DomainError) -> Response:
        """Answer a domain error; that of a compiled route as the route answered it."""
        held = held_answer(request.scope, error)
        return self._render(request, error) if held is None else Ready(held)

    async def unhandled(self, request: Request, error: Exception) -> Response:
        """Answer any other error: 500 without a word of it."""
        state = request_state(request.scope)
        if state.failure is not error:  # the stack has not logged it yet
            state.failure = error
            _LOGGER.error(
                "unhandled error: route %s, request %s",
                "unknown" if state.route is None else state.route.name,
                "unknown" if state.correlation is None else state.correlation.request_id,
                exc_info=error,
            )
        return self._render(request, internal_error())

    def _render(self, connection: HTTPConnection, error: DomainError) -> Response:
        answer = problem_answer(
            error,
            state=request_state(connection.scope),
            type_base=self._options.problem_type_base,
            challenge=getattr(self._options.authenticator, "challenge", "Bearer"),
        )
        if connection.scope.get("method") == "HEAD":
            answer.body = b""
        return Ready(answer)

    @staticmethod
    def _without_body(error: HTTPException) -> Response:
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in (error.headers or {}).items()
        ]
        if error.status_code not in _BODYLESS:
            headers.append((b"content-length", b"0"))
        return Ready(Answer(error.status_code, headers))

    def handlers(self) -> dict[Any, Any]:
        """The handlers by exception class, as FastAPI's constructor takes them."""
        return {
            HTTPException: self.http_exception,
            RequestValidationError: self.validation_error,
            DomainError: self.domain_error,
            Exception: self.unhandled,
        }
