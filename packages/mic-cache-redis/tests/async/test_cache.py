"""What is sent to the server, and what becomes of its answers."""

import asyncio  # unasync: drop
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from mic.cache import CacheError, CacheUnavailableError
from mic.cache_redis import AsyncRedisCache
from mic.testing.servers import Server


@pytest.fixture
async def cache(redis_like: Any) -> AsyncIterator[AsyncRedisCache]:
    """Of the server that answers as the test says."""
    async with AsyncRedisCache(url=redis_like.url, namespace="ns", timeout_seconds=0.2) as opened:
        yield opened


@pytest.fixture
async def real(redis_server: Server, redis_namespace: str) -> AsyncIterator[AsyncRedisCache]:
    """Of a real server."""
    async with AsyncRedisCache(url=redis_server.url, namespace=redis_namespace) as opened:
        yield opened


# --- making --------------------------------------------------------------------------------------


async def test_it_needs_a_url_or_a_client() -> None:
    with pytest.raises(CacheError, match="url or a ready client"):
        AsyncRedisCache()
    with pytest.raises(TypeError, match="client must be"):
        AsyncRedisCache(client=object())
    with pytest.raises(ValueError, match="namespace"):
        AsyncRedisCache(url="redis://h", namespace="a b")


async def test_a_ready_client_is_used_and_stays_open(
    redis_server: Server, redis_namespace: str
) -> None:
    async with Redis.from_url(redis_server.url, decode_responses=True) as client:
        async with AsyncRedisCache(
            client=client, url="redis://elsewhere:1", namespace=redis_namespace
        ) as cache:
            assert cache.native is client
            connection = await client.client_id()
            await cache.set("k", b"\xff", ttl_seconds=60)
            assert await cache.get("k") == b"\xff"
        # redis-py would connect again without a word.
        assert await client.client_id() == connection
        assert await client.delete(f"{redis_namespace}:k") == 1


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("decode_responses", [True, False])
async def test_bytes_are_bytes_whatever_the_client_decodes(
    redis_server: Server, redis_namespace: str, protocol: int, decode_responses: bool
) -> None:
    async with AsyncRedisCache(
        url=f"{redis_server.url}?protocol={protocol}",
        decode_responses=decode_responses,
        namespace=redis_namespace,
    ) as cache:
        await cache.set_many({"a": b"\xff\x00", "é": b""}, ttl_seconds=60)
        assert await cache.get("a") == b"\xff\x00"
        assert await cache.get_many(["a", "é", "c"]) == {"a": b"\xff\x00", "é": b""}
        assert await cache.set_if_absent("c", b"\xfe", ttl_seconds=60) is True
        assert await cache.set_if_absent("c", b"\xfd", ttl_seconds=60) is False
        assert await cache.compare_and_set("c", b"\xfe", b"7", ttl_seconds=60) is True
        assert await cache.increment("c", ttl_seconds=60) == 8
        await cache.clear()
        assert await cache.get_many(["a", "é", "c"]) == {}


# --- keys ----------------------------------------------------------------------------------------


async def test_keys_on_the_server(real: AsyncRedisCache, redis_namespace: str) -> None:
    await real.set("k:é", b"v", ttl_seconds=1.5)
    assert await real.native.get(f"{redis_namespace}:k:é") == b"v"
    assert 0 < await real.native.pttl(f"{redis_namespace}:k:é") <= 1500
    async with AsyncRedisCache(client=real.native) as bare:
        assert await bare.get(f"{redis_namespace}:k:é") == b"v"


async def test_clear_leaves_the_keys_of_others(real: AsyncRedisCache, redis_namespace: str) -> None:
    client = real.native
    others = [redis_namespace, f"{redis_namespace}x:k", f"x{redis_namespace}:k"]
    for name in others:
        await client.set(name, b"v", px=60_000)
    await real.set_many({f"k{number}": b"v" for number in range(1100)}, ttl_seconds=60)
    async with AsyncRedisCache(client=client, namespace=f"{redis_namespace}:below") as below:
        await below.set("k", b"v", ttl_seconds=60)
        await real.clear()
        assert await below.get("k") is None
    assert await client.keys(f"{redis_namespace}:*") == []
    assert await client.delete(*others) == 3


