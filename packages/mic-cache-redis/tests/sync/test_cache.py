# Generated from async/test_cache.py by "make unasync"; edit that file.
"""What is sent to the server, and what becomes of its answers."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from mic.cache import CacheError, CacheUnavailableError
from mic.cache_redis import RedisCache
from mic.testing.servers import Server


@pytest.fixture
def cache(redis_like: Any) -> Iterator[RedisCache]:
    """Of the server that answers as the test says."""
    with RedisCache(url=redis_like.url, namespace="ns", timeout_seconds=0.2) as opened:
        yield opened


@pytest.fixture
def real(redis_server: Server, redis_namespace: str) -> Iterator[RedisCache]:
    """Of a real server."""
    with RedisCache(url=redis_server.url, namespace=redis_namespace) as opened:
        yield opened


# --- making --------------------------------------------------------------------------------------


def test_it_needs_a_url_or_a_client() -> None:
    with pytest.raises(CacheError, match="url or a ready client"):
        RedisCache()
    with pytest.raises(TypeError, match="client must be"):
        RedisCache(client=object())
    with pytest.raises(ValueError, match="namespace"):
        RedisCache(url="redis://h", namespace="a b")


def test_a_ready_client_is_used_and_stays_open(redis_server: Server, redis_namespace: str) -> None:
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        with RedisCache(
            client=client, url="redis://elsewhere:1", namespace=redis_namespace
        ) as cache:
            assert cache.native is client
            connection = client.client_id()
            cache.set("k", b"\xff", ttl_seconds=60)
            assert cache.get("k") == b"\xff"
        # redis-py would connect again without a word.
        assert client.client_id() == connection
        assert client.delete(f"{redis_namespace}:k") == 1


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("decode_responses", [True, False])
def test_bytes_are_bytes_whatever_the_client_decodes(
    redis_server: Server, redis_namespace: str, protocol: int, decode_responses: bool
) -> None:
    with RedisCache(
        url=f"{redis_server.url}?protocol={protocol}",
        decode_responses=decode_responses,
        namespace=redis_namespace,
    ) as cache:
        cache.set_many({"a": b"\xff\x00", "é": b""}, ttl_seconds=60)
        assert cache.get("a") == b"\xff\x00"
        assert cache.get_many(["a", "é", "c"]) == {"a": b"\xff\x00", "é": b""}
        assert cache.set_if_absent("c", b"\xfe", ttl_seconds=60) is True
        assert cache.set_if_absent("c", b"\xfd", ttl_seconds=60) is False
        assert cache.compare_and_set("c", b"\xfe", b"7", ttl_seconds=60) is True
        assert cache.increment("c", ttl_seconds=60) == 8
        cache.clear()
        assert cache.get_many(["a", "é", "c"]) == {}


# --- keys ----------------------------------------------------------------------------------------


def test_keys_on_the_server(real: RedisCache, redis_namespace: str) -> None:
    real.set("k:é", b"v", ttl_seconds=1.5)
    assert real.native.get(f"{redis_namespace}:k:é") == b"v"
    assert 0 < real.native.pttl(f"{redis_namespace}:k:é") <= 1500
    with RedisCache(client=real.native) as bare:
        assert bare.get(f"{redis_namespace}:k:é") == b"v"


def test_clear_leaves_the_keys_of_others(real: RedisCache, redis_namespace: str) -> None:
    client = real.native
    others = [redis_namespace, f"{redis_namespace}x:k", f"x{redis_namespace}:k"]
    for name in others:
        client.set(name, b"v", px=60_000)
    real.set_many({f"k{number}": b"v" for number in range(1100)}, ttl_seconds=60)
    with RedisCache(client=client, namespace=f"{redis_namespace}:below") as below:
        below.set("k", b"v", ttl_seconds=60)
        real.clear()
        assert below.get("k") is None
    assert client.keys(f"{redis_namespace}:*") == []
    assert client.delete(*others) == 3


def test_clear_without_a_namespace_empties_the_database_and_says_so_once(
    redis_like: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with RedisCache(url=redis_like.url) as cache:
        caplog.set_level(logging.WARNING, logger="mic.cache_redis")
        cache.clear()
        cache.clear()
    assert redis_like.names() == ["FLUSHDB", "FLUSHDB"]
    assert [record.name for record in caplog.records] == ["mic.cache_redis"]
    assert "empties the whole database" in caplog.text


# --- round trips ---------------------------------------------------------------------------------


def test_one_command_a_call(cache: RedisCache, redis_like: Any) -> None:
    answers = {b"GET": b"$-1\r\n", b"MGET": b"*2\r\n$-1\r\n$1\r\nv\r\n", b"UNLINK": b":1\r\n"}
    redis_like.answer = lambda command: answers.get(command[0], b"+OK\r\n")
    cache.get("k")
    cache.set("k", b"v", ttl_seconds=0.0015)
    cache.set_if_absent("k", b"v", ttl_seconds=60)
    cache.delete("k")
    assert cache.get_many(["a", "b", "a"]) == {"b": b"v"}
    cache.delete_many(["a", "b", "a"])
    cache.set_many({"a": b"1", "b": b"2"}, ttl_seconds=1)
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


def test_nothing_is_sent_for_nothing_or_for_mistakes(cache: RedisCache, redis_like: Any) -> None:
    cache.set_many({}, ttl_seconds=60)
    cache.delete_many([])
    assert cache.get_many([]) == {}
    with pytest.raises(ValueError, match="a key must"):
        cache.set_many({"a": b"1", "": b""}, ttl_seconds=60)
    with pytest.raises(ValueError, match="ttl_seconds"):
        cache.set_many({"a": b"1"}, ttl_seconds=0)
    assert redis_like.seen == []


def test_a_script_that_the_server_does_not_know_is_sent_whole(
    cache: RedisCache, redis_like: Any
) -> None:
    answers = {b"EVALSHA": b"-NOSCRIPT no such script\r\n", b"EVAL": b"$1\r\n7\r\n"}
    redis_like.answer = lambda command: answers[command[0]]
    assert cache.increment("k", ttl_seconds=60) == 7
    assert redis_like.names() == ["EVALSHA", "EVAL"]
    assert redis_like.seen[1][2:] == [b"1", b"ns:k", b"1", b"60000", b"0"]


def test_scripts_are_known_after_their_first_use(real: RedisCache) -> None:
    real.native.script_flush()
    assert [real.increment("n", ttl_seconds=60) for _ in range(3)] == [1, 2, 3]
    assert real.compare_and_set("n", b"3", b"4", ttl_seconds=60)
    assert real.compare_and_delete("n", b"4")


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
def test_a_server_that_cannot_serve_is_unavailable(
    cache: RedisCache, redis_like: Any, answer: bytes
) -> None:
    redis_like.answer = lambda command: answer
    with pytest.raises(CacheUnavailableError, match="unavailable") as caught:
        cache.get("k")
    assert caught.value.__cause__ is not None
    assert "canary" not in str(caught.value)
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        cache.set_many({"a": b"1"}, ttl_seconds=60)
    assert cache.check_health() is False


def test_a_command_that_is_refused(cache: RedisCache, redis_like: Any) -> None:
    redis_like.answer = lambda command: b"-WRONGTYPE canary\r\n"
    with pytest.raises(CacheError, match="refused the command") as caught:
        cache.get("k")
    assert caught.value.code == "cache.error"
    assert "WRONGTYPE" in str(caught.value.__cause__)
    with pytest.raises(CacheError, match="refused the command") as caught:
        cache.increment("k", ttl_seconds=60)
    assert caught.value.code == "cache.error"


def test_no_value_is_shown_by_what_a_server_refuses(cache: RedisCache, redis_like: Any) -> None:
    redis_like.answer = lambda command: b"-WRONGTYPE of a key\r\n"
    with pytest.raises(CacheError, match="refused the command") as caught:
        cache.set_many({"k": b"canary"}, ttl_seconds=60)
    assert "canary" not in str(caught.value.__cause__)


def test_a_lost_connection_is_tried_again(cache: RedisCache, redis_like: Any) -> None:
    answers = iter([None, b"$1\r\nv\r\n", None, b"+OK\r\n"])
    redis_like.answer = lambda command: next(answers)
    assert cache.get("k") == b"v"
    cache.set_many({"k": b"v"}, ttl_seconds=60)
    assert redis_like.names() == ["GET", "GET", "SET", "SET"]


def test_what_must_not_be_repeated_is_sent_once(cache: RedisCache, redis_like: Any) -> None:
    redis_like.answer = lambda command: None
    for name in ("increment", "set_if_absent", "compare_and_set", "compare_and_delete"):
        arguments: list[Any] = [] if name == "increment" else [b"v"]
        arguments += [b"w"] if name == "compare_and_set" else []
        options = {} if name == "compare_and_delete" else {"ttl_seconds": 60}
        redis_like.seen.clear()
        with pytest.raises(CacheUnavailableError, match="unavailable"):
            getattr(cache, name)("k", *arguments, **options)
        assert len(redis_like.seen) == 1


@pytest.mark.parametrize("retries", [0, 3])
def test_retries_are_bounded(redis_like: Any, retries: int) -> None:
    redis_like.answer = lambda command: None
    cache = RedisCache(url=redis_like.url, retries=retries)
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        cache.get("k")
    cache.close()
    assert redis_like.names() == ["GET"] * (1 + retries)


def test_a_timeout_is_not_tried_again(cache: RedisCache, redis_like: Any) -> None:
    redis_like.answer = redis_like.hang
    began = time.monotonic()
    with pytest.raises(CacheUnavailableError, match="unavailable"):
        cache.get("k")
    assert 0.1 < time.monotonic() - began < 5
    assert redis_like.names() == ["GET"]


def test_health_is_bounded_although_the_server_hangs(redis_like: Any) -> None:
    redis_like.answer = redis_like.hang
    with RedisCache(url=redis_like.url, timeout_seconds=30) as cache:
        began = time.monotonic()
        assert cache.check_health() is False
        assert 1.5 < time.monotonic() - began < 6


def test_nobody_listens(unused_url: str) -> None:
    with RedisCache(url=unused_url) as cache:
        with pytest.raises(CacheUnavailableError, match="unavailable") as caught:
            cache.get("k")
        assert caught.value.__cause__ is not None
        assert cache.check_health() is False


def test_a_pool_that_is_used_up_is_unavailable_in_time(redis_like: Any) -> None:
    with RedisCache(
        url=redis_like.url, max_connections=1, timeout_seconds=0.1, retries=100
    ) as cache:
        pool = cache.native.connection_pool
        connection = pool.get_connection()
        began = time.monotonic()
        with pytest.raises(CacheUnavailableError, match="unavailable"):
            cache.delete("k")
        # Its whole timeout was over, so that it was not tried again.
        assert time.monotonic() - began < 5
        pool.release(connection)
        cache.delete("k")
    assert redis_like.names() == ["UNLINK"]


def test_closing_never_raises(redis_like: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = RedisCache(url=redis_like.url)
    client = cache.native

    def fail() -> None:
        raise OSError("of the driver")

    closing = client.close
    monkeypatch.setattr(client, "close", fail)
    cache.close()
    cache.close()
    closing()
    with pytest.raises(RuntimeError, match="is closed"):
        cache.get("k")


def test_a_call_that_is_closed_while_it_waits_does_not_connect_again(
    redis_like: Any,
) -> None:
    cache = RedisCache(url=redis_like.url)

    def answer(command: list[bytes]) -> None:
        cache._closed = True

    redis_like.answer = answer
    with pytest.raises(RuntimeError, match="is closed"):
        cache.get("k")
    assert redis_like.names() == ["GET"]
    cache.native.close()
