"""Arguments, keys and lifetimes."""

from typing import Any

import pytest
import redis.asyncio
from hypothesis import given
from hypothesis import strategies as st

from mic.cache import InvalidTtlError
from mic.cache_redis._settings import RedisSettings, check_client, milliseconds, redis_url
from mic.model import ConfigurationError


@pytest.mark.parametrize("namespace", ["", "a", "orders:eu-1.x_Y", "n" * 128])
def test_namespaces(namespace: str) -> None:
    assert RedisSettings(namespace=namespace).namespace == namespace


@pytest.mark.parametrize("namespace", ["n" * 129, "a b", "a*", "{a}", "ключ", "a\n", "a/b"])
def test_bad_namespaces(namespace: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        RedisSettings(namespace=namespace)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout_seconds", 0),
        ("timeout_seconds", float("inf")),
        ("timeout_seconds", float("nan")),
        ("connect_timeout_seconds", -1),
        ("max_connections", 0),
        ("health_check_interval_seconds", -1),
        ("retries", -1),
    ],
)
def test_numbers_have_ranges(name: str, value: float) -> None:
    options: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=name):
        RedisSettings(**options)


def test_keys() -> None:
    assert RedisSettings().key("é") == "é".encode()
    spaced = RedisSettings(namespace="a:b")
    assert spaced.key("k") == b"a:b:k"
    assert spaced.keys(["k", "é", "k"]) == {"k": b"a:b:k", "é": "a:b:é".encode()}
    with pytest.raises(ValueError, match="a key must"):
        spaced.key("")
    with pytest.raises(TypeError, match="not one key"):
        spaced.keys("k")


@given(st.integers(1, 10**12))
def test_whole_milliseconds_stay_what_they_are(count: int) -> None:
    assert milliseconds(count / 1000) == count


@given(st.floats(0.001, 1e6))
def test_a_lifetime_is_never_longer(ttl_seconds: float) -> None:
    kept = milliseconds(ttl_seconds)
    assert kept >= 1
    assert kept / 1000 <= ttl_seconds * (1 + 1e-9) or kept == 1
    assert kept / 1000 > ttl_seconds - 0.001


def test_no_lifetime() -> None:
    with pytest.raises(InvalidTtlError, match="ttl_seconds"):
        milliseconds(0)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://u:p%40@h:1/2?protocol=3", "redis://u:p%40@h:1/2?protocol=3"),
        ("rediss://h", "rediss://h"),
        ("valkey://h/", "redis://h/"),
        ("VALKEYS://h:6379/0", "rediss://h:6379/0"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
    ],
)
def test_urls(url: str, expected: str) -> None:
    assert redis_url(url) == expected


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://u:canary@h", "config.unknown_scheme"),
        ("redis+tls://u:canary@h", "config.unknown_scheme"),
        ("redis://u:canary@h/orders", "config.invalid_url"),
        ("redis://u:canary@h/0/1", "config.invalid_url"),
        ("redis://u:canary@h#x", "config.invalid_url"),
        ("canary", "config.unknown_scheme"),
    ],
)
def test_what_is_no_url_of_redis(url: str, code: str) -> None:
    with pytest.raises(ConfigurationError, match=r".") as caught:
        redis_url(url)
    assert caught.value.code == code
    assert "canary" not in str(caught.value)


def test_a_client_of_the_other_kind_is_refused() -> None:
    synchronous, asynchronous = redis.Redis(), redis.asyncio.Redis()
    check_client(synchronous, awaits=False)
    check_client(asynchronous, awaits=True)
    for awaits in (True, False):
        with pytest.raises(TypeError, match="client of redis-py"):
            check_client(object(), awaits=awaits)
    with pytest.raises(TypeError, match="an asynchronous client"):
        check_client(synchronous, awaits=True)
    with pytest.raises(TypeError, match="a synchronous client"):
        check_client(asynchronous, awaits=False)