async def test_clear_without_a_namespace_empties_the_database_and_says_so_once(
    redis_like: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncRedisCache(url=redis_like.url) as cache:
        caplog.set_level(logging.WARNING, logger="mic.cache_redis")
        await cache.clear()
        await cache.clear()
    assert redis_like.names() == ["FLUSHDB", "FLUSHDB"]
    assert [record.name for record in caplog.records] == ["mic.cache_redis"]
    assert "empties the whole database" in caplog.text


# --- round trips ---------------------------------------------------------------------------------


async def test_one_command_a_call(cache: AsyncRedisCache, redis_like: Any) -> None:
    answers = {b"GET": b"$-1\r\n", b"MGET": b"*2\r\n$-1\r\n$1\r\nv\r\n", b"UNLINK": b":1\r\n"}
    redis_like.answer = lambda command: answers.get(command[0], b"+OK\r\n")
    await cache.get("k")
    await cache.set("k", b"v", ttl_seconds=0.0015)
    await cache.set_if_absent("k", b"v", ttl_seconds=60)
    await cache.delete("k")
    assert await cache.get_many(["a", "b", "a"]) == {"b": b"v"}
    await cache.delete_many(["a", "b", "a"])
    await cache.set_many({"a": b"1", "b": b"2"}, ttl_seconds=1)
    assert redis_like.seen == [
        [b"GET", b"ns:k"],
        [b"SET", b"ns:k", b"v", b"PX", b"1"],
        [b"SET", b"ns:k", b"v", b"PX", b"60000", b"NX"],
        [b"UNLINK", b"ns:k"],
        [b"MGET", b"ns:a", b"ns:b"],
        [b"UNLINK", b"ns:a", b"ns:b"],
        [b"SET", b"ns:a", b"1", b"PX", b"1000"],
        [b"SET", b"ns:b", b"2", b"PX", b"1000"],
    ]


async def test_nothing_is_sent_for_nothing_or_for_mistakes(
    cache: AsyncRedisCache, redis_like: Any
) -> None:
    await cache.set_many({}, ttl_seconds=60)
    await cache.delete_many([])
    assert await cache.get_many([]) == {}
    with pytest.raises(ValueError, match="a key must"):
        await cache.set_many({"a": b"1", "": b""}, ttl_seconds=60)
    with pytest.raises(ValueError, match="ttl_seconds"):
        await cache.set_many({"a": b"1"}, ttl_seconds=0)
    assert redis_like.seen == []


async def test_a_script_that_the_server_does_not_know_is_sent_whole(
    cache: AsyncRedisCache, redis_like: Any
) -> None:
    answers = {b"EVALSHA": b"-NOSCRIPT no such script\r\n", b"EVAL": b"$1\r\n7\r\n"}
    redis_like.answer = lambda command: answers[command[0]]
    assert await cache.increment("k", ttl_seconds=60) == 7
    assert redis_like.names() == ["EVALSHA", "EVAL"]
    assert redis_like.seen[1][2:] == [b"1", b"ns:k", b"1", b"60000", b"0"]


async def test_scripts_are_known_after_their_first_use(real: AsyncRedisCache) -> None:
    await real.native.script_flush()
    assert [await real.increment("n", ttl_seconds=60) for _ in range(3)] == [1, 2, 3]
    assert await real.compare_and_set("n", b"3", b"4", ttl_seconds=60)
    assert await real.compare_and_delete("n", b"4")


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"-LOADING canary\r\n",
        b"-READONLY canary\r\n",
        b"-MISCONF canary\r\n",
        b"-OOM canary\r\n",
        b"-BUSY canary\r\n",
        b"-NOAUTH canary\r\n",
        b"!canary\r\n",
    ],
)
async def test_a_server_that_cannot_serve_is_unavailable(
    cache: AsyncRedisCache, redis_like: Any, answer: bytes
) -> None:
    redis_like.answer = lambda command: answer
    with pytest.raises(CacheUnavailableError, match="unavailable") as caught:
        await cache.get("k")
    assert caught.value.__cause__ is not None
    assert "canary" not in str(caught.value)
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        await cache.set_many({"a": b"1"}, ttl_seconds=60)
    assert await cache.check_health() is False


async def test_a_command_that_is_refused(cache: AsyncRedisCache, redis_like: Any) -> None:
    redis_like.answer = lambda command: b"-WRONGTYPE canary\r\n"
    with pytest.raises(CacheError, match="refused the command") as caught:
        await cache.get("k")
    assert caught.value.code == "cache.error"
    assert "WRONGTYPE" in str(caught.value.__cause__)
    with pytest.raises(CacheError, match="refused the command") as caught:
        await cache.increment("k", ttl_seconds=60)
    assert caught.value.code == "cache.error"


