"""Every method with every kind of result: what a handler gives back, as bytes on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args
from uuid import UUID

from pydantic import BaseModel, Field

from mic.http import HttpCookieSpec, HttpMethod, HttpResponseSpec, HttpRouteSpec
from mic.testing.contracts.http_corpus._case import Case, CorpusApp

_METHODS: tuple[HttpMethod, ...] = get_args(HttpMethod)


class _Item(BaseModel):
    id: int
    name: str


class _Secretive(_Item):
    secret: str


class _Aliased(BaseModel):
    full_name: Annotated[str, Field(alias="fullName")]


class _Colour(Enum):
    RED = "red"


class _Point(NamedTuple):
    x: int
    y: int


@dataclass
class _Pair:
    left: int
    right: str


_ITEM = b'{"id":1,"name":"Ada"}'
_JSON = "application/json"


def _item() -> _Item:
    return _Item(id=1, name="Ada")


def _as_item() -> _Item:
    return _Secretive(id=1, name="Ada", secret="hidden")


def _pair() -> _Pair:
    return _Pair(1, "b")


def _optional() -> _Item | None:
    return None


def _nothing() -> None:
    return None


def _chunks() -> Iterator[bytes]:
    yield b"one "
    yield b"two"


def _bare_value(value: Any) -> Callable[[], Any]:
    def handler() -> Any:
        return value

    return handler


def _response(**fields: Any) -> Callable[[], HttpResponseSpec]:
    def handler() -> HttpResponseSpec:
        return HttpResponseSpec(**{"status_code": 200, "body": None, **fields})

    return handler


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of result, and its answer."""

    handler: Callable[[], Any]
    body: bytes
    content_type: str | None = _JSON
    status: int = 200
    has_length: bool = True


_KINDS: dict[str, _Kind] = {
    "model": _Kind(_item, _ITEM),
    "subclass": _Kind(_as_item, _ITEM),
    "dict": _Kind(_bare_value({"b": 1, "a": None}), b'{"b":1,"a":null}'),
    "list": _Kind(_bare_value([1, "zwei", 3.5]), b'[1,"zwei",3.5]'),
    "text": _Kind(
        lambda: HttpResponseSpec.text("Grüße"), "Grüße".encode(), "text/plain; charset=utf-8"
    ),
    "html": _Kind(
        lambda: HttpResponseSpec.text("<p>", media_type="text/html"),
        b"<p>",
        "text/html; charset=utf-8",
    ),
    "latin": _Kind(
        lambda: HttpResponseSpec(200, b"\xe4", "text/plain; charset=latin-1"),
        b"\xe4",
        "text/plain; charset=latin-1",
    ),
    "bytes": _Kind(_response(body=b"\x00\xff"), b"\x00\xff", "application/octet-stream"),
    "typed-bytes": _Kind(
        _response(body=b"\x89PNG", media_type="image/png"), b"\x89PNG", "image/png"
    ),
    "json-type": _Kind(
        _response(body={"a": 1}, media_type="application/vnd.api+json"),
        b'{"a":1}',
        "application/vnd.api+json",
    ),
    "no-content": _Kind(lambda: HttpResponseSpec.no_content(), b"", None, 204, has_length=False),
    "dropped-body": _Kind(
        _response(status_code=204, body={"a": 1}), b"", None, 204, has_length=False
    ),
    "not-modified": _Kind(
        lambda: HttpResponseSpec.not_modified('"v1"'), b"", None, 304, has_length=False
    ),
    "str": _Kind(_bare_value("plain"), b'"plain"'),
    "unicode": _Kind(_bare_value("日本 😀"), '"日本 😀"'.encode()),
    "none": _Kind(_nothing, b"", None, 204, has_length=False),
    "null": _Kind(_optional, b"null"),
    "true": _Kind(_bare_value(True), b"true"),
    "big": _Kind(_bare_value(2**70), str(2**70).encode()),
    "datetime": _Kind(
        _bare_value(datetime(2024, 2, 3, 4, 5, 6, 7, tzinfo=UTC)), b'"2024-02-03T04:05:06.000007Z"'
    ),
    "date": _Kind(_bare_value(date(2024, 2, 29)), b'"2024-02-29"'),
    "time": _Kind(_bare_value(time(23, 59)), b'"23:59:00"'),
    "timedelta": _Kind(_bare_value(timedelta(hours=1, seconds=5)), b'"PT1H5S"'),
    "uuid": _Kind(_bare_value(UUID(int=1)), b'"00000000-0000-0000-0000-000000000001"'),
    "decimal": _Kind(_bare_value(Decimal("1.10")), b'"1.10"'),
    "nan": _Kind(_bare_value([float("nan"), float("inf")]), b"[null,null]"),
    "tuple": _Kind(_bare_value((1, 2)), b"[1,2]"),
    "named-tuple": _Kind(_bare_value(_Point(1, 2)), b"[1,2]"),
    "enum": _Kind(_bare_value(_Colour.RED), b'"red"'),
    "alias": _Kind(
        _bare_value(_Aliased.model_validate({"fullName": "Ada"})), b'{"fullName":"Ada"}'
    ),
    "dataclass": _Kind(_pair, b'{"left":1,"right":"b"}'),
    "envelope": _Kind(
        lambda: HttpResponseSpec.ok({"a": 1}, meta={"limit": 2}),
        b'{"success":true,"data":{"a":1},"meta":{"limit":2}}',
    ),
    "created": _Kind(
        lambda: HttpResponseSpec.created({"id": 7}, location="/items/7"),
        b'{"success":true,"data":{"id":7},"meta":null}',
        status=201,
    ),
    "accepted": _Kind(
        lambda: HttpResponseSpec.accepted(None, location="/jobs/1"),
        b'{"success":true,"data":null,"meta":null}',
        status=202,
    ),
    "stream": _Kind(
        lambda: HttpResponseSpec.streaming(_chunks()),
        b"one two",
        "application/octet-stream",
        has_length=False,
    ),
    "teapot": _Kind(_response(status_code=418, body="short"), b'"short"', status=418),
    "unavailable": _Kind(_response(status_code=503, body={"own": 1}), b'{"own":1}', status=503),
    "cookies": _Kind(
        lambda: HttpResponseSpec(
            200,
            {"a": 1},
            cookies=(
                HttpCookieSpec("a", "1"),
                HttpCookieSpec("b", "x y", httponly=False, max_age=5),
            ),
        ),
        b'{"a":1}',
    ),
    "headers": _Kind(
        _response(body=1, headers=(("X-One", "1"), ("x-two", "é"), ("X-One", "2"))), b"1"
    ),
}


def _name(method: str, kind: str) -> str:
    return f"values-{method}-{kind}".lower()


def _routes(_: Path) -> Sequence[HttpRouteSpec]:
    return [
        HttpRouteSpec(method, f"/values/{name}", _name(method, name), "values", kind.handler)
        for name, kind in _KINDS.items()
        for method in _METHODS
    ]


def _case(method: str, name: str, kind: _Kind) -> Case:
    length = str(len(kind.body)) if kind.has_length else None
    return Case(
        method,
        f"/values/{name}",
        kind.status,
        body=b"" if method == "HEAD" else kind.body,
        headers={"content-type": kind.content_type, "content-length": length},
    )


VALUES = CorpusApp(
    "values",
    _routes,
    [_case(method, name, kind) for name, kind in _KINDS.items() for method in _METHODS],
)
