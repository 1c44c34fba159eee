"""The placement of keys on a ring of nodes."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.cache.cluster import DEFAULT_VIRTUAL_NODES, ConsistentHashRing
from mic.cache.cluster.consistent_hash import DEFAULT_VIRTUAL_NODES as PUBLISHED

WORKERS = ("worker-1", "worker-2", "worker-3")
KEYS = [f"key:{number}" for number in range(1000)]


def _slowly(key: str, points: dict[str, int]) -> str:
    """The definition, word for word."""

    def number(text: str) -> int:
        return int(hashlib.md5(text.encode()).hexdigest()[:16], 16)

    ring = sorted((number(f"{node}#{i}"), node) for node, n in points.items() for i in range(n))
    above = [node for point, node in ring if point > number(key)]
    return above[0] if above else ring[0][1]


def test_the_published_placement() -> None:
    ring = ConsistentHashRing(nodes=WORKERS)
    assert ring.node_for("user:42") == "worker-2"
    assert [ring.node_for(f"k{number}")[-1] for number in range(6)] == list("121331")
    assert DEFAULT_VIRTUAL_NODES == PUBLISHED == 150


@given(st.text(), st.integers(1, 4), st.integers(1, 5))
def test_it_is_the_definition(key: str, weight: int, virtual_nodes: int) -> None:
    ring = ConsistentHashRing(
        nodes=WORKERS, virtual_nodes=virtual_nodes, weights={"worker-2": weight}
    )
    points = dict.fromkeys(WORKERS, virtual_nodes) | {"worker-2": virtual_nodes * weight}
    if any("\ud800" <= each <= "\udfff" for each in key):
        return
    assert ring.node_for(key) == _slowly(key, points)


def test_the_order_of_the_nodes_does_not_matter() -> None:
    ring, other = ConsistentHashRing(nodes=WORKERS), ConsistentHashRing(nodes=WORKERS[::-1])
    assert ring.nodes == WORKERS
    assert other.nodes == WORKERS[::-1]
    assert all(ring.node_for(key) == other.node_for(key) for key in KEYS)


def test_a_node_that_comes_takes_keys_only_for_itself() -> None:
    before = ConsistentHashRing(nodes=WORKERS)
    after = before.with_node("worker-4")
    moved = [key for key in KEYS if before.node_for(key) != after.node_for(key)]
    assert {after.node_for(key) for key in moved} == {"worker-4"}
    assert len(KEYS) / 8 < len(moved) < len(KEYS) / 2
    assert before.nodes == WORKERS
    assert after.nodes == (*WORKERS, "worker-4")


def test_a_node_that_goes_gives_only_its_own_away() -> None:
    before = ConsistentHashRing(nodes=WORKERS, weights={"worker-2": 2, "worker-1": 3})
    after = before.without_node("worker-2")
    for key in KEYS:
        assert before.node_for(key) in {"worker-2", after.node_for(key)}
    again = after.with_node("worker-2", weight=2)
    assert all(before.node_for(key) == again.node_for(key) for key in KEYS)


def test_a_weight_is_a_share() -> None:
    ring = ConsistentHashRing(nodes=["a", "b"], weights={"a": 4})
    share = sum(ring.node_for(key) == "a" for key in KEYS) / len(KEYS)
    assert 0.7 < share < 0.9


def test_the_next_nodes() -> None:
    ring = ConsistentHashRing(nodes=WORKERS)
    for key in KEYS[:50]:
        first, second, third = ring.nodes_for(key, 3)
        assert first == ring.node_for(key)
        assert {first, second, third} == set(WORKERS)
        assert ring.nodes_for(key, 1) == (first,)
        assert ring.nodes_for(key, 2) == (first, second)
        assert ring.nodes_for(key, 9) == (first, second, third)
        assert ring.without_node(first).node_for(key) == second
    with pytest.raises(ValueError, match="count"):
        ring.nodes_for("k", 0)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"nodes": []}, "at least one node"),
        ({"nodes": ["a", ""]}, "every node a name"),
        ({"nodes": ["a", "b", "a"]}, "given twice"),
        ({"nodes": ["a"], "virtual_nodes": 0}, "at least 1"),
        ({"nodes": ["a"], "weights": {"a": 0}}, "at least 1"),
        ({"nodes": ["a"], "weights": {"b": 1}}, "not there"),
    ],
)
def test_bad_rings(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        ConsistentHashRing(**options)


def test_bad_changes() -> None:
    ring = ConsistentHashRing(nodes=["a"])
    with pytest.raises(ValueError, match="no such node"):
        ring.without_node("b")
    with pytest.raises(ValueError, match="at least one node"):
        ring.without_node("a")
    with pytest.raises(ValueError, match="given twice"):
        ring.with_node("a")
    with pytest.raises(ValueError, match="at least 1"):
        ring.with_node("b", weight=0)
    with pytest.raises(TypeError, match="not one name"):
        ConsistentHashRing(nodes="abc")
