"""Which route a path leads to: precedence, backtracking, encodings, methods, mount points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mic.http import HttpRequestContext, HttpRouteSpec
from mic.testing.contracts.http_corpus._case import Case, CorpusApp
from mic.testing.route_client import ClientOptions

_TEMPLATES = (
    "/",
    "/items",
    "/items/new",
    "/items/{id:int}",
    "/items/{id}",
    "/items/{id}/parts",
    "/items/new/parts/{part}",
    "/items/{id:int}/parts/{part:int}",
    "/items/{id}/{rest:path}",
    "/a/{x}/c",
    "/a/b/{y}",
    "/a/b/d/{rest:path}",
    "/v/{n:float}",
    "/v/{u:uuid}",
    "/v/{s}",
    "/slash/",
    "/deep/{a}/{b}/{c}/end",
    "/dash-and_under.score~",
    "/sp ace/ü",
    "/{any}",
)


def _echo(context: HttpRequestContext) -> dict[str, Any]:
    return {"route": context.route.path if context.route else None, **context.path_params}


def _method(context: HttpRequestContext) -> str:
    return context.method


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    matching = [
        HttpRouteSpec("GET", template, f"paths-{number}", "paths", _echo)
        for number, template in enumerate(_TEMPLATES)
    ]
    methods: list[tuple[Any, str]] = [
        ("POST", "/items"),
        ("DELETE", "/items/{id}"),
        ("PUT", "/items/{id:int}"),
        ("HEAD", "/own-head"),
        ("GET", "/own-head"),
        ("OPTIONS", "/own-options"),
        ("GET", "/own-options"),
        ("PATCH", "/only/patch"),
    ]
    return [
        *matching,
        *(
            HttpRouteSpec(method, path, f"{method} {path}", "paths", _method)
            for method, path in methods
        ),
    ]


def _to(path: str, route: str, **parameters: str) -> Case:
    members = "".join(f',"{name}":"{value}"' for name, value in parameters.items())
    return Case("GET", path, 200, body=f'{{"route":"{route}"{members}}}'.encode())


def _absent(path: str, why: str = "") -> Case:
    return Case("GET", path, 404, "http.not_found", why=why)


def _allow(method: str, path: str, status: int, allow: str) -> Case:
    code = "http.method_not_allowed" if status == 405 else None
    return Case(method, path, status, code, headers={"allow": allow})


_UUID = "00000000-0000-0000-0000-000000000001"

_MATCH_CASES = [
    _to("/", "/"),
    _to("/?x=1", "/"),
    _to("/items", "/items"),
    _to("/items?x=%2F", "/items"),
    _to("/items/new", "/items/new"),
    _to("/items/n%65w", "/items/new"),
    _to("/items/12", "/items/{id:int}", id="12"),
    _to("/items/x12", "/items/{id}", id="x12"),
    _to("/items/New", "/items/{id}", id="New"),
    _to("/items/new/parts", "/items/{id}/parts", id="new"),
    _to("/items/new/parts/7", "/items/new/parts/{part}", part="7"),
    _to("/items/12/parts/7", "/items/{id:int}/parts/{part:int}", id="12", part="7"),
    _to("/items/12/parts/x", "/items/{id}/{rest:path}", id="12", rest="parts/x"),
    _to("/items/new/x/y", "/items/{id}/{rest:path}", id="new", rest="x/y"),
    _to("/items/12/parts", "/items/{id}/parts", id="12"),
    _to("/items/12/parts/", "/items/{id}/{rest:path}", id="12", rest="parts/"),
    _to("/items/a%2Fb", "/items/{id}/{rest:path}", id="a", rest="b"),
    _to("/items/a%252Fb", "/items/{id}", id="a%2Fb"),
    _to("/items/..", "/items/{id}", id=".."),
    _to("/items/%2e%2e", "/items/{id}", id=".."),
    _to("/items/.", "/items/{id}", id="."),
    _to("/items/a%3Fb", "/items/{id}", id="a?b"),
    _to("/items/%C3%BC", "/items/{id}", id="ü"),
    _to("/items/%FF", "/items/{id}", id="\ufffd"),
    _to("/a/b/c", "/a/b/{y}", y="c"),
    _to("/a/z/c", "/a/{x}/c", x="z"),
    _to("/a/b/d", "/a/b/{y}", y="d"),
    _to("/a/b/d/e/f", "/a/b/d/{rest:path}", rest="e/f"),
    _to("/v/1", "/v/{n:float}", n="1"),
    _to("/v/1.5", "/v/{n:float}", n="1.5"),
    _to("/v/1.", "/v/{s}", s="1."),
    _to(f"/v/{_UUID}", "/v/{u:uuid}", u=_UUID),
    _to("/v/\u0661", "/v/{s}", s="\u0661"),
    _to("/slash/", "/slash/"),
    _to("/deep/1/2/3/end", "/deep/{a}/{b}/{c}/end", a="1", b="2", c="3"),
    _to("/dash-and_under.score~", "/dash-and_under.score~"),
    _to("/sp%20ace/%C3%BC", "/sp ace/ü"),
    _to("/anything", "/{any}", any="anything"),
    _to("/slash", "/{any}", any="slash"),
    _absent("/items/"),
    _absent("//"),
    _absent("//items"),
    _absent("/items//"),
    _absent("/items//12"),
    _absent("/a//c"),
    _absent("/a/b/d/", "no empty value"),
    _absent("/a/z/c/"),
    _absent("/slash//"),
    _absent("/deep/1/2/end"),
    _absent("/deep/1//3/end"),
    _absent("/%2F"),
    _absent("/items%2F"),
]

_METHOD_CASES = [
    Case("POST", "/items", 200, body=b'"POST"'),
    Case("DELETE", "/items/x", 200, body=b'"DELETE"'),
    Case("DELETE", "/items/12", 200, body=b'"DELETE"', why="the next template serves it"),
    Case("PUT", "/items/12", 200, body=b'"PUT"'),
    Case("HEAD", "/items", 200, body=b""),
    Case("HEAD", "/own-head", 200, body=b""),
    Case("HEAD", "/no/such", 404, body=b""),
    Case("HEAD", "/only/patch", 405, body=b""),
    Case("OPTIONS", "/own-options", 200, body=b'"OPTIONS"'),
    _allow("OPTIONS", "/items", 204, "GET, HEAD, OPTIONS, POST"),
    _allow("OPTIONS", "/items/12", 204, "DELETE, GET, HEAD, OPTIONS, PUT"),
    _allow("OPTIONS", "/only/patch", 204, "OPTIONS, PATCH"),
    _allow("PATCH", "/items", 405, "GET, HEAD, OPTIONS, POST"),
    _allow("PUT", "/items/x", 405, "DELETE, GET, HEAD, OPTIONS"),
    _allow("GET", "/only/patch", 405, "OPTIONS, PATCH"),
    _allow("TRACE", "/items", 405, "GET, HEAD, OPTIONS, POST"),
    _allow("PROPFIND", "/items", 405, "GET, HEAD, OPTIONS, POST"),
    Case("OPTIONS", "/no/such", 404, "http.not_found"),
    Case("DELETE", "/no/such", 404, "http.not_found"),
    Case("TRACE", "/no/such", 404, "http.not_found"),
]


def _mounted(case: Case) -> Case:
    return Case(
        case.method,
        case.path,
        case.status,
        case.code,
        case.body,
        case.headers,
        settings=ClientOptions(raise_errors=False, root_path="/mount"),
        why=f"{case.why} mounted".strip(),
    )


PATHS = CorpusApp(
    "paths", _routes, [*_MATCH_CASES, *_METHOD_CASES, *map(_mounted, _MATCH_CASES + _METHOD_CASES)]
)
