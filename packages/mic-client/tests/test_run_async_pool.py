"""Every connection goes back to its pool, wherever a call is stopped. The pools have one."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

import anyio
import httpx
import pytest

from mic.client import AsyncServiceHttpClient, HttpRetryPolicy
from mic.model import DomainError, TransientError
from mic.testing import FakeSigner, aeventually

STEPS = 60
"""More turns of the loop than an exchange takes on a new connection."""

PATIENCE = 5.0
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"

ANSWERS: dict[str, tuple[bytes, str]] = {
    "/well": (HEAD + b"abcdefghi", "goes on"),
    "/gone": (HEAD.replace(b"200", b"404") + b"abcdefghi", "goes on"),
    "/no-answer": (b"", "waits"),
    "/half-a-head": (HEAD[:20], "waits"),
    "/half-a-body": (HEAD + b"abc", "waits"),
    "/half-an-error": (HEAD.replace(b"200", b"500") + b"abc", "waits"),
    "/endless-error": (
        HEAD.replace(b"200", b"500").replace(b"9", b"900000") + b"x" * 99_999,
        "waits",
    ),
    "/short": (HEAD + b"abc", "hangs up"),
    "/nothing": (b"", "hangs up"),
}
ILL = ["/no-answer", "/half-a-head", "/half-a-body", "/half-an-error", "/endless-error"]


class Server:
    """Answers by the path, on the loop of the test: its steps take their turns with ours."""

    def __init__(self) -> None:
        self.url = ""
        self.open = self.most = 0
        self.paths: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split()[1].decode()
                self.paths.append(path)
                data, then = ANSWERS[path]
                writer.write(data)
                await writer.drain()
                if then == "waits":
                    await reader.read()
                if then != "goes on":
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@pytest.fixture
async def served() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0, backlog=1_000)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()
    await aeventually(lambda: server.open == 0)


@pytest.fixture(params=["ours", "given"])
async def client(
    request: pytest.FixtureRequest, served: Server, signer: FakeSigner
) -> AsyncIterator[AsyncServiceHttpClient]:
    given = None
    if request.param == "given":
        given = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
    made = AsyncServiceHttpClient(
        base_url=served.url,
        audience="stock",
        signer=signer,
        timeout_seconds=PATIENCE,
        client=given,
        max_connections=1,
        propagate=lambda headers: None,
    )
    made.native  # noqa: B018 - opens it, so that each step below is one of the exchange
    async with made:
        yield made
    if given is not None:
        await given.aclose()


def pool_of(client: AsyncServiceHttpClient) -> Any:
    transport: Any = client.native._transport
    return transport._pool


async def forget_connections(client: AsyncServiceHttpClient) -> None:
    """Let the next call need a new connection."""
    await pool_of(client).aclose()


async def stopped_at(step: int, call: Coroutine[Any, Any, Any], times: int = 1) -> str:
    """Cancel a call after so many turns of the loop; how it ended."""
    task = asyncio.get_running_loop().create_task(call)
    for _ in range(step):
        await asyncio.sleep(0)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"
    except DomainError:
        return "failed"
    return "done"


async def assert_free(client: AsyncServiceHttpClient) -> None:
    """The one connection can be used, and nothing is left of what was stopped."""
    answer = await client.get("/well")
    assert answer.content == b"abcdefghi"
    pool = pool_of(client)
    assert (len(pool._requests), len(pool.connections)) == (0, 1)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("path", ["/well", *ILL])
async def test_a_cancelled_call(client: AsyncServiceHttpClient, path: str, times: int) -> None:
    ends: Counter[str] = Counter()
    for step in range(STEPS):
        ends[await stopped_at(step, client.get(path), times)] += 1
        await assert_free(client)
        await forget_connections(client)
    assert ends["cancelled"] >= (10 if path in {"/well", "/endless-error"} else STEPS)


@pytest.mark.parametrize("path", ["/well", "/no-answer"])
async def test_a_cancelled_call_on_a_kept_connection(
    client: AsyncServiceHttpClient, path: str
) -> None:
    for step in range(STEPS // 2):
        await assert_free(client)
        await stopped_at(step, client.get(path))
    await assert_free(client)


async def test_a_call_that_waits_for_the_connection(client: AsyncServiceHttpClient) -> None:
    for step in range(2 * STEPS):
        first = asyncio.ensure_future(client.get("/well"))
        await asyncio.sleep(0)
        await stopped_at(step, client.get("/well"))
        assert (await first).content == b"abcdefghi"
        await assert_free(client)
        if step % 2:
            await forget_connections(client)


async def test_a_call_whose_time_is_over(client: AsyncServiceHttpClient) -> None:
    for step in range(STEPS):
        with suppress(TransientError):  # from "at once" to "not at all"
            await client.get("/well", timeout=1e-9 + step * step * 2e-6)
        await assert_free(client)
        await forget_connections(client)


@pytest.mark.parametrize("path", ["/well", *ILL])
async def test_a_scope_of_anyio(client: AsyncServiceHttpClient, path: str) -> None:
    async def get(path: str) -> None:
        with suppress(DomainError):
            await client.get(path)

    for step in range(STEPS):
        async with anyio.create_task_group() as group:
            group.start_soon(get, path)
            for _ in range(step):
                await asyncio.sleep(0)
            group.cancel_scope.cancel()
        await assert_free(client)
        await forget_connections(client)


@pytest.mark.parametrize("path", ["/well", "/half-a-body"])
async def test_a_stream(client: AsyncServiceHttpClient, path: str) -> None:
    async def read() -> None:
        async with client.stream("GET", path) as answer:
            async for _ in answer.aiter_bytes():
                pass

    for step in range(STEPS):
        await stopped_at(step, read(), times=1 + step % 3)
        await assert_free(client)
        await forget_connections(client)


async def test_a_thousand_calls_of_every_kind(served: Server, signer: FakeSigner) -> None:
    client = AsyncServiceHttpClient(
        base_url=served.url, audience="stock", signer=signer, max_connections=8
    )
    paths = sorted(ANSWERS)
    ends: Counter[str] = Counter()

    async def call(number: int) -> None:
        try:
            async with asyncio.timeout(0.03 if number % 5 == 0 else None):
                await client.get(paths[number % len(paths)], timeout=0.1)
            ends["answer"] += 1
        except DomainError as error:
            ends[error.code] += 1
        except TimeoutError:
            ends["cancelled"] += 1

    async with client:
        for start in range(0, 1_000, 40):
            async with asyncio.TaskGroup() as group:
                for number in range(start, start + 40):
                    group.create_task(call(number))
        assert sum(ends.values()) == 1_000
        assert {"answer", "cancelled", "transient.upstream_network", "upstream.error"} <= set(ends)
        pool = pool_of(client)
        assert len(pool._requests) == 0
        assert all(each.is_idle() or each.is_closed() for each in pool.connections)
        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(client.get("/well"))
        assert len(pool.connections) <= 8
    assert served.most <= 8


async def test_five_hundred_at_once(served: Server, signer: FakeSigner) -> None:
    client = AsyncServiceHttpClient(
        base_url=served.url, audience="stock", signer=signer, timeout_seconds=60
    )
    async with client, asyncio.TaskGroup() as group:
        tasks = [group.create_task(client.get("/well")) for _ in range(500)]
    assert [task.result().content for task in tasks] == [b"abcdefghi"] * 500
    assert 10 < served.most <= 100


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_that_is_cancelled_at_any_step(served: Server, signer: FakeSigner) -> None:
    """The other side accepts, and never says a word of TLS.

    httpcore leaves the socket of a handshake that is cancelled to the garbage collector; it must
    find it at once.
    """
    given = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
    client = AsyncServiceHttpClient(
        base_url=served.url.replace("http:", "https:"),
        audience="stock",
        signer=signer,
        client=given,
        propagate=lambda headers: None,
    )
    async with given:
        pool = pool_of(client)
        for step in range(STEPS):
            await stopped_at(step, client.get("/well"), times=1 + step % 2)
            await aeventually(lambda: not pool.connections and not pool._requests)
        gc.collect()
        await aeventually(lambda: served.open == 0)


async def test_cancelled_between_two_attempts(served: Server, signer: FakeSigner) -> None:
    asleep = asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    client = AsyncServiceHttpClient(
        base_url=served.url,
        audience="stock",
        signer=signer,
        max_connections=1,
        retry=HttpRetryPolicy(statuses=frozenset({404})),
        sleep_fn=sleep,
    )
    async with client:
        task = asyncio.ensure_future(client.get("/gone"))
        await asleep.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError, match=r"^$"):
            await task
        await assert_free(client)
