"""What the portion makes public, and what it takes from other distributions."""

import subprocess
import sys

import pytest

import mic.cache
import mic.cache.backends
from mic.cache import AsyncCacheBackend, CacheBackend, InMemoryCache


@pytest.mark.parametrize("module", [mic.cache, mic.cache.backends])
def test_names(module: object) -> None:
    names: list[str] = vars(module)["__all__"]
    assert names == sorted(names)
    assert {*names, "RedisCache", "AsyncRedisCache"} <= set(dir(module))


def test_the_published_path_has_the_same_classes() -> None:
    assert mic.cache.backends.CacheBackend is CacheBackend
    assert mic.cache.backends.InMemoryCache is InMemoryCache
    assert mic.cache.backends.CacheError is mic.cache.CacheError


def test_what_may_be_called_on_an_event_loop() -> None:
    assert CacheBackend.blocking is True
    assert InMemoryCache.blocking is False
    assert not hasattr(AsyncCacheBackend, "blocking")


def test_nothing_optional_is_imported() -> None:
    program = "import sys, mic.cache; print({'redis', 'mic.cache_redis'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
