"""One exchange: what is closed, and what is given back."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient
from mic.testing import FakeSigner


class Body(httpx.AsyncByteStream):
    """Fails after its first piece, and counts how often it is closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"a"
        raise httpx.ReadError("broken")

    async def aclose(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_that_breaks_is_closed(signer: FakeSigner, status: int) -> None:
    body = Body()

    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=body)

    client = AsyncServiceHttpClient(
        base_url="http://stock.example",
        audience="stock",
        signer=signer,
        client=httpx.AsyncClient(transport=httpx.MockTransport(answered)),
    )
    with pytest.raises(Exception, match="could not be reached"):
        await client.get("/items")
    assert body.closed == 1


async def test_slots_come_back(opened: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    client = await opened(f"http://127.0.0.1:{port}", max_connections=1, timeout_seconds=5)
    for _ in range(3):
        with pytest.raises(Exception, match="could not be reached"):
            await client.get("/items")
        with pytest.raises(Exception, match="could not be reached"):
            await client.stream("GET", "/items").__aenter__()
