"""A consistent hash ring: which node a key belongs to, with few moves when nodes come and go."""

import bisect
import hashlib
from collections.abc import Iterable, Iterator, Mapping

__all__ = ["DEFAULT_VIRTUAL_NODES", "ConsistentHashRing"]

DEFAULT_VIRTUAL_NODES = 150
"""Points a node of weight 1 has."""


class ConsistentHashRing:
    """Places keys on nodes (Karger and others, 1997). Immutable, and so safe for threads.

    Guarantees: the placement is a function of the nodes, their weights and `virtual_nodes`, the
    same in every process and every release. A node that comes takes keys only for itself, and one
    that goes gives only its own away. A point is the first 8 bytes, big-endian, of MD5 over
    `node#i` in UTF-8; a key belongs to the first point strictly greater than the same hash of the
    key, or else to the first of all.

    Args:
        nodes: Names, each once, at least one.
        virtual_nodes: Points a node has for each unit of its weight, at least 1.
        weights: Weights of at least 1 by node; 1 where a node has none.

    Attributes:
        nodes: The names, as they were given.

    Raises:
        TypeError: `nodes` is one string.
        ValueError: There is no node, one is given twice or is empty, a number is below 1, or a
            weight is for a node that is not there.
    """

    __slots__ = ("_hashes", "_owners", "_virtual_nodes", "_weights", "nodes")

    nodes: tuple[str, ...]

    def __init__(
        self,
        *,
        nodes: Iterable[str],
        virtual_nodes: int = DEFAULT_VIRTUAL_NODES,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        if isinstance(nodes, str):
            raise TypeError("give a collection of nodes, not one name")
        self.nodes = tuple(nodes)
        self._virtual_nodes = virtual_nodes
        self._weights = dict(weights or {})
        self._check()
        points = sorted(self._points())
        self._hashes = [point for point, _ in points]
        self._owners = [owner for _, owner in points]

    def node_for(self, key: str) -> str:
        """The node that a key belongs to.

        Args:
            key: Any text.
        """
        at = bisect.bisect_right(self._hashes, _hash(key))
        return self._owners[at if at < len(self._owners) else 0]

    def nodes_for(self, key: str, count: int) -> tuple[str, ...]:
        """The node that a key belongs to, and those that come next on the ring.

        Args:
            key: Any text.
            count: How many, at least 1; more than there are gives all.

        Raises:
            ValueError: `count` is below 1.
        """
        if count < 1:
            raise ValueError("count must be at least 1")
        wanted = min(count, len(self.nodes))
        at = bisect.bisect_right(self._hashes, _hash(key))
        found: dict[str, None] = {}
        while len(found) < wanted:
            found[self._owners[at % len(self._owners)]] = None
            at += 1
        return tuple(found)

    def with_node(self, node: str, *, weight: int = 1) -> "ConsistentHashRing":
        """A ring with one node more.

        Raises:
            ValueError: It is there already or is empty, or `weight` is below 1.
        """
        return ConsistentHashRing(
            nodes=(*self.nodes, node),
            virtual_nodes=self._virtual_nodes,
            weights={**self._weights, node: weight},
        )

    def without_node(self, node: str) -> "ConsistentHashRing":
        """A ring with one node less.

        Raises:
            ValueError: It is not there, or is the last one.
        """
        if node not in self.nodes:
            raise ValueError("the ring has no such node")
        return ConsistentHashRing(
            nodes=[each for each in self.nodes if each != node],
            virtual_nodes=self._virtual_nodes,
            weights={each: weight for each, weight in self._weights.items() if each != node},
        )

    def _check(self) -> None:
        if not self.nodes or not all(self.nodes):
            raise ValueError("a ring needs at least one node, and every node a name")
        if len(set(self.nodes)) < len(self.nodes):
            raise ValueError("a node is given twice")
        if self._virtual_nodes < 1 or any(weight < 1 for weight in self._weights.values()):
            raise ValueError("virtual_nodes and every weight must be at least 1")
        if not self._weights.keys() <= set(self.nodes):
            raise ValueError("a weight is for a node that is not there")

    def _points(self) -> Iterator[tuple[int, str]]:
        for node in self.nodes:
            for number in range(self._virtual_nodes * self._weights.get(node, 1)):
                yield _hash(f"{node}#{number}"), node


def _hash(text: str) -> int:
    # Not for security: the published placement, which must not change.
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big")
