"""Request bodies: JSON in every shape, raw bytes, and their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, field_validator

from mic.contracts import ExactSchema, StrictSchema
from mic.http import Body, HttpRouteSpec
from mic.testing.contracts.http_corpus._case import Case, CorpusApp
from mic.testing.route_client import ClientOptions


class _Line(BaseModel):
    sku: str
    count: int = 1


class _Order(StrictSchema):
    name: str
    lines: tuple[_Line, ...] = ()


class _Exact(ExactSchema):
    count: int


class _Defaults(BaseModel):
    limit: int = 3


class _Echoing(BaseModel):
    word: str

    @field_validator("word")
    @classmethod
    def _refuse(cls, value: str) -> str:
        if value.startswith("canary"):
            raise ValueError(f"{value} is not welcome")
        return value


@dataclass
class _Pair:
    left: int
    right: int


def _order(order: _Order) -> _Order:
    return order


def _exact(body: _Exact) -> int:
    return body.count


def _defaults(body: _Defaults) -> int:
    return body.limit


def _echoing(body: _Echoing) -> str:
    return body.word


def _optional(body: _Defaults | None) -> bool:
    return body is None


def _many(lines: list[_Line]) -> int:
    return len(lines)


def _mapping(body: dict[str, int]) -> int:
    return sum(body.values())


def _pair(pair: _Pair) -> int:
    return pair.left + pair.right


def _marked(count: Annotated[int, Body()]) -> int:
    return count


def _loose(body: _Line) -> str:
    return body.sku


async def _raw(body: Annotated[bytes, Body()]) -> int:
    return len(body)


def _route(method: Any, path: str, handler: Any, **more: Any) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method} {path}", "bodies", handler, **more)


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    return [
        *(_route(method, "/order", _order) for method in ("POST", "PUT", "PATCH", "DELETE")),
        _route("POST", "/exact", _exact),
        _route("POST", "/defaults", _defaults),
        _route("POST", "/echoing", _echoing),
        _route("POST", "/optional", _optional),
        _route("POST", "/many", _many),
        _route("POST", "/mapping", _mapping),
        _route("POST", "/pair", _pair),
        _route("POST", "/marked", _marked),
        _route("POST", "/loose", _loose, strict_content_type=False),
        _route("POST", "/raw", _raw),
        _route("POST", "/small", _raw, max_body_bytes=10),
        _route("POST", "/small-json", _order, max_body_bytes=20),
        _route("POST", "/no-body", lambda: "ignored"),
    ]


_INVALID = "http.validation_error"
_MALFORMED = "http.malformed_json"
_UNSUPPORTED = "http.unsupported_media_type"
_TOO_LARGE = "http.payload_too_large"
_JSON = {"content-type": "application/json"}


def _post(path: str, status: int, code: str | None = None, **more: Any) -> Case:
    return Case("POST", path, status, code, **more)


def _typed_as(content_type: str, status: int) -> Case:
    return _post(
        "/order",
        status,
        None if status == 200 else _UNSUPPORTED,
        headers={} if status == 200 else {"accept": "application/json"},
        send={"body": b'{"name":"a"}', "headers": {"content-type": content_type}},
        why=content_type,
    )


_JSON_CASES = [
    *(
        Case(method, "/order", 200, body=b'{"name":"a","lines":[]}', send={"json": {"name": "a"}})
        for method in ("POST", "PUT", "PATCH", "DELETE")
    ),
    _post(
        "/order",
        200,
        body=b'{"name":"a","lines":[{"sku":"x","count":2}]}',
        send={"json": {"name": " a ", "lines": [{"sku": "x", "count": "2"}]}},
    ),
    _post("/order", 200, body='{"name":"é😀","lines":[]}'.encode(), send={"json": {"name": "é😀"}}),
    _post(
        "/order", 200, send={"body": (b'{"na', b'me":', b'"a"}'), "headers": _JSON}, why="chunked"
    ),
    _post("/order", 400, _INVALID, errors=["body /name missing"], send={"json": {}}),
    _post("/order", 400, _INVALID, errors=["body /name missing"], why="empty body of a model"),
    _post(
        "/order",
        400,
        _INVALID,
        errors=["body /colour extra_forbidden"],
        send={"json": {"name": "a", "colour": 1}},
    ),
    _post(
        "/order",
        400,
        _INVALID,
        errors=["body /lines/0/sku missing", "body /lines/1/count int_parsing"],
        send={"json": {"name": "a", "lines": [{}, {"sku": "x", "count": "many"}]}},
    ),
    _post("/order", 400, _INVALID, errors=["body  model_type"], send={"json": [1]}),
    _post("/order", 400, _INVALID, errors=["body  model_type"], send={"json": None}),
    _post(
        "/order",
        400,
        _INVALID,
        errors=["body /a~1b~0c extra_forbidden"],
        send={"json": {"name": "a", "a/b~c": 1}},
        why="pointer escapes",
    ),
    _post("/order", 400, _MALFORMED, send={"body": b"{", "headers": _JSON}),
    _post("/order", 400, _MALFORMED, send={"body": b"{'name':1}", "headers": _JSON}),
    _post("/order", 400, _MALFORMED, send={"body": b'{"name":"a"} x', "headers": _JSON}),
    _post(
        "/order",
        400,
        _MALFORMED,
        send={"body": b'{"name":"\xff"}', "headers": _JSON},
        why="bad UTF-8",
    ),
    _post("/order", 400, _MALFORMED, send={"body": b"\xef\xbb\xbf{}", "headers": _JSON}, why="BOM"),
    _post(
        "/order",
        400,
        _MALFORMED,
        send={"body": b"[" * 10_000, "headers": _JSON},
        why="10,000 levels",
    ),
    _post("/order", 400, _MALFORMED, send={"body": b" ", "headers": _JSON}, why="a blank"),
    _typed_as("application/json; charset=utf-8", 200),
    _typed_as('application/json; charset="UTF-8"', 200),
    _typed_as("APPLICATION/JSON", 200),
    _typed_as("application/vnd.api+json", 200),
    _typed_as("text/plain", 415),
    _typed_as("application/json; charset=latin-1", 415),
    _typed_as("application/x-www-form-urlencoded", 415),
    _typed_as("application/jsonp", 415),
    _typed_as("text/json", 415),
    _typed_as("*/*", 415),
    _typed_as("", 415),
    _post("/order", 415, _UNSUPPORTED, send={"body": b'{"name":"a"}'}, why="no content type"),
    _post("/loose", 200, send={"body": b'{"sku":"a"}', "headers": {"content-type": "text/plain"}}),
    _post("/exact", 200, body=b"5", send={"json": {"count": 5}}),
    _post("/exact", 400, _INVALID, errors=["body /count int_type"], send={"json": {"count": "5"}}),
    _post("/exact", 400, _INVALID, errors=["body /count int_type"], send={"json": {"count": 5.0}}),
    _post("/defaults", 200, body=b"3", why="empty body"),
    _post("/defaults", 200, body=b"3", send={"json": {}}),
    _post(
        "/echoing",
        400,
        _INVALID,
        errors=["body /word value_error"],
        send={"json": {"word": "canary-17"}},
    ),
    _post("/echoing", 200, body=b'"a"', send={"json": {"word": "a"}}),
    _post("/optional", 200, body=b"true", why="empty body"),
    _post("/optional", 200, body=b"true", send={"json": None}),
    _post("/optional", 200, body=b"false", send={"json": {"limit": 1}}),
    _post("/many", 200, body=b"2", send={"json": [{"sku": "a"}, {"sku": "b"}]}),
    _post(
        "/many", 400, _INVALID, errors=["body /1/sku missing"], send={"json": [{"sku": "a"}, {}]}
    ),
    _post("/many", 400, _INVALID, errors=["body  missing"], why="empty body of a list"),
    _post("/mapping", 200, body=b"3", send={"json": {"a": 1, "b": 2}}),
    _post(
        "/mapping", 400, _INVALID, errors=["body /b int_parsing"], send={"json": {"a": 1, "b": "x"}}
    ),
    _post("/pair", 200, body=b"3", send={"json": {"left": 1, "right": 2}}),
    _post("/pair", 400, _INVALID, errors=["body /right missing"], send={"json": {"left": 1}}),
    _post("/marked", 200, body=b"5", send={"json": 5}),
    _post("/marked", 400, _INVALID, errors=["body  int_parsing"], send={"json": "x"}),
    _post(
        "/no-body", 200, body=b'"ignored"', send={"json": {"a": 1}}, why="nothing asks for the body"
    ),
    _post("/no-body", 200, send={"body": b"{", "headers": _JSON}, why="nothing parses the body"),
]

_SIZE_CASES = [
    _post("/raw", 200, body=b"3", send={"body": b"\x00\x01\x02"}),
    _post("/raw", 200, body=b"0"),
    _post("/raw", 200, body=b"2", send={"body": b"{}", "headers": {"content-type": "text/x-any"}}),
    _post("/small", 200, body=b"10", send={"body": b"x" * 10}, why="at the limit"),
    _post(
        "/small",
        413,
        _TOO_LARGE,
        headers={"connection": "close"},
        send={"body": b"x" * 11},
        why="one over, declared",
    ),
    _post(
        "/small", 200, body=b"10", send={"body": (b"x" * 5, b"x" * 5)}, why="at the limit, chunked"
    ),
    _post(
        "/small",
        413,
        _TOO_LARGE,
        headers={"connection": "close"},
        send={"body": (b"x" * 5, b"x" * 6)},
        why="one over, chunked",
    ),
    _post(
        "/small",
        413,
        _TOO_LARGE,
        headers={"connection": None},
        send={"body": b"x" * 11},
        settings=ClientOptions(http_version="2"),
        why="no connection header on HTTP/2",
    ),
    _post("/small-json", 413, _TOO_LARGE, send={"json": {"name": "x" * 20}}),
    _post(
        "/raw",
        400,
        "http.malformed_request",
        send={"body": b"x", "headers": {"content-length": "many"}},
    ),
    _post(
        "/raw",
        400,
        "http.malformed_request",
        send={"body": b"x", "headers": {"content-length": "-1"}},
    ),
    _post(
        "/raw",
        413,
        _TOO_LARGE,
        send={"body": b"x", "headers": {"content-length": "99999999999999"}},
    ),
    _post("/order", 499, send={"json": {"name": "a"}, "hang_up": True}),
    _post("/raw", 499, send={"body": (b"x", b"y"), "hang_up": True}, why="in the middle"),
]

BODIES = CorpusApp("bodies", _routes, [*_JSON_CASES, *_SIZE_CASES])
