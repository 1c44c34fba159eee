from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.cluster import ClusterNode, RedisCluster

from mic.testing import eventually
from mic.testing.servers import Server, ServerStartError
from mic.testing.servers import _redis_cluster as module
from mic.testing.servers._redis_cluster import _wait


def _client(server: Server) -> Any:
    node_of: Any = ClusterNode
    nodes = [node_of(node.host, node.port) for node in server.nodes]
    return RedisCluster(startup_nodes=nodes, decode_responses=True, socket_timeout=0.5)


@pytest.fixture
def client(redis_cluster: Server) -> Iterator[Any]:
    client = _client(redis_cluster)
    yield client
    client.close()


def _read(server: Server, keys: list[str]) -> list[str]:
    client = _client(server)
    try:
        return [client.get(key) for key in keys]
    finally:
        client.close()


def _be_impatient(server: Server) -> None:
    """Have a silent node count as failed after half a second, until its next start."""
    for node in server.nodes:
        with redis.Redis.from_url(node.url) as client:
            client.config_set("cluster-node-timeout", 500)


def _keys(name: str) -> list[str]:
    return [f"{name}:{number}" for number in range(50)]


def test_three_masters_share_the_slots(redis_cluster: Server, client: Any) -> None:
    assert redis_cluster.kind == "redis-cluster"
    assert redis_cluster.url == f"redis-cluster://{redis_cluster.nodes[0].address}/0"
    assert len({node.pid for node in redis_cluster.nodes}) == 3
    assert redis_cluster.pid == redis_cluster.nodes[0].pid
    assert len(client.get_primaries()) == 3
    assert client.get_replicas() == []


def test_its_data_survive_a_restart_and_a_kill(
    redis_cluster: Server, redis_namespace: str, client: Any
) -> None:
    for key in _keys(redis_namespace):
        client.set(key, key)
    for node in redis_cluster.nodes:
        node.restart()
    redis_cluster.kill()
    assert redis_cluster.pid is None
    redis_cluster.restart()
    again = _client(redis_cluster)
    assert [again.get(key) for key in _keys(redis_namespace)] == _keys(redis_namespace)
    again.close()


def test_paused_it_times_out(redis_cluster: Server) -> None:
    node = redis_cluster.nodes[0]
    with redis.Redis.from_url(node.url, socket_timeout=0.2, retry=None) as client:
        client.ping()
        redis_cluster.pause()
        with pytest.raises(redis.TimeoutError, match="Timeout"):
            client.ping()
        redis_cluster.resume()
        assert client.ping() is True


def test_one_dead_shard_takes_the_cluster_down_and_a_heal_brings_it_back(
    redis_cluster: Server, mic_servers: object
) -> None:
    _be_impatient(redis_cluster)
    redis_cluster.nodes[1].kill()
    with redis.Redis.from_url(redis_cluster.nodes[0].url, decode_responses=True) as client:
        eventually(
            lambda: client.execute_command("CLUSTER INFO")["cluster_state"] == "fail", within=30
        )
        mic_servers.heal()  # type: ignore[attr-defined]  # as the plug-in does between tests
        assert client.execute_command("CLUSTER INFO")["cluster_state"] == "ok"


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_wrote(
    turn: int, redis_namespace: str, client: Any
) -> None:
    assert [client.exists(key) for name in _FOUND for key in _keys(name)] == [0] * 50 * (turn - 1)
    for key in _keys(redis_namespace):
        client.set(key, turn)
    _FOUND.append(redis_namespace)


def test_every_master_has_a_replica_that_takes_over(
    redis_cluster_replicas: Server, redis_namespace: str
) -> None:
    server = redis_cluster_replicas
    assert len(server.nodes) == 6
    client = _client(server)
    assert (len(client.get_primaries()), len(client.get_replicas())) == (3, 3)
    for key in _keys(redis_namespace):
        client.set(key, key)
        client.execute_command("WAIT", 1, 1000, target_nodes=client.get_node_from_key(key))
    client.close()
    _be_impatient(server)
    dead = server.nodes[0]
    dead.kill()
    with redis.Redis.from_url(server.nodes[1].url, decode_responses=True) as node:

        def has_failed_over() -> bool:
            nodes = node.execute_command("CLUSTER NODES")
            masters = [
                each
                for each in nodes.values()
                if "master" in each["flags"] and "fail" not in each["flags"] and each["slots"]
            ]
            return (
                len(masters) == 3 and node.execute_command("CLUSTER INFO")["cluster_state"] == "ok"
            )

        eventually(has_failed_over, within=30, every=0.1)
    # the other nodes hear of it a moment later
    assert eventually(lambda: _read(server, _keys(redis_namespace)), within=30) == _keys(
        redis_namespace
    )


def test_a_cluster_that_does_not_come_to_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SETTLE_SECONDS", 0.0)
    with pytest.raises(ServerStartError, match=r"^x did not come to rest within 0 s: .*gave False"):
        _wait(lambda: False, "x")
