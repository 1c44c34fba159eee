from __future__ import annotations

import types
from typing import Any

import pytest
import redis
from redis.cluster import ClusterNode, RedisCluster
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from mic.testing import Server, count_statements, redis_monitor
from mic.testing import sent as module


def test_statements_are_counted_while_the_block_runs() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (id int)"))
    with count_statements(engine) as statements:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO t VALUES (:id)"), [{"id": 1}, {"id": 2}])
        with engine.connect() as connection:
            connection.execute(text("SELECT * FROM t"))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert len(statements) == 2
    assert statements.texts[1] == "SELECT * FROM t"
    assert list(statements.transactions) == ["commit", "rollback"]
    engine.dispose()


async def test_an_asynchronous_engine_is_counted_too() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    with count_statements(engine) as statements:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    assert list(statements.texts) == ["SELECT 1"]
    await engine.dispose()


def test_commands_are_seen_as_they_came(redis_server: Server, redis_namespace: str) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set(f"{redis_namespace}:before", 1)
        with redis_monitor(redis_server) as commands:
            client.set(f"{redis_namespace}:a", 1)
            client.eval("return redis.call('get', KEYS[1])", 1, f"{redis_namespace}:a")
            assert commands.seen()[0] == f"SET {redis_namespace}:a 1"
            client.echo("mark-")
            seen = commands.seen()
    assert [each.split()[0] for each in seen] == ["SET", "EVAL"]


def test_every_node_of_a_cluster_is_heard(redis_cluster: Server, redis_namespace: str) -> None:
    node_of: Any = ClusterNode
    nodes = [node_of(node.host, node.port) for node in redis_cluster.nodes]
    client: Any = RedisCluster(startup_nodes=nodes)
    with redis_monitor(redis_cluster) as commands:
        for number in range(20):
            client.set(f"{redis_namespace}:{number}", number)
        seen = commands.seen()
    client.close()
    assert len([each for each in seen if each.startswith(f"SET {redis_namespace}")]) == 20


def test_a_server_that_does_not_tell_is_told(
    redis_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_monitor(redis_server) as commands:
        monkeypatch.setattr(module, "_WAIT_SECONDS", 0.1)
        deaf = types.SimpleNamespace(echo=lambda mark: mark)
        monkeypatch.setattr(commands, "_clients", [deaf])
        with pytest.raises(TimeoutError, match=r"did not tell of its commands within 0\.1 s"):
            commands.seen()
