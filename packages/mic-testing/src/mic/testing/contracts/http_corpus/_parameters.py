"""Parameters from the path, the query, headers and cookies: converted, missing, wrong, repeated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Unpack
from uuid import UUID

from pydantic import BaseModel, Field

from mic.contracts import StrictSchema
from mic.http import Cookie, Header, HttpOptions, HttpRequestContext, HttpRouteSpec, Query
from mic.http import Path as PathParameter
from mic.testing.contracts.http_corpus._case import Case, CorpusApp
from mic.testing.route_client import RequestOptions


class _Size(Enum):
    SMALL = "s"
    LARGE = "l"


class _Filter(BaseModel):
    q: str
    limit: int = 10
    tags: list[str] = []


class _ExactFilter(StrictSchema):
    limit: int = 10


def _integer(n: int) -> dict[str, Any]:
    return {"n": n}


def _float(x: float) -> float:
    return x


def _uuid(u: UUID) -> UUID:
    return u


def _text(s: str) -> str:
    return s


def _rest(rest: str) -> str:
    return rest


def _alias(number: Annotated[int, PathParameter(alias="n"), Field(ge=10)]) -> int:
    return number


def _two(a: int, b: date) -> list[Any]:
    return [a, b]


def _search(
    q: str,
    limit: Annotated[int, Query(), Field(ge=1, le=100)] = 10,
    flag: bool = False,
    size: _Size | None = None,
) -> dict[str, Any]:
    return {"q": q, "limit": limit, "flag": flag, "size": size}


def _lists(tags: list[str], ids: tuple[int, ...] = (), kinds: set[int] | None = None) -> list[Any]:
    return [tags, ids, sorted(kinds or ())]


def _aliased_query(page_size: Annotated[int, Query(alias="page[size]")]) -> int:
    return page_size


def _from_model(filter: _Filter) -> _Filter:
    return filter


def _marked_model(filter: Annotated[_ExactFilter, Query()]) -> int:
    return filter.limit


def _headers(
    x_count: Annotated[int, Header()],
    x_note: Annotated[str, Header()] = "none",
    accept: Annotated[str | None, Header(alias="Accept")] = None,
) -> list[Any]:
    return [x_count, x_note, accept]


def _cookies(session: Annotated[str, Cookie()], seen: Annotated[int, Cookie()] = 0) -> list[Any]:
    return [session, seen]


def _context(context: HttpRequestContext, n: int) -> dict[str, Any]:
    return {
        "n": n,
        "path": context.path,
        "method": context.method,
        "path_params": dict(context.path_params),
        "query": dict(context.query_params),
        "all": context.query_list("a"),
        "header": context.header("X-Any-Case"),
        "lines": context.header_list("x-any-case"),
        "cookies": dict(context.cookies),
        "route": context.route.name if context.route else None,
    }


def _every_source(
    n: int,
    q: int,
    x_h: Annotated[int, Header()],
    c: Annotated[int, Cookie()],
) -> list[int]:
    return [n, q, x_h, c]


def _anything(*args: Any, **kwargs: Any) -> int:
    return len(args) + len(kwargs)


def _convert_itself(context: HttpRequestContext) -> int:
    return int(context.path_params["n"])


def _route(path: str, name: str, handler: Any) -> HttpRouteSpec:
    return HttpRouteSpec("GET", path, f"parameters-{name}", "parameters", handler)


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    return [
        _route("/int/{n}", "int", _integer),
        _route("/typed/{n:int}", "typed", _integer),
        _route("/float/{x}", "float", _float),
        _route("/float-typed/{x:float}", "float-typed", _float),
        _route("/uuid/{u}", "uuid", _uuid),
        _route("/uuid-typed/{u:uuid}", "uuid-typed", _uuid),
        _route("/text/{s}", "text", _text),
        _route("/raw/{s}", "raw", lambda s: s),
        _route("/rest/{rest:path}", "rest", _rest),
        _route("/alias/{n}", "alias", _alias),
        _route("/two/{a}/and/{b}", "two", _two),
        _route("/search", "search", _search),
        _route("/lists", "lists", _lists),
        _route("/aliased", "aliased", _aliased_query),
        _route("/model", "model", _from_model),
        _route("/marked", "marked", _marked_model),
        _route("/headers", "headers", _headers),
        _route("/cookies", "cookies", _cookies),
        _route("/context/{n}", "context", _context),
        _route("/every/{n}", "every", _every_source),
        _route("/anything", "anything", _anything),
        _route("/itself/{n}", "itself", _convert_itself),
    ]


_INVALID = "http.validation_error"


def _bad(path: str, *errors: str, **send: Unpack[RequestOptions]) -> Case:
    return Case("GET", path, 400, _INVALID, errors=errors, send=send)


def _good(path: str, answer: str, **send: Unpack[RequestOptions]) -> Case:
    return Case("GET", path, 200, body=answer.encode(), send=send)


_PATH_CASES = [
    _good("/int/42", '{"n":42}'),
    _good("/int/-7", '{"n":-7}'),
    _good("/int/%34%32", '{"n":42}'),
    _bad("/int/4.5", "path /n int_parsing"),
    _bad("/int/abc", "path /n int_parsing"),
    _bad("/int/%20", "path /n int_parsing"),
    Case("GET", "/int/", 404, "http.not_found"),
    _good("/typed/0042", '{"n":42}'),
    Case("GET", "/typed/-7", 404, "http.not_found", why="the pattern has no sign"),
    Case("GET", "/typed/4a", 404, "http.not_found"),
    Case("GET", "/typed/" + "9" * 5000, 400, _INVALID, why="more digits than int() takes"),
    _good("/float/1.5", "1.5"),
    _good("/float/1e3", "1000.0"),
    _good("/float/nan", "null"),
    _bad("/float/x", "path /x float_parsing"),
    _good("/float-typed/2", "2.0"),
    Case("GET", "/float-typed/1e3", 404, "http.not_found"),
    _good("/uuid/00000000-0000-0000-0000-0000000000AB", '"00000000-0000-0000-0000-0000000000ab"'),
    _bad("/uuid/nope", "path /u uuid_parsing"),
    _good(
        "/uuid-typed/00000000-0000-0000-0000-000000000001", '"00000000-0000-0000-0000-000000000001"'
    ),
    Case("GET", "/uuid-typed/nope", 404, "http.not_found"),
    _good("/text/a%20b", '"a b"'),
    _good("/text/a+b", '"a+b"'),
    _good("/text/%C3%A9", '"é"'),
    _good("/text/é", '"é"'),
    _good("/text/%E6%97%A5", '"日"'),
    _good("/text/%25", '"%"'),
    _good(
        "/text/%2525",
        '"%25"',
    ),
    _good("/text/a%3Fb", '"a?b"'),
    _good("/text/a%23b", '"a#b"'),
    _good("/text/a;b=c", '"a;b=c"'),
    _good("/text/%22", '"\\""'),
    _good("/raw/007", '"007"'),
    _good("/rest/a/b/c", '"a/b/c"'),
    _good("/rest/a%2Fb", '"a/b"'),
    _good("/rest/a//b/", '"a//b/"'),
    Case("GET", "/rest/", 404, "http.not_found"),
    Case("GET", "/rest//a", 404, "http.not_found", why="no leading slash in the value"),
    _good("/alias/12", "12"),
    _bad("/alias/9", "path /n greater_than_equal"),
    _good("/two/1/and/2024-02-29", '[1,"2024-02-29"]'),
    _bad("/two/x/and/2023-02-29", "path /a int_parsing", "path /b date_from_datetime_parsing"),
    _good("/anything?a=1&b=2", "0"),
    _good("/itself/12", "12"),
]

_QUERY_CASES = [
    _good("/search?q=a", '{"q":"a","limit":10,"flag":false,"size":null}'),
    _good("/search?q=a&limit=5&flag=true&size=l", '{"q":"a","limit":5,"flag":true,"size":"l"}'),
    _good("/search?q=a+b%2Bc&flag=1", '{"q":"a b+c","limit":10,"flag":true,"size":null}'),
    _good("/search?q=", '{"q":"","limit":10,"flag":false,"size":null}'),
    _good("/search?q=a&q=b", '{"q":"b","limit":10,"flag":false,"size":null}'),
    _good("/search?q=%ff", '{"q":"\ufffd","limit":10,"flag":false,"size":null}'),
    _good("/search?q=a&other=1", '{"q":"a","limit":10,"flag":false,"size":null}'),
    _good("/search?q=x;y", '{"q":"x;y","limit":10,"flag":false,"size":null}'),
    _good("/search?&&q=a&", '{"q":"a","limit":10,"flag":false,"size":null}'),
    _bad("/search", "query /q missing"),
    _bad("/search?q=a&limit=0", "query /limit greater_than_equal"),
    _bad("/search?q=a&limit=x", "query /limit int_parsing"),
    _bad("/search?q=a&limit=", "query /limit int_parsing"),
    _bad(
        "/search?limit=101&flag=maybe&size=xl",
        "query /q missing",
        "query /limit less_than_equal",
        "query /flag bool_parsing",
        "query /size enum",
    ),
    _good("/lists?tags=a&tags=b&ids=1&ids=2&kinds=3&kinds=3", '[["a","b"],[1,2],[3]]'),
    _good("/lists?tags=", '[[""],[],[]]'),
    _bad("/lists", "query /tags missing"),
    _bad("/lists?tags=a&ids=1&ids=x", "query /ids/1 int_parsing"),
    _good("/aliased?page%5Bsize%5D=3", "3"),
    _bad("/aliased?page_size=3", "query /page[size] missing"),
    _good("/model?q=a&tags=x&tags=y", '{"q":"a","limit":10,"tags":["x","y"]}'),
    _bad("/model?limit=many", "query /q missing", "query /limit int_parsing"),
    _good("/marked?limit=3", "3"),
    _good("/marked", "10"),
    _bad("/marked?limit=3&unknown=1", "query /unknown extra_forbidden"),
    Case(
        "GET",
        "/search?" + "&".join(f"p{n}=1" for n in range(20)) + "&q=a",
        400,
        "http.too_many_parameters",
        why="one over the limit",
    ),
    Case("GET", "/search?q=a&" + "&".join(f"p{n}=1" for n in range(19)), 200, why="at the limit"),
]

_HEADER_CASES = [
    _good("/headers", '[3,"none",null]', headers={"X-Count": "3"}),
    _good(
        "/headers",
        '[3,"a, b","text/html"]',
        headers=[("x-count", "3"), ("X-Note", "a"), ("x-note", "b"), ("Accept", "text/html")],
    ),
    _good("/headers", '[3,"é",null]', headers={"x-count": "3", "x-note": "é"}),
    _bad("/headers", "header /x-count missing"),
    _bad("/headers", "header /x-count int_parsing", headers={"x-count": "three"}),
    _bad("/headers", "header /x-count int_parsing", headers=[("x-count", "1"), ("x-count", "2")]),
    _good("/cookies", '["abc",0]', cookies={"session": "abc"}),
    _good("/cookies", '["a b",2]', headers={"cookie": 'session="a b"; seen=2'}),
    _good(
        "/cookies",
        '["second",0]',
        headers=[("cookie", "session=first"), ("cookie", "session=second")],
    ),
    _good("/cookies", '["%20",0]', cookies={"session": "%20"}),
    _bad("/cookies", "cookie /session missing"),
    _bad("/cookies", "cookie /seen int_parsing", cookies={"session": "a", "seen": "x"}),
    _good(
        "/context/5?a=1&a=2&b=x%20y",
        '{"n":5,"path":"/context/5","method":"GET","path_params":{"n":"5"},'
        '"query":{"a":"2","b":"x y"},"all":["1","2"],"header":"p, q","lines":["p","q"],'
        '"cookies":{"k":"v"},"route":"parameters-context"}',
        headers=[("x-any-case", "p"), ("X-Any-Case", "q")],
        cookies={"k": "v"},
    ),
    _bad(
        "/every/x",
        "path /n int_parsing",
        "query /q missing",
        "header /x-h missing",
        "cookie /c missing",
    ),
    _good("/every/1?q=2", "[1,2,3,4]", headers={"x-h": "3"}, cookies={"c": "4"}),
]

PARAMETERS = CorpusApp(
    "parameters",
    _routes,
    [*_PATH_CASES, *_QUERY_CASES, *_HEADER_CASES],
    HttpOptions(max_query_parameters=20),
)