async def test_no_value_is_shown_by_what_a_server_refuses(
    cache: AsyncRedisCache, redis_like: Any
) -> None:
    redis_like.answer = lambda command: b"-WRONGTYPE of a key\r\n"
    with pytest.raises(CacheError, match="refused the command") as caught:
        await cache.set_many({"k": b"canary"}, ttl_seconds=60)
    assert "canary" not in str(caught.value.__cause__)


async def test_a_lost_connection_is_tried_again(cache: AsyncRedisCache, redis_like: Any) -> None:
    answers = iter([None, b"$1\r\nv\r\n", None, b"+OK\r\n"])
    redis_like.answer = lambda command: next(answers)
    assert await cache.get("k") == b"v"
    await cache.set_many({"k": b"v"}, ttl_seconds=60)
    assert redis_like.names() == ["GET", "GET", "SET", "SET"]


async def test_what_must_not_be_repeated_is_sent_once(
    cache: AsyncRedisCache, redis_like: Any
) -> None:
    redis_like.answer = lambda command: None
    for name in ("increment", "set_if_absent", "compare_and_set", "compare_and_delete"):
        arguments: list[Any] = [] if name == "increment" else [b"v"]
        arguments += [b"w"] if name == "compare_and_set" else []
        options = {} if name == "compare_and_delete" else {"ttl_seconds": 60}
        redis_like.seen.clear()
        with pytest.raises(CacheUnavailableError, match="unavailable"):
            await getattr(cache, name)("k", *arguments, **options)
        assert len(redis_like.seen) == 1


@pytest.mark.parametrize("retries", [0, 3])
async def test_retries_are_bounded(redis_like: Any, retries: int) -> None:
    redis_like.answer = lambda command: None
    cache = AsyncRedisCache(url=redis_like.url, retries=retries)
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        await cache.get("k")
    await cache.aclose()
    assert redis_like.names() == ["GET"] * (1 + retries)


async def test_a_timeout_is_not_tried_again(cache: AsyncRedisCache, redis_like: Any) -> None:
    redis_like.answer = redis_like.hang
    began = time.monotonic()
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        await cache.get("k")
    assert 0.1 < time.monotonic() - began < 5
    assert redis_like.names() == ["GET"]


async def test_a_server_that_hangs_does_not_hold_the_loop(  # unasync: drop
    cache: AsyncRedisCache, redis_like: Any, loop_guard: object
) -> None:
    redis_like.answer = redis_like.hang
    calls = [cache.get("k"), cache.clear(), cache.set_many({"k": b"v"}, ttl_seconds=60)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(each, CacheUnavailableError) for each in outcomes)


async def test_health_is_bounded_although_the_server_hangs(redis_like: Any) -> None:
    redis_like.answer = redis_like.hang
    async with AsyncRedisCache(url=redis_like.url, timeout_seconds=30) as cache:
        began = time.monotonic()
        assert await cache.check_health() is False
        assert 1.5 < time.monotonic() - began < 6


async def test_nobody_listens(unused_url: str) -> None:
    async with AsyncRedisCache(url=unused_url) as cache:
        with pytest.raises(CacheUnavailableError, match="unavailable") as caught:
            await cache.get("k")
        assert caught.value.__cause__ is not None
        assert await cache.check_health() is False


async def test_a_pool_that_is_used_up_is_unavailable_in_time(redis_like: Any) -> None:
    async with AsyncRedisCache(
        url=redis_like.url, max_connections=1, timeout_seconds=0.1, retries=100
    ) as cache:
        pool = cache.native.connection_pool
        connection = await pool.get_connection()
        began = time.monotonic()
        with pytest.raises(CacheUnavailableError, match="unavailable"):
            await cache.delete("k")
        # Its whole timeout was over, so that it was not tried again.
        assert time.monotonic() - began < 5
        await pool.release(connection)
        await cache.delete("k")
    assert redis_like.names() == ["UNLINK"]


async def test_closing_never_raises(redis_like: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = AsyncRedisCache(url=redis_like.url)
    client = cache.native

    async def fail() -> None:
        raise OSError("of the driver")

    closing = client.aclose
    monkeypatch.setattr(client, "aclose", fail)
    await cache.aclose()
    await cache.aclose()
    await closing()
    with pytest.raises(RuntimeError, match="is closed"):
        await cache.get("k")


async def test_a_call_that_is_closed_while_it_waits_does_not_connect_again(
    redis_like: Any,
) -> None:
    cache = AsyncRedisCache(url=redis_like.url)

    def answer(command: list[bytes]) -> None:
        cache._closed = True

    redis_like.answer = answer
    with pytest.raises(RuntimeError, match="is closed"):
        await cache.get("k")
    assert redis_like.names() == ["GET"]
    await cache.native.aclose()
