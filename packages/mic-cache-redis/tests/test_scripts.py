"""The scripts, on a real server."""

import hashlib
from collections.abc import Iterator

import pytest
import redis

from mic.cache_redis._scripts import COMPARE_AND_DELETE, COMPARE_AND_SET, INCREMENT, Script
from mic.testing.servers import Server


@pytest.fixture
def client(redis_server: Server) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_server.url) as opened:
        yield opened


@pytest.mark.parametrize("script", [INCREMENT, COMPARE_AND_SET, COMPARE_AND_DELETE])
def test_the_server_knows_them_by_this_name(script: Script, client: "redis.Redis") -> None:
    assert script.sha == hashlib.sha1(script.text.encode()).hexdigest()
    assert client.script_load(script.text) in {script.sha, script.sha.encode()}


def test_an_entry_of_another_type_is_refused(client: "redis.Redis", redis_namespace: str) -> None:
    client.rpush(redis_namespace, "item")
    for script, arguments in (
        (INCREMENT, (1, 60_000, 0)),
        (COMPARE_AND_SET, (b"item", 0, b"new", 60_000)),
        (COMPARE_AND_SET, (b"item", 1, b"new", 60_000)),
        (COMPARE_AND_DELETE, (b"item", 0)),
    ):
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            client.eval(script.text, 1, redis_namespace, *arguments)
    assert client.lrange(redis_namespace, 0, -1) == [b"item"]
    client.delete(redis_namespace)


def test_an_entry_of_others_without_a_lifetime_gets_one(
    client: "redis.Redis", redis_namespace: str
) -> None:
    client.set(redis_namespace, "5")
    assert client.eval(INCREMENT.text, 1, redis_namespace, 1, 60_000, 0) == b"6"
    assert 0 < client.pttl(redis_namespace) <= 60_000
