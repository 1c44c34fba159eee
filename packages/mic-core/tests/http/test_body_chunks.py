from collections.abc import Iterable
from typing import Any

import pytest

from mic.http._body_chunks import body_chunks, payload_too_large
from mic.http._disconnect import ClientDisconnectedError
from mic.model import DomainError, PayloadTooLargeError


class Client:
    """Sends messages, and counts how many were taken."""

    def __init__(self, messages: Iterable[dict[str, Any]]) -> None:
        self.messages = iter(messages)
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        return next(self.messages)

    async def read(self, limit: int, *, length: bytes | None = None, version: str = "1.1") -> Any:
        headers = [(b"accept", b"*/*")] + ([] if length is None else [(b"content-length", length)])
        scope = {"type": "http", "http_version": version, "headers": headers}
        return [chunk async for chunk in body_chunks(scope, self.receive, limit=limit)]


def sending(*chunks: bytes) -> Client:
    return Client(
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    )


async def test_chunks_as_they_come_but_empty_ones() -> None:
    assert await sending(b"ab", b"", b"c", b"").read(3) == [b"ab", b"c"]


async def test_messages_without_their_optional_members() -> None:
    assert await Client([{"type": "http.request"}]).read(0) == []


async def test_one_byte_over_the_limit() -> None:
    client = sending(b"ab", b"cd", b"ef")
    with pytest.raises(PayloadTooLargeError, match="larger") as caught:
        await client.read(3)
    assert client.taken == 2
    assert caught.value.code == "http.payload_too_large"
    assert caught.value.headers == {"Connection": "close"}


async def test_more_is_declared_than_the_limit_and_nothing_is_read() -> None:
    client = sending(b"abcd")
    with pytest.raises(PayloadTooLargeError, match="larger"):
        await client.read(3, length=b"4")
    assert client.taken == 0


@pytest.mark.parametrize("length", [b"9" * 19, b"9" * 1_000_000])
async def test_a_huge_number_is_declared(length: bytes) -> None:
    with pytest.raises(PayloadTooLargeError, match="larger"):
        await sending(b"").read(10**18, length=length)


@pytest.mark.parametrize("length", [b"3", b"0003", b"0", b"000"])
async def test_as_much_is_declared_as_the_limit(length: bytes) -> None:
    assert await sending(b"abc").read(3, length=length) == [b"abc"]


@pytest.mark.parametrize("length", [b"", b"-1", b"+1", b"1.0", b"x", b" 1", b"\xb2"])
async def test_no_number_is_declared(length: bytes) -> None:
    with pytest.raises(DomainError, match="Content-Length") as caught:
        await sending(b"").read(3, length=length)
    assert caught.value.code == "http.malformed_request"
    assert caught.value.http_status_code == 400


async def test_the_client_left() -> None:
    client = Client(
        [
            {"type": "http.request", "body": b"ab", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    with pytest.raises(ClientDisconnectedError, match=r"^$"):
        await client.read(9)


@pytest.mark.parametrize(
    ("scope", "headers"),
    [
        ({"http_version": "1.0"}, {"Connection": "close"}),
        ({"http_version": "1.1"}, {"Connection": "close"}),
        ({}, {"Connection": "close"}),
        ({"http_version": "2"}, {}),
        ({"http_version": "3"}, {}),
    ],
)
def test_only_http_1_has_a_connection_to_close(
    scope: dict[str, Any], headers: dict[str, str]
) -> None:
    assert payload_too_large(scope).headers == headers
