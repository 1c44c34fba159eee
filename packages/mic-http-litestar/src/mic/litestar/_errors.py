"""Litestar's exception handlers: every error of an app gets the family's one body."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException
from litestar.response.base import ASGIResponse
from mic.http.adapter import (
    DEFAULT_OPTIONS,
    Answer,
    Scope,
    framework_error,
    framework_findings,
    internal_error,
    method_not_allowed,
    not_found,
    problem_answer,
)
from mic.http.context import RequestState, request_state
from mic.http.options import HttpOptions
from mic.litestar._refused import allowed_methods
from mic.model import DomainError

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

_LOGGER = logging.getLogger("mic.http")
_FAILURE = "mic.litestar.failure"
_SOURCES = ("path", "query", "header", "cookie")


class ProblemResponse(Response[bytes]):
    """A problem document with its headers as they are, in their order."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body, status_code=answer.status)
        self._answer = answer

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **_: Any) -> ASGIResponse:
        """The answer as it is; Litestar adds nothing of the layers to its own errors either."""
        del app
        head = request.method == "HEAD"
        return ASGIResponse(
            body=b"" if head else self._answer.body,
            headers=[
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in self._answer.headers
            ],
            is_head_response=head,
            status_code=self._answer.status,
        )


def handlers_for(options: HttpOptions | None) -> dict[type[Exception], Handler]:
    """The exception handlers of an app.

    Args:
        options: What its routes are served with: type base and how many errors a 400 lists.
    """
    chosen = options or DEFAULT_OPTIONS

    def answer(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
        state = _state(request)
        rendered = problem_answer(
            error,
            state=state,
            type_base=chosen.problem_type_base,
            challenge=getattr(chosen.authenticator, "challenge", "Bearer"),
        )
        return ProblemResponse(rendered)

    def on_http_exception(request: Request[Any, Any, Any], exc: HTTPException) -> Response[Any]:
        if exc.status_code < 400:
            return Response(b"", status_code=exc.status_code, headers=exc.headers)
        if isinstance(exc, MethodNotAllowedException):
            return answer(request, _refused(request, exc))
        error = framework_error(exc.status_code, detail=exc.detail, headers=exc.headers)
        return answer(request, error)

    def on_validation(request: Request[Any, Any, Any], exc: ValidationException) -> Response[Any]:
        found = framework_findings(_listed(exc.extra), limit=chosen.max_validation_errors)
        return answer(request, found)

    def on_exception(request: Request[Any, Any, Any], exc: Exception) -> Response[Any]:
        state = _state(request)
        _LOGGER.error(
            "unhandled error on route %s, request %s",
            "unknown" if state.route is None else state.route.name,
            "unknown" if state.correlation is None else state.correlation.request_id,
            exc_info=exc,
        )
        cast("Scope", request.scope)[_FAILURE] = exc
        return answer(request, internal_error())

    return {
        ValidationException: on_validation,
        HTTPException: on_http_exception,
        DomainError: answer,
        Exception: on_exception,
    }


def answered_failure(scope: Scope) -> Exception | None:
    """The unexpected error that a request ended with and that has been answered, if it has."""
    failure: Exception | None = scope.get(_FAILURE)
    return failure


def _state(request: Request[Any, Any, Any]) -> RequestState:
    return request_state(cast("Scope", request.scope))


def _refused(request: Request[Any, Any, Any], exc: MethodNotAllowedException) -> DomainError:
    """The 405 with the methods that the path, as it was sent, has; a 404 where it has none."""
    named = {name.lower(): value for name, value in (exc.headers or {}).items()}
    listed = frozenset(named.get("allow", "").split(", ")) - {""}
    allowed = allowed_methods(request.app, cast("Scope", request.scope), listed)
    return method_not_allowed(sorted(allowed)) if allowed else not_found()


def _listed(extra: Any) -> Iterable[Mapping[str, Any]]:
    """Litestar's findings in pydantic's form, without their messages, which quote the value."""
    for item in extra if isinstance(extra, list) else ():
        if isinstance(item, Mapping):
            source = getattr(item.get("source"), "value", item.get("source"))
            key = item.get("key")
            yield {
                "loc": (
                    source if source in _SOURCES else "body",
                    *(key.split(".") if isinstance(key, str) and key else ()),
                ),
                "msg": "Invalid value",
                "type": "value_error",
            }
