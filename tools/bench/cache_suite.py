"""What the caches cost beside what they stand on: plain redis-py, a plain LRU, a bare hash.

One server for all, started by the first comparison that is run, with one connection a candidate.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

import redis
import redis.asyncio
from cachetools import TTLCache

from mic.cache import InMemoryCache
from mic.cache.cluster import ConsistentHashRing
from mic.cache_redis import AsyncRedisCache, RedisCache
from mic.testing.servers.starting import start_server
from tools.bench.harness import Benchmark, Comparison, Limit, Work, quickest

KEYS = [f"orders:{number:04d}" for number in range(100)]
KEY = KEYS[0]
VALUE = b"x" * 200
LIFETIME_SECONDS = 600.0

_held = ExitStack()


class _Bench:
    """A server with the keys in it, and our caches and redis-py's clients that talk to it."""

    def __init__(self) -> None:
        url = _held.enter_context(start_server("redis")).url
        self.loop = asyncio.new_event_loop()
        _held.callback(self.loop.close)
        self.ours = RedisCache(url=url)
        self.theirs = redis.Redis.from_url(url)
        self.async_ours = AsyncRedisCache(url=url)
        self.async_theirs = redis.asyncio.Redis.from_url(url)
        for close in (self.ours.close, self.theirs.close):
            _held.callback(close)
        for aclose in (self.async_ours.aclose, self.async_theirs.aclose):
            _held.callback(self._await, aclose)
        self.ours.set_many(dict.fromkeys(KEYS, VALUE), ttl_seconds=LIFETIME_SECONDS)

    def _await(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.loop.run_until_complete(call())

    def repeat(self, call: Callable[[], Awaitable[object]]) -> Work:
        """The work of awaiting a call again and again."""

        async def again(count: int) -> None:
            for _ in range(count):
                await call()

        return lambda count: self.loop.run_until_complete(again(count))


@cache
def _bench() -> _Bench:
    return _Bench()


def close() -> None:
    """End the server and the clients; what is run next starts new ones."""
    _held.close()
    _bench.cache_clear()


atexit.register(close)


def _repeat(call: Callable[[], object]) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            call()

    return work


def _later(make: Callable[[_Bench], Work]) -> Work:
    """A work that is made when it is first run, so that a server starts only for who needs it."""
    made = cache(lambda bench: make(bench))

    return lambda count: made(_bench())(count)


def _sync(call: Callable[[_Bench], Callable[[], object]]) -> Work:
    return _later(lambda bench: _repeat(call(bench)))


def _async(call: Callable[[_Bench], Callable[[], Awaitable[object]]]) -> Work:
    return _later(lambda bench: bench.repeat(call(bench)))


def in_memory() -> tuple[Work, Work]:
    """A hit of ours, safe for threads, and one of an LRU without a lock."""
    ours = InMemoryCache()
    theirs: TTLCache[str, bytes] = TTLCache(maxsize=10_000, ttl=LIFETIME_SECONDS)
    for key in KEYS:
        ours.set(key, VALUE, ttl_seconds=LIFETIME_SECONDS)
        theirs[key] = VALUE
    return _repeat(lambda: ours.get(KEY)), _repeat(lambda: theirs.get(KEY))


def placing() -> tuple[Work, Work]:
    """The node of a key, and the hash that it takes at least."""
    ring = ConsistentHashRing(nodes=[f"redis://10.0.0.{n}:6379/0" for n in range(8)])
    return (
        _repeat(lambda: ring.node_for(KEY)),
        _repeat(lambda: hashlib.md5(KEY.encode(), usedforsecurity=False).digest()),
    )


def _one_by_one(backend: RedisCache) -> None:
    for key in KEYS:
        backend.get(key)


async def _one_by_one_awaited(backend: AsyncRedisCache) -> None:
    for key in KEYS:
        await backend.get(key)


def _on_a_server() -> list[Benchmark]:
    lifetime, most = round(LIFETIME_SECONDS * 1000), 1.10
    at_most = partial(Benchmark, faster=False)
    keep: dict[str, float] = {"ttl_seconds": LIFETIME_SECONDS}
    return [
        at_most(
            "cache: get on Redis",
            _sync(lambda it: lambda: it.ours.get(KEY)),
            _sync(lambda it: lambda: it.theirs.get(KEY)),
            "Redis.get of redis-py",
            most,
        ),
        at_most(
            "cache: set on Redis",
            _sync(lambda it: lambda: it.ours.set(KEY, VALUE, **keep)),
            _sync(lambda it: lambda: it.theirs.set(KEY, VALUE, px=lifetime)),
            "Redis.set of redis-py",
            most,
        ),
        at_most(
            "cache: await get on Redis",
            _async(lambda it: lambda: it.async_ours.get(KEY)),
            _async(lambda it: lambda: it.async_theirs.get(KEY)),
            "redis.asyncio's Redis.get",
            most,
        ),
        at_most(
            "cache: await set on Redis",
            _async(lambda it: lambda: it.async_ours.set(KEY, VALUE, **keep)),
            _async(lambda it: lambda: it.async_theirs.set(KEY, VALUE, px=lifetime)),
            "redis.asyncio's Redis.set",
            most,
        ),
        at_most(
            "cache: get_many(100) on Redis",
            _sync(lambda it: lambda: it.ours.get_many(KEYS)),
            _sync(lambda it: lambda: it.theirs.mget(KEYS)),
            "Redis.mget of redis-py",
            1.15,
        ),
        at_most(
            "cache: await get_many(100) on Redis",
            _async(lambda it: lambda: it.async_ours.get_many(KEYS)),
            _async(lambda it: lambda: it.async_theirs.mget(KEYS)),
            "redis.asyncio's Redis.mget",
            1.15,
        ),
        Benchmark(
            "cache: get_many(100) at once",
            _sync(lambda it: lambda: it.ours.get_many(KEYS)),
            _sync(lambda it: lambda: _one_by_one(it.ours)),
            "100 times get",
            8.0,
        ),
        Benchmark(
            "cache: await get_many(100) at once",
            _async(lambda it: lambda: it.async_ours.get_many(KEYS)),
            _async(lambda it: lambda: _one_by_one_awaited(it.async_ours)),
            "100 times await get",
            8.0,
        ),
    ]


def benchmarks() -> list[Comparison]:
    """Every comparison, in the order in which they are shown."""
    hit, theirs = in_memory()
    placed, hashed = placing()
    return [
        Benchmark(
            "cache: hit in memory",
            hit,
            theirs,
            "cachetools.TTLCache.get without a lock",
            1.0,
            faster=False,
        ),
        *_on_a_server(),
        Benchmark("cache: node_for", placed, hashed, "MD5 of the key", 2.5, faster=False),
        Limit("cache: node_for, in microseconds", quickest(placed), 2e-6, "2 us"),
    ]
