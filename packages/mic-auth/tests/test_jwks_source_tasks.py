"""What only an event loop has: one fetch for all tasks, cancelled callers, the loop not held."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mic.auth import (
    AsyncJwksSource,
    AsyncServiceAuthVerifier,
    JwksSource,
    KeyRing,
    ServiceAuthSigner,
    ServiceKey,
)

KEYS = [ServiceKey.generate("EdDSA") for _ in range(40)]
BODY = json.dumps({"keys": [key.to_jwk() for key in KEYS]}).encode()


class Server:
    """An HTTP server of this test's own, which answers when it is let go."""

    def __init__(self) -> None:
        self.requests = 0
        self.port = 0
        self.go = asyncio.Event()
        self.asked = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline() != b"\r\n":
            pass
        self.requests += 1
        self.asked.set()
        await self.go.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY)
        await writer.drain()
        writer.close()

    @asynccontextmanager
    async def source(self) -> AsyncIterator[AsyncJwksSource]:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{self.port}/keys"
        async with server:
            async with AsyncJwksSource(url, allow_insecure_url=True) as source:
                yield source
            # a server that closes waits for its handlers, from Python 3.12 on
            self.go.set()


@pytest.mark.loop_guard
async def test_one_fetch_for_all_and_the_loop_is_never_held() -> None:
    server = Server()
    async with server.source() as source:
        verifier = AsyncServiceAuthVerifier(audience="stock", keys={"orders": source})
        signer = ServiceAuthSigner(keys=KeyRing(KEYS[:1], max_keys=99), issuer="orders")
        token = signer.sign(audience="stock")
        waiting = [asyncio.create_task(verifier.verify(token)) for _ in range(100)]
        await server.asked.wait()
        assert not any(task.done() for task in waiting)
        server.go.set()
        claims = await asyncio.gather(*waiting)
        assert {each.iss for each in claims} == {"orders"}
        assert server.requests == 1


async def test_a_cancelled_caller_does_not_cancel_the_shared_fetch() -> None:
    server = Server()
    async with server.source() as source:
        first = asyncio.create_task(source.candidates(KEYS[0].kid))
        await server.asked.wait()
        second = asyncio.create_task(source.candidates(KEYS[1].kid))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait({first})
        assert first.cancelled()
        server.go.set()
        assert [key.kid for key in await second] == [KEYS[1].kid]
        assert server.requests == 1


async def test_closing_ends_a_fetch() -> None:
    server = Server()
    async with server.source() as source:
        waiting = asyncio.create_task(source.candidates(KEYS[0].kid))
        await server.asked.wait()
    with pytest.raises(Exception, match="not available"):
        await waiting


async def test_a_synchronous_source_would_hold_the_loop() -> None:
    with JwksSource("https://id.example/keys") as source:
        verifier: type = AsyncServiceAuthVerifier
        with pytest.raises(TypeError, match="is synchronous and may wait"):
            verifier(audience="stock", keys={"orders": source})
