import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from mic.contracts import StrictSchema
from mic.http._render import (
    ModelWriter,
    UnwritableResultError,
    further_headers,
    json_bytes,
    render,
    render_json,
)
from mic.http.cookies import HttpCookieSpec
from mic.http.responses import HttpResponseSpec


class Public(StrictSchema):
    name: str = Field(alias="theName")


class Private(Public):
    secret: str = "s"


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("spec", "content_type", "body"),
    [
        (HttpResponseSpec(200, {"a": 1}), b"application/json", b'{"a":1}'),
        (HttpResponseSpec(200, None), b"application/json", b"null"),
        (HttpResponseSpec(200, "text"), b"application/json", b'"text"'),
        (HttpResponseSpec(200, "é", "text/html"), b"text/html; charset=utf-8", "é".encode()),
        (HttpResponseSpec(200, "x", "text/csv; charset=x"), b"text/csv; charset=x", b"x"),
        (HttpResponseSpec(200, None, "text/plain"), b"text/plain; charset=utf-8", b""),
        (HttpResponseSpec(200, 5, "image/svg+xml"), b"image/svg+xml", b"5"),
        (
            HttpResponseSpec(200, {"a": 1}, "application/hal+json"),
            b"application/hal+json",
            b'{"a":1}',
        ),
        (HttpResponseSpec(200, b"x"), b"application/octet-stream", b"x"),
        (HttpResponseSpec(200, memoryview(b"x"), "image/png"), b"image/png", b"x"),
        (HttpResponseSpec(200, bytearray(b"{}"), "application/json"), b"application/json", b"{}"),
        (HttpResponseSpec(200, b""), None, b""),
    ],
)
def test_a_body_is_written_by_its_type(
    spec: HttpResponseSpec, content_type: bytes | None, body: bytes
) -> None:
    answer = render(spec)
    headers = dict(answer.headers)
    assert (answer.body, headers.get(b"content-type")) == (body, content_type)
    assert headers[b"content-length"] == b"%d" % len(body)


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_body_have_no_length(status: int) -> None:
    answer = render(HttpResponseSpec(status, {"dropped": 1}, headers={"X": "1"}))
    assert (answer.headers, answer.body) == ([(b"x", b"1")], b"")


def test_headers_and_cookies_follow_in_order() -> None:
    spec = HttpResponseSpec(
        200, b"", headers=[("B", "1"), ("A", "2")], cookies=(HttpCookieSpec("c", "3"),)
    )
    assert [name for name, _ in render(spec).headers] == [
        b"content-length",
        b"b",
        b"a",
        b"set-cookie",
    ]
    assert further_headers(HttpResponseSpec(200, b"", headers={"A": "1"})) == [(b"a", b"1")]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), '"2026-01-02T00:00:00Z"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.10"), '"1.10"'),
        (float("nan"), "null"),
        (float("inf"), "null"),
        ((1, 2), "[1,2]"),
        (Colour.RED, '"red"'),
        (Public(theName="n"), '{"theName":"n"}'),
    ],
)
def test_values_have_one_form(value: Any, written: str) -> None:
    assert json_bytes(value).decode() == written


@pytest.mark.parametrize(
    "write",
    [
        lambda: json_bytes(object()),
        lambda: json_bytes({"a": lambda: 1}),
        lambda: render(HttpResponseSpec(200, "\ud800", "text/plain")),
        lambda: json_bytes("\ud800"),
    ],
)
def test_what_cannot_be_written_is_one_error(write: Callable[[], object]) -> None:
    with pytest.raises(UnwritableResultError, match=r"^$") as caught:
        write()
    assert caught.value.__cause__ is not None


def test_json_that_is_written_already_is_sent_as_it_is() -> None:
    answer = render_json(201, b"1")
    assert (answer.status, answer.body, len(answer.headers)) == (201, b"1", 2)


@pytest.mark.parametrize("model", [Public, list[Public], Public | None])
def test_fields_of_a_subclass_do_not_leave(model: Any) -> None:
    value: Any = Private(theName="n")
    written = json.loads(ModelWriter(model).write([value] if model == list[Public] else value))
    assert written in ({"theName": "n"}, [{"theName": "n"}])


def test_other_values_are_validated_into_the_model() -> None:
    @dataclass
    class Row:
        theName: str  # noqa: N815
        secret: str = "s"

    class Loose(BaseModel):
        theName: str  # noqa: N815

    assert ModelWriter(Public).write({"theName": "n"}) == b'{"theName":"n"}'
    assert ModelWriter(Loose).write(Row("n")) == b'{"theName":"n"}'


@pytest.mark.parametrize("value", [{"other": 1}, 5, Public.model_construct(name=object())])
def test_what_does_not_fit_is_not_written(value: Any) -> None:
    with pytest.raises(UnwritableResultError, match=r"^$"):
        ModelWriter(Public).write(value)
