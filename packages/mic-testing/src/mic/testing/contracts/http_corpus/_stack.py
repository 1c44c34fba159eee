"""The middleware stack around everything: headers and ids on every answer, whoever made it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mic.http import (
    CorrelationSpec,
    CsrfPolicy,
    HttpRequestContext,
    HttpResponseSpec,
    HttpRouteSpec,
    MicStack,
    SecurityHeaders,
)
from mic.testing.contracts.http_corpus._case import Case, CorpusApp

_SECURITY = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
}


def _ids(context: HttpRequestContext) -> list[str | None]:
    return [context.correlation_id, context.request_id]


def _own_headers() -> HttpResponseSpec:
    return HttpResponseSpec(200, 1, headers={"x-frame-options": "SAMEORIGIN"})


def _broken() -> None:
    raise KeyError("canary-secret")


def _write() -> str:
    return "written"


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    handlers: tuple[tuple[Any, str, Any], ...] = (
        ("GET", "/ids", _ids),
        ("GET", "/own-headers", _own_headers),
        ("GET", "/broken", _broken),
        ("POST", "/write", _write),
        ("POST", "/auth/login", _write),
        ("POST", "/authority", _write),
    )
    return [
        HttpRouteSpec(method, path, f"{method} {path}", "stack", run)
        for method, path, run in handlers
    ]


def _case(method: str, path: str, status: int, code: str | None = None, **more: Any) -> Case:
    return Case(method, path, status, code, headers=_SECURITY, **more)


_IDS = [
    _case("GET", "/ids", 200, send={"headers": {"x-correlation-id": "corr-1"}}),
    _case("GET", "/ids", 200, body=b'["made","made"]'),
    _case(
        "GET",
        "/ids",
        200,
        body=b'["corr-1","made"]',
        send={"headers": {"x-correlation-id": "corr-1"}},
    ),
    _case(
        "GET",
        "/ids",
        200,
        body=b'["made","made"]',
        send={"headers": {"x-correlation-id": "evil id;<>"}},
    ),
    _case(
        "GET",
        "/ids",
        200,
        body=b'["made","made"]',
        send={"headers": {"x-correlation-id": "x" * 129}},
    ),
    _case("GET", "/no/such", 404, "http.not_found"),
    _case("POST", "/ids", 405, "http.method_not_allowed"),
    _case("OPTIONS", "/ids", 204),
    _case("HEAD", "/ids", 200, body=b""),
    _case("GET", "/broken", 500, "internal_error"),
    Case("GET", "/own-headers", 200, headers={**_SECURITY, "x-frame-options": "SAMEORIGIN"}),
]


def _csrf(path: str, status: int, code: str | None = None, **headers: str) -> Case:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return _case("POST", path, status, code, send={"headers": sent}, why=str(sent))


_LOGGED_IN = "access_token=x; csrf_token=t"
_CSRF = [
    _case("POST", "/write", 200, why="no cookie that authenticates"),
    _csrf("/write", 200, cookie=_LOGGED_IN, x_csrf_token="t"),
    _csrf("/write", 403, "csrf.missing_token", cookie=_LOGGED_IN),
    _csrf("/write", 403, "csrf.missing_token", cookie="access_token=x", x_csrf_token="t"),
    _csrf("/write", 403, "csrf.token_mismatch", cookie=_LOGGED_IN, x_csrf_token="other"),
    _csrf(
        "/write",
        403,
        "csrf.cross_site",
        cookie=_LOGGED_IN,
        x_csrf_token="t",
        sec_fetch_site="cross-site",
        origin="https://evil.example",
    ),
    _csrf("/auth/login", 200, cookie=_LOGGED_IN),
    _csrf("/authority", 403, "csrf.missing_token", cookie=_LOGGED_IN),
    _case(
        "POST",
        "/write",
        403,
        "csrf.missing_token",
        send={"headers": [("cookie", "a=b"), ("cookie", "access_token=x")]},
        why="second cookie line",
    ),
    _csrf("/no/such", 403, "csrf.missing_token", cookie=_LOGGED_IN),
]

STACK = CorpusApp(
    "stack",
    _routes,
    [*_IDS, *_CSRF],
    stack=MicStack(
        correlation=CorrelationSpec(
            correlation_id_factory=lambda: "made", request_id_factory=lambda: "made"
        ),
        security_headers=SecurityHeaders(),
        csrf=CsrfPolicy(exempt_prefixes=("/auth",)),
    ),
)

BARE_STACK = CorpusApp(
    "bare-stack",
    _routes,
    [
        Case("GET", "/ids", 200, headers=dict.fromkeys(_SECURITY, None)),
        Case("GET", "/no/such", 404, "http.not_found", headers=dict.fromkeys(_SECURITY, None)),
    ],
    stack=MicStack(correlation=None, security_headers=None),
)
