"""Protected routes: every mode, with good, bad, missing and ambiguous credentials."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mic.http import (
    AuthMode,
    HttpOptions,
    HttpRequestContext,
    HttpRouteSpec,
    Principal,
    api_key_authenticator,
    basic_authenticator,
    bearer_authenticator,
    composite_authenticator,
)
from mic.model import TransientError, UnauthorizedError
from mic.testing.contracts.http_corpus._case import Case, CorpusApp

_TOKENS = {
    "user": Principal("ada", roles=frozenset({"reader"}), scopes=frozenset({"items:read"})),
    "admin": Principal(
        "root", roles=frozenset({"admin"}), scopes=frozenset({"items:read", "items:write"})
    ),
    "service": Principal("billing", kind="service", scopes=frozenset({"items:read"})),
}
_KEY = "key-17"


async def _verify(token: str) -> Principal | None:
    if token == "down":
        raise TransientError(code="corpus.down", message="the verifier is down")
    if token == "broken":
        raise KeyError("canary-secret")
    if token == "expired":
        raise UnauthorizedError(code="corpus.expired", message="the token has expired")
    return _TOKENS.get(token)


def _look_up(hashed: str) -> Principal | None:
    if hashed == hashlib.sha256(_KEY.encode()).hexdigest():
        return Principal("robot", kind="service")
    return None


def _check(name: str, password: str) -> Principal | None:
    return Principal(name) if password == "pass:word" else None


def _who(principal: Principal | None, context: HttpRequestContext) -> list[str | None]:
    return [principal.subject if principal else None, context.subject_id]


def _named(principal: Principal) -> str:
    return principal.subject


def _rest(rest: str) -> str:
    return rest


def _protected_body(order: dict[str, int], principal: Principal) -> list[Any]:
    return [principal.subject, order["n"]]


def _route(
    path: str, auth: AuthMode, handler: Any = _who, *, method: Any = "GET", **more: Any
) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method} {path}", "access", handler, auth=auth, **more)


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    return [
        _route("/public", AuthMode.PUBLIC),
        _route("/optional", AuthMode.OPTIONAL),
        _route("/authenticated", AuthMode.AUTHENTICATED, _named),
        _route("/user", AuthMode.USER, _named),
        _route("/admin", AuthMode.ADMIN, _named),
        _route("/service", AuthMode.SERVICE, _named),
        _route("/scoped", AuthMode.AUTHENTICATED, _named, scopes=("items:read", "items:write")),
        _route("/roles", AuthMode.USER, _named, roles=("reader", "admin")),
        _route("/order", AuthMode.USER, _protected_body, method="POST"),
        _route("/item/{n}", AuthMode.USER, lambda n: n),
        _route("/under/{rest:path}", AuthMode.ADMIN, _rest),
        _route("/under/open", AuthMode.PUBLIC),
    ]


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def _get(path: str, status: int, code: str | None = None, /, **headers: str) -> Case:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Case("GET", path, status, code, send={"headers": sent}, why=f"{sent or ''}")


_MISSING, _FORBIDDEN, _SCOPE = (
    "auth.missing_credentials",
    "auth.forbidden",
    "auth.insufficient_scope",
)

_MODE_CASES = [
    _get("/public", 200),
    _get("/public", 200, authorization="Bearer nonsense"),
    _get("/optional", 200),
    _get("/optional", 200, **_bearer("user")),
    _get("/optional", 401, None, **_bearer("nobody")),
    *(
        _get(f"/{mode}", status, code, **_bearer(token))
        for mode, answers in {
            "authenticated": {"user": 200, "admin": 200, "service": 200},
            "user": {"user": 200, "admin": 200, "service": 403},
            "admin": {"user": 403, "admin": 200, "service": 403},
            "service": {"user": 403, "admin": 403, "service": 200},
        }.items()
        for token, status in answers.items()
        for code in ((_FORBIDDEN,) if status == 403 else (None,))
    ),
    *(_get(f"/{mode}", 401, _MISSING) for mode in ("authenticated", "user", "admin", "service")),
    _get("/scoped", 403, _SCOPE, **_bearer("user")),
    _get("/scoped", 200, **_bearer("admin")),
    _get("/roles", 200, **_bearer("user")),
    _get("/roles", 403, _FORBIDDEN, **_basic("ada:pass:word")),
]

_CREDENTIAL_CASES = [
    _get("/user", 401, None, **_bearer("nobody")),
    _get("/user", 401, "corpus.expired", **_bearer("expired")),
    _get("/user", 503, "corpus.down", **_bearer("down")),
    _get("/user", 500, "internal_error", **_bearer("broken")),
    _get("/user", 200, authorization="bearer user"),
    _get("/user", 401, None, authorization="Bearer a b"),
    _get("/user", 401, None, authorization="Bearer"),
    _get("/user", 401, None, authorization=""),
    _get("/user", 401, None, authorization="Bearer " + "x" * 9000),
    _get("/user", 401, None, authorization="Digest x"),
    _get("/user", 200, **_basic("ada:pass:word")),
    _get("/user", 401, None, **_basic("ada:wrong")),
    _get("/user", 401, None, **_basic("no colon")),
    _get("/user", 401, None, authorization="Basic ====="),
    _get("/service", 200, x_api_key=_KEY),
    _get("/service", 401, None, x_api_key="wrong"),
    _get("/user", 403, _FORBIDDEN, x_api_key=_KEY),
    _get("/user", 200, x_api_key="wrong", **_bearer("user")),
    Case(
        "GET",
        "/user",
        401,
        "auth.ambiguous_credentials",
        send={"headers": [("authorization", "Bearer user"), ("authorization", "Bearer user")]},
    ),
    Case("GET", "/user", 200, send={"cookies": {"access_token": "user"}}),
    Case("GET", "/user", 401, send={"cookies": {"access_token": "nobody"}}),
]

_ROUTING_CASES = [
    Case("POST", "/order", 401, _MISSING, send={"body": b"{"}, why="before the body is looked at"),
    Case(
        "POST",
        "/order",
        200,
        body=b'["ada",3]',
        send={"json": {"n": 3}, "headers": _bearer("user")},
    ),
    Case(
        "POST", "/order", 401, send={"body": b"x" * 2_000_000}, why="before the size is looked at"
    ),
    Case("GET", "/item/x", 401, _MISSING, why="before parameters are looked at"),
    Case("HEAD", "/user", 401, body=b""),
    Case("HEAD", "/user", 200, body=b"", send={"headers": _bearer("user")}),
    Case("OPTIONS", "/user", 204, headers={"allow": "GET, HEAD, OPTIONS"}),
    Case("POST", "/user", 405, "http.method_not_allowed", headers={"allow": "GET, HEAD, OPTIONS"}),
    _get("/under/open", 200),
    *(
        _get(path, 401, _MISSING)
        for path in (
            "/under/open/",
            "/under/x",
            "/under/%6fpen/x",
            "/under/open%2F",
            "/under/open%3F",
            "/under/open%23",
            "/under/./open",
            "/under/x/../open",
            "/under/x/%2e%2e/open",
            "/under/OPEN",
        )
    ),
    _get("/under/%6fpen", 200),
    *(
        _get(path, 404, "http.not_found")
        for path in (
            "/user/",
            "//user",
            "/%2Fuser",
            "/x/../user",
            "/user%3F",
            "/USER",
            "/user;a=b",
            "/user%00",
        )
    ),
    _get("/us%65r", 401, _MISSING),
    Case("GET", "/under/a/b", 200, body=b'"a/b"', send={"headers": _bearer("admin")}),
]

_OPTIONS = HttpOptions(
    authenticator=composite_authenticator(
        bearer_authenticator(_verify, cookie="access_token"),
        api_key_authenticator(_look_up),
        basic_authenticator(_check, realm="corpus"),
    )
)

ACCESS = CorpusApp("access", _routes, [*_MODE_CASES, *_CREDENTIAL_CASES, *_ROUTING_CASES], _OPTIONS)
