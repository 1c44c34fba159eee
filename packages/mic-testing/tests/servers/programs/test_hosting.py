from __future__ import annotations

from typing import Any

import pytest

from mic.testing import AsyncRouteClient
from mic.testing.servers._programs import hosting
from mic.testing.servers._programs.hosting import Answer, Request, make_app


async def test_a_request_is_read_whole_and_its_answer_is_json() -> None:
    seen: list[Request] = []

    def respond(request: Request) -> Answer:
        seen.append(request)
        return Answer(201, {"a": 1})

    client = AsyncRouteClient.for_app(make_app(respond))
    answer = await client.request("POST", "/v1/a%2Fb/c?x=1", headers={"X-A": "b"}, body=b"body")
    assert (answer.status_code, answer.json()) == (201, {"a": 1})
    [request] = seen
    assert (request.method, request.path, request.query) == ("POST", ("v1", "a/b", "c"), "x=1")
    assert (request.headers["x-a"], request.body) == ("b", b"body")


async def test_bytes_go_out_as_they_are() -> None:
    client = AsyncRouteClient.for_app(make_app(lambda request: Answer(200, b"\0", "a/b")))
    answer = await client.request("GET", "/")
    assert (answer.body, dict(answer.headers)["content-type"]) == (b"\0", "a/b")


async def test_what_is_no_request_is_left_alone() -> None:
    await make_app(lambda request: Answer())({"type": "lifespan"}, None, None)


async def test_a_body_in_parts_is_cut_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "MOST_BODY_BYTES", 5)
    messages = iter(
        [
            {"type": "http.request", "body": b"abc", "more_body": True},
            {"type": "http.request", "body": b"defg", "more_body": True},
            {"type": "http.request"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    assert await hosting._read(receive) == b"abcde"
