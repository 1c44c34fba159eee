"""Redis Cluster: the nodes are servers of their own, and meet here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic.testing import eventually
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._redis import RedisRecipe
from mic.testing.servers.server import Server, ServerStartError

if TYPE_CHECKING:
    from mic.testing.servers._supervisor import Supervisor

MASTERS = 3
_SLOTS = 16_384
_SETTLE_SECONDS = 30.0
_NODE_TIMEOUT_MS = 2_000
"""Silence after which a node counts as failed; a busy machine is silent for a while at times."""


class RedisClusterRecipe(RedisRecipe):
    """Three masters that share the slots."""

    name = "redis-cluster"
    variable = ""
    port_count = 2
    replicas_per_master = 0

    def settings(self, folder: Path, ports: Sequence[int]) -> list[str]:
        """With a port for the nodes among themselves."""
        more = {
            "cluster-enabled": "yes",
            "cluster-port": str(ports[1]),
            "cluster-config-file": str(folder / "nodes.conf"),
            "cluster-node-timeout": str(_NODE_TIMEOUT_MS),
            "repl-diskless-sync-delay": "0",
        }
        words = [word for name, value in more.items() for word in (f"--{name}", value)]
        return [*super().settings(folder, ports), *words]

    def start(self, supervisor: Supervisor) -> Server:
        """Start the nodes, let them meet, and wait until the cluster takes writes."""
        count = MASTERS * (1 + self.replicas_per_master)
        nodes = [supervisor.run(self, f"{self.name}-{number}") for number in range(count)]
        cluster = _Cluster(self.name, tuple(nodes))
        cluster.form()
        supervisor.on_heal(cluster.settle)
        return Server(
            url=f"redis-cluster://{nodes[0].address}/0",
            kind=self.name,
            version=nodes[0].version,
            control=cluster,
            nodes=cluster.nodes,
        )


class RedisClusterReplicasRecipe(RedisClusterRecipe):
    """Three masters with a replica each."""

    name = "redis-cluster-replicas"
    replicas_per_master = 1


@dataclass(frozen=True, slots=True)
class _Cluster:
    """The control of all nodes together."""

    name: str
    nodes: tuple[Server, ...]

    @property
    def pid(self) -> int | None:
        """The first node's."""
        return self.nodes[0].pid

    def kill(self) -> None:
        """Kill every node."""
        for node in self.nodes:
            node.kill()

    def pause(self) -> None:
        """Pause every node."""
        for node in self.nodes:
            node.pause()

    def resume(self) -> None:
        """Let every node go on, and the cluster find itself."""
        for node in self.nodes:
            node.resume()
        self.settle()

    def restart(self) -> None:
        """Restart every node, and wait until the cluster takes writes."""
        for node in self.nodes:
            node.restart()
        self.settle()

    def form(self) -> None:
        """Give every master its slots and every replica its master."""
        with ExitStack() as stack:
            clients = [_client(node, stack) for node in self.nodes]
            for number, client in enumerate(clients):
                client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            for client in clients:
                for other in clients:
                    port, bus = _ports_of(other)
                    client.execute_command("CLUSTER MEET", LOOPBACK, port, bus)
            masters, replicas = clients[:MASTERS], clients[MASTERS:]
            bounds = [_SLOTS * number // MASTERS for number in range(MASTERS + 1)]
            for master, first, end in zip(masters, bounds, bounds[1:], strict=False):
                master.execute_command("CLUSTER ADDSLOTSRANGE", first, end - 1)
            if replicas:  # they have to know the masters first
                _wait(lambda: all(len(_seen(each)) == len(clients) for each in replicas), self.name)
            for number, replica in enumerate(replicas):
                master_id = masters[number % MASTERS].execute_command("CLUSTER MYID")
                replica.execute_command("CLUSTER REPLICATE", master_id)
        self.settle()

    def settle(self) -> None:
        """Wait until every node sees every other, and each replica has its master's data."""
        with ExitStack() as stack:
            clients = [_client(node, stack) for node in self.nodes]
            _wait(lambda: all(self._is_settled(client) for client in clients), self.name)

    def _is_settled(self, client: Any) -> bool:
        info = client.execute_command("CLUSTER INFO")
        seen = _seen(client)
        mine = client.info("replication")
        return (
            info["cluster_state"] == "ok"
            and int(info["cluster_slots_ok"]) == _SLOTS
            and len(seen) == len(self.nodes)
            and not any("fail" in each["flags"] for each in seen.values())
            and mine.get("master_link_status", "up") == "up"
        )


def _client(node: Server, stack: ExitStack) -> Any:
    import redis

    client = redis.Redis.from_url(node.url, decode_responses=True, socket_timeout=2)
    stack.callback(client.close)
    return client


def _seen(client: Any) -> dict[str, dict[str, str]]:
    """The nodes that a node knows, itself included; one it has only heard of does not count."""
    nodes = client.execute_command("CLUSTER NODES").items()
    return {name: node for name, node in nodes if "handshake" not in node["flags"]}


def _ports_of(client: Any) -> tuple[str, str]:
    settings = client.config_get("port", "cluster-port")
    return settings["port"], settings["cluster-port"]


def _wait(settled: Any, name: str) -> None:
    try:
        eventually(settled, within=_SETTLE_SECONDS, every=0.05)
    except AssertionError as error:
        msg = f"{name} did not come to rest within {_SETTLE_SECONDS:g} s: {error}"
        raise ServerStartError(msg) from error
