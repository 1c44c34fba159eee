# Generated from async/test_exchange.py by "make unasync"; edit that file.
"""One exchange: what is closed, and what is given back."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mic.client import ServiceHttpClient
from mic.testing import FakeSigner


class Body(httpx.SyncByteStream):
    """Fails after its first piece, and counts how often it is closed."""

    def __init__(self) -> None:
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"a"
        raise httpx.ReadError("broken")

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_breaks_is_closed(signer: FakeSigner, status: int) -> None:
    body = Body()

    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=body)

    client = ServiceHttpClient(
        base_url="http://stock.example",
        audience="stock",
        signer=signer,
        client=httpx.Client(transport=httpx.MockTransport(answered)),
    )
    with pytest.raises(Exception, match="could not be reached"):
        client.get("/items")
    assert body.closed == 1


def test_slots_come_back(opened: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    client = opened(f"http://127.0.0.1:{port}", max_connections=1, timeout_seconds=5)
    for _ in range(3):
        with pytest.raises(Exception, match="could not be reached"):
            client.get("/items")
        with pytest.raises(Exception, match="could not be reached"):
            client.stream("GET", "/items").__enter__()
