"""Redis caches by URL."""

import importlib

import pytest

import mic.cache
from mic.cache import CacheError, aconnect, connect
from mic.cache_redis import AsyncRedisCache, RedisCache
from mic.model import ConfigurationError


@pytest.mark.parametrize("scheme", ["redis", "rediss", "valkey", "valkeys"])
def test_every_scheme_leads_here(scheme: str) -> None:
    assert type(connect(f"{scheme}://user:secret@h/0")) is RedisCache
    assert type(aconnect(f"{scheme}://user:secret@h/0")) is AsyncRedisCache


def test_the_short_paths_lead_here() -> None:
    for path in ("mic.cache", "mic.cache.backends"):
        module = importlib.import_module(path)
        assert module.RedisCache is RedisCache
        assert module.AsyncRedisCache is AsyncRedisCache
    assert "RedisCache" in dir(mic.cache)


def test_parameters_are_the_constructors_names() -> None:
    cache = connect(
        "valkey://u:p%40@h:1/2?namespace=orders&timeout_seconds=2.5&max_connections=7"
        "&driver.client_name=me%26you&retries=0",
        max_connections=8,
    )
    assert isinstance(cache, RedisCache)
    settings = cache._settings
    assert (settings.namespace, settings.timeout_seconds) == ("orders", 2.5)
    assert (settings.max_connections, settings.retries) == (8, 0)
    known = cache.native.connection_pool.connection_kwargs
    assert (known["password"], known["db"], known["client_name"]) == ("p@", 2, "me&you")
    assert known["socket_timeout"] == 2.5
    assert cache.native.connection_pool.max_connections == 8


@pytest.mark.parametrize(
    "query", ["colour=red", "max_connections=many", "socket_timeout=3", "retries=1&retries=2"]
)
def test_bad_parameters(query: str) -> None:
    for connecting in (connect, aconnect):
        with pytest.raises(ConfigurationError, match=query.partition("=")[0]):
            connecting(f"redis://u:canary@h/0?{query}")
        with pytest.raises(ValueError, match="max_connections"):
            connecting("redis://h?max_connections=0")


def test_an_empty_url_is_none() -> None:
    with pytest.raises(CacheError, match="url or a ready client"):
        RedisCache(url="")
