"""Reading an answer as a model."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient, UpstreamResponseError
from mic.contracts import HttpSuccessEnvelope, StrictSchema
from mic.model import NotFoundError

Make = Callable[..., AsyncServiceHttpClient]


class Item(StrictSchema):
    name: str
    since: date


ITEM = {"name": "bolt", "since": "2026-01-02"}


@pytest.mark.parametrize("body", [ITEM, {"success": True, "data": ITEM, "meta": None}])
async def test_with_and_without_an_envelope(make: Make, upstream: Any, body: Any) -> None:
    upstream.answers = [httpx.Response(200, json=body)]
    item = await make().request_as(Item, "GET", "/items/1", subject="user-1")
    assert item == Item(name="bolt", since=date(2026, 1, 2))


async def test_other_types(make: Make, upstream: Any) -> None:
    upstream.answers = [httpx.Response(200, json={"success": True, "data": [1, 2]})]
    client = make()
    assert await client.request_as(list[int], "GET", "/items") == [1, 2]
    whole = await client.request_as(HttpSuccessEnvelope[list[int]], "GET", "/items")
    assert whole.data == [1, 2]
    unhashable: Any = Annotated[list[int], []]
    assert await client.request_as(unhashable, "GET", "/items") == [1, 2]


async def test_what_only_looks_like_an_envelope(make: Make, upstream: Any) -> None:
    upstream.answers = [
        httpx.Response(200, json={"success": False, "data": 1}),
        httpx.Response(200, json={"success": True}),
    ]
    client = make()
    assert await client.request_as(dict, "GET", "/items") == {"success": False, "data": 1}
    assert await client.request_as(dict, "GET", "/items") == {"success": True}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is no JSON"),
        (b"<html>secret", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"name": "secret"}', "is not what was asked for"),
        (b'{"success": true, "data": {"name": "secret"}}', "is not what was asked for"),
    ],
)
async def test_an_answer_that_cannot_be_used(
    make: Make, upstream: Any, content: bytes, match: str
) -> None:
    upstream.answers = [httpx.Response(201, content=content)]
    with pytest.raises(UpstreamResponseError, match=match) as caught:
        await make().request_as(Item, "GET", "/items/1")
    error = caught.value
    assert (error.code, error.http_status_code) == ("upstream.invalid_response", 502)
    assert error.details == {"status_code": 201}
    assert "secret" not in repr(vars(error))
    assert error.__cause__ is None
    assert error.__context__ is None


async def test_an_error_status_is_raised(make: Make, upstream: Any) -> None:
    upstream.answers = [httpx.Response(404, json=ITEM)]
    with pytest.raises(NotFoundError, match="answered with an error"):
        await make().request_as(Item, "GET", "/items/1")


async def test_content_that_cannot_be_decoded(make: Make) -> None:
    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, stream=httpx.ByteStream(b"no gzip"), headers={"content-encoding": "gzip"}
        )

    client = make(client=httpx.AsyncClient(transport=httpx.MockTransport(answered)))
    with pytest.raises(UpstreamResponseError, match="cannot be decoded"):
        await client.get("/items/1")
