"""Spreading keys over independent servers."""

from mic.cache.cluster.consistent_hash import DEFAULT_VIRTUAL_NODES, ConsistentHashRing

__all__ = ["ConsistentHashRing", "DEFAULT_VIRTUAL_NODES"]
