# Generated from async/test_client.py by "make unasync"; edit that file.
"""The client that a cache opens."""

import pytest

from mic.cache_redis._settings import RedisSettings
from mic.cache_redis._sync.client import make_client
from mic.model import ConfigurationError


def test_timeouts_are_explicit_and_the_pool_is_bounded() -> None:
    settings = RedisSettings(
        decode_responses=True,
        timeout_seconds=0.25,
        connect_timeout_seconds=0.5,
        max_connections=3,
        health_check_interval_seconds=7,
    )
    client = make_client("redis://h:1/2", settings)
    pool = client.connection_pool
    known = pool.connection_kwargs
    assert (known["host"], known["port"], known["db"]) == ("h", 1, 2)
    assert (known["socket_timeout"], known["socket_connect_timeout"]) == (0.25, 0.5)
    assert (known["health_check_interval"], known["decode_responses"]) == (7, True)
    assert (pool.max_connections, pool.timeout) == (3, 0.25)
    assert known["retry"]._retries == 0
    client.close()


@pytest.mark.parametrize("query", ["canary=1", "db=canary", "protocol=canary", "ssl_canary=no"])
def test_a_parameter_that_the_driver_does_not_take_is_refused_at_once(query: str) -> None:
    with pytest.raises(ConfigurationError, match="a parameter that redis-py") as caught:
        make_client(f"redis://h/0?{query}", RedisSettings())
    assert "canary" not in str(caught.value)
    assert caught.value.code == "config.invalid_option"
    assert caught.value.__context__ is None
