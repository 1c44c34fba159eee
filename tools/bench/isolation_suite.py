"""What a test pays for a database of its own, beside making one as the manual says."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache

import psycopg

from mic.testing.servers import Server
from mic.testing.servers._supervisor import Supervisor
from tools.bench.harness import Benchmark, Comparison, Limit, quickest

MOST_SECONDS = 0.05

_held = ExitStack()


class _Bench:
    """A server of PostgreSQL in a session of its own."""

    def __init__(self) -> None:
        self.supervisor = Supervisor()
        _held.callback(self.supervisor.close)
        self.server: Server = self.supervisor.server("postgres")


@cache
def _bench() -> _Bench:
    return _Bench()


def close() -> None:
    """End the server; what is run next starts a new one."""
    _held.close()
    _bench.cache_clear()


atexit.register(close)


def ours(count: int) -> None:
    """What the fixture `postgres_database` does before and after a test."""
    bench = _bench()
    for _ in range(count):
        with bench.supervisor.space(bench.server):
            pass


def theirs(count: int) -> None:
    """A connection to make a database, and one to drop it."""
    url = _bench().server.url
    for _ in range(count):
        for command in ("CREATE DATABASE bench", "DROP DATABASE bench WITH (FORCE)"):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(command.encode())


def benchmarks() -> list[Comparison]:
    """Every comparison, in the order in which they are shown."""
    return [
        Benchmark(
            "isolation: a test's own PostgreSQL database",
            ours,
            theirs,
            "CREATE and DROP on connections of their own",
            1.3,
        ),
        Limit("isolation: a test's own database, in time", quickest(ours), MOST_SECONDS, "50 ms"),
    ]
