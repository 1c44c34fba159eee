"""The pool on an event loop."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError

from mic.cache_redis._pool_async import BoundedPool
from mic.testing import aeventually


def pool_of(url: str, **options: Any) -> BoundedPool:
    pool: BoundedPool = BoundedPool.from_url(url, **{"max_connections": 1, "timeout": 5, **options})
    return pool


@pytest.fixture
async def pool(redis_like: Any) -> AsyncIterator[BoundedPool]:
    pool = pool_of(redis_like.url)
    yield pool
    await pool.aclose()


async def until_waiting(pool: BoundedPool) -> None:
    await aeventually(lambda: len(pool._condition._waiters) == 1, within=30)


async def test_a_free_connection_is_given_without_waiting(pool: BoundedPool) -> None:
    first = await pool.get_connection()
    assert first.is_connected
    await pool.release(first)
    async with pool._condition:  # those who wait take it
        assert await asyncio.wait_for(pool.get_connection(), 30) is first
    await pool.release(first)


async def test_who_waits_gets_what_becomes_free(pool: BoundedPool) -> None:
    held = await pool.get_connection()
    waiting = asyncio.create_task(pool.get_connection())
    await until_waiting(pool)
    await pool.release(held)
    assert await asyncio.wait_for(waiting, 30) is held
    await pool.release(held)


async def test_nobody_gets_one_more_than_the_bound(redis_like: Any) -> None:
    pool = pool_of(redis_like.url, max_connections=3)
    used: set[Any] = set()
    seen: set[Any] = set()

    async def use() -> None:
        connection = await pool.get_connection()
        assert connection not in used
        used.add(connection)
        seen.add(connection)
        await asyncio.sleep(0)
        used.remove(connection)
        await pool.release(connection)

    await asyncio.wait_for(asyncio.gather(*(use() for _ in range(50))), 30)
    assert 1 <= len(seen) <= 3
    await pool.aclose()


async def test_who_waited_too_long_is_told(redis_like: Any) -> None:
    pool = pool_of(redis_like.url, timeout=0.01)
    held = await pool.get_connection()
    with pytest.raises(RedisConnectionError, match="No connection available"):
        await pool.get_connection()
    await pool.release(held)
    assert await pool.get_connection() is held
    await pool.release(held)
    await pool.aclose()


async def test_who_gives_up_leaves_no_trace(pool: BoundedPool) -> None:
    held = await pool.get_connection()
    waiting = asyncio.create_task(pool.get_connection())
    await until_waiting(pool)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await waiting
    await pool.release(held)
    assert await pool.get_connection() is held
    await pool.release(held)


async def test_one_that_does_not_connect_is_given_back(unused_url: str) -> None:
    pool = pool_of(unused_url)
    for _ in range(3):
        with pytest.raises(RedisConnectionError, match="connect"):
            await pool.get_connection()
    assert pool.can_get_connection()
    await pool.aclose()


async def test_a_server_that_moves_is_left_to_the_driver(
    pool: BoundedPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def guarded(self: Any) -> str:
        return "of the driver"

    pool._in_maintenance = True
    monkeypatch.setattr(BlockingConnectionPool, "get_connection", guarded)
    assert await pool.get_connection() == "of the driver"
