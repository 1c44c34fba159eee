"""Handlers that raise, results that cannot be written, deadlines and overload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mic.http import HttpOptions, HttpRequestContext, HttpResponseSpec, HttpRouteSpec
from mic.model import (
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ForbiddenError,
    GoneError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RangeNotSatisfiableError,
    RateLimitedError,
    TransientError,
    UnauthorizedError,
    UnprocessableError,
    UnsupportedMediaTypeError,
)
from mic.testing.contracts.http_corpus._case import Case, CorpusApp

_ERRORS: tuple[type[DomainError], ...] = (
    DomainError,
    UnauthorizedError,
    ForbiddenError,
    NotFoundError,
    MethodNotAllowedError,
    ConflictError,
    GoneError,
    PreconditionFailedError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
    RangeNotSatisfiableError,
    UnprocessableError,
    PreconditionRequiredError,
    RateLimitedError,
    TransientError,
    DeadlineExceededError,
)


class _Model(BaseModel):
    n: int


def _raiser(error_class: type[DomainError]) -> Callable[[], None]:
    def handler() -> None:
        raise error_class(code="corpus.failed", message="it failed", details={"n": 1})

    return handler


def _raiser_async(error_class: type[DomainError]) -> Callable[[], Any]:
    async def handler() -> None:
        raise error_class(code="corpus.failed", message="it failed", details={"n": 1})

    return handler


def _retry_after() -> None:
    raise TransientError(code="corpus.busy", message="busy", retry_after_seconds=1.4)


def _with_headers() -> None:
    raise DomainError(
        code="corpus.failed",
        message="it failed",
        headers={"X-Reason": "r", "retry-after": "9"},
        retry_after_seconds=3,
    )


def _challenged() -> None:
    raise UnauthorizedError(
        code="corpus.failed", message="no", headers={"WWW-Authenticate": 'Custom realm="x"'}
    )


def _odd_details() -> None:
    raise DomainError(
        code="corpus.failed", message="Grüße", details={"o": object(), "f": float("nan"), "b": b"x"}
    )


def _odd_code() -> None:
    raise DomainError(code="corpus/a b", message="m", http_status_code=418)


def _misconfigured() -> None:
    raise ConfigurationError(message="the password is wrong")


def _key_error() -> None:
    raise KeyError("canary-secret")


def _own_validation() -> _Model:
    return _Model.model_validate({"n": "canary-secret"})


async def _async_value_error() -> None:
    raise ValueError("canary-secret")


def _not_implemented() -> None:
    raise NotImplementedError("canary-secret")


def _unencodable() -> object:
    return object()


def _wrong_model() -> dict[str, str]:
    return {"n": "canary-secret"}


def _surrogate() -> HttpResponseSpec:
    return HttpResponseSpec.text("\ud800")


def _to_int(context: HttpRequestContext) -> int:
    return int(context.query_params["n"])


async def _slow() -> None:
    await asyncio.sleep(30)


def _quick() -> str:
    return "quick"


async def _background_fails() -> HttpResponseSpec:
    def background() -> None:
        raise RuntimeError("canary-secret")

    return HttpResponseSpec(202, "queued", background=background)


def _guard_refuses(_context: HttpRequestContext) -> None:
    raise ForbiddenError(code="corpus.refused", message="refused")


async def _guard_down(_context: HttpRequestContext) -> None:
    raise TransientError(code="corpus.down", message="down")


def _guard_broken(_context: HttpRequestContext) -> None:
    raise KeyError("canary-secret")


def _guard_by_header(context: HttpRequestContext) -> None:
    if context.header("x-pass") != "yes":
        raise ForbiddenError(code="corpus.refused", message="refused")


def _route(path: str, handler: Any, *, method: Any = "GET", **more: Any) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method} {path}", "failures", handler, **more)


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    return [
        *(_route(f"/raise/{error.__name__}", _raiser(error)) for error in _ERRORS),
        *(
            _route(f"/araise/{error.__name__}", _raiser_async(error), method="POST")
            for error in _ERRORS
        ),
        _route("/retry-after", _retry_after),
        _route("/with-headers", _with_headers),
        _route("/challenged", _challenged),
        _route("/odd-details", _odd_details),
        _route("/odd-code", _odd_code),
        _route("/misconfigured", _misconfigured),
        _route("/key-error", _key_error),
        _route("/own-validation", _own_validation),
        _route("/value-error", _async_value_error),
        _route("/not-implemented", _not_implemented, run_in_thread=False),
        _route("/unencodable", _unencodable, response_model=None),
        _route("/wrong-model", _wrong_model, response_model=_Model),
        _route("/surrogate", _surrogate),
        _route("/to-int", _to_int),
        _route("/slow", _slow, timeout_seconds=0.05),
        _route("/patient", _quick, timeout_seconds=5),
        _route("/background", _background_fails),
        _route("/guarded/refused", _quick, guards=(_guard_refuses,)),
        _route("/guarded/down", _quick, guards=(_guard_down,)),
        _route("/guarded/broken", _quick, guards=(_guard_broken,)),
        _route("/guarded/header", _quick, guards=(_guard_by_header,)),
        _route("/guarded/body", lambda body: body, method="POST", guards=(_guard_refuses,)),
    ]


def _get(path: str, status: int, code: str | None = None, **more: Any) -> Case:
    return Case("GET", path, status, code, **more)


def _internal(path: str, **more: Any) -> Case:
    return _get(path, 500, "internal_error", **more)


def _patience(value: str, status: int) -> Case:
    code = "transient.deadline_exceeded" if status == 504 else None
    return _get(
        "/patient", status, code, send={"headers": {"x-request-timeout-ms": value}}, why=value
    )


FAILURES = CorpusApp(
    "failures",
    _routes,
    [
        *(
            _get(f"/raise/{error.__name__}", error.http_status_code, "corpus.failed")
            for error in _ERRORS
        ),
        *(
            Case("POST", f"/araise/{error.__name__}", error.http_status_code, "corpus.failed")
            for error in _ERRORS
        ),
        Case("HEAD", "/raise/NotFoundError", 404, body=b""),
        _get(
            "/raise/UnauthorizedError", 401, "corpus.failed", headers={"www-authenticate": "Bearer"}
        ),
        _get("/retry-after", 503, "corpus.busy", headers={"retry-after": "2"}),
        _get("/with-headers", 400, "corpus.failed", headers={"x-reason": "r", "retry-after": "9"}),
        _get("/challenged", 401, "corpus.failed", headers={"www-authenticate": 'Custom realm="x"'}),
        _get("/odd-details", 400, "corpus.failed"),
        _get("/odd-code", 418, "corpus/a b"),
        _internal("/misconfigured"),
        _internal("/key-error"),
        Case("HEAD", "/key-error", 500, body=b""),
        _internal("/own-validation"),
        _internal("/value-error"),
        _internal("/not-implemented"),
        _internal("/unencodable"),
        _internal("/wrong-model"),
        _internal("/surrogate"),
        _get("/to-int?n=5", 200, body=b"5"),
        _internal("/to-int?n=x"),
        _internal("/to-int"),
        _get("/slow", 504, "transient.deadline_exceeded"),
        _patience("1000", 200),
        _patience("0", 504),
        _patience("-5", 200),
        _patience("soon", 200),
        _patience("1.5", 200),
        _patience("99999999999999999999", 200),
        _get(
            "/slow",
            504,
            "transient.deadline_exceeded",
            send={"headers": {"X-Request-Timeout-Ms": "5"}},
        ),
        _get("/background", 202, body=b'"queued"'),
        _get("/guarded/refused", 403, "corpus.refused"),
        _get("/guarded/down", 503, "corpus.down"),
        _internal("/guarded/broken"),
        _get("/guarded/header", 403, "corpus.refused"),
        _get("/guarded/header", 200, send={"headers": {"x-pass": "yes"}}),
        Case(
            "POST",
            "/guarded/body",
            403,
            "corpus.refused",
            send={"body": b"{"},
            why="before any parsing",
        ),
    ],
)

OVERLOAD = CorpusApp(
    "overload",
    lambda _: [_route("/sync", _quick), _route("/on-loop", _quick, run_in_thread=False)],
    [_get("/sync", 200), _get("/on-loop", 200)],
    HttpOptions(thread_limit=1, thread_queue_limit=0),
)
