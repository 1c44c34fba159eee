"""`python -m tools.bench.servers`: how long each server of `mic.testing` takes to its first answer.

Unlike the comparisons these are times on their own, of a start that somebody waits for; the bound
is what a quiet machine of two cores must keep.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers.starting import start_server

BOUNDS = {
    "redis": 1.0,
    "redis-cluster": 5.0,
    "redis-cluster-replicas": 5.0,
    "postgres": 5.0,
    "nats": 1.0,
    "kafka": 2.0,
    "kafka-mock": 2.0,
    "kafka-proxy": 2.0,
    "mongo": 5.0,
    "neo4j": 15.0,
    "opa": 5.0,
    "openfga": 5.0,
    "otlp": 5.0,
    "mysql": 15.0,
    "browser": 10.0,
}
"""Server -> the most seconds."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start."""

    name: str
    seconds: float
    version: str

    @property
    def holds(self) -> bool:
        """Whether it was soon enough; what is not installed is no miss."""
        return self.seconds <= BOUNDS[self.name]


def measure(name: str) -> Start:
    """Start the server of this name in a session of its own, and end it."""
    began = time.monotonic()
    try:
        with start_server(name) as server:
            return Start(name, time.monotonic() - began, _version(server))
    except ServerUnavailableError as absent:
        return Start(name, 0.0, str(absent))


def _version(server: Server) -> str:
    return f"{server.version}, {len(server.nodes)} nodes" if server.nodes else server.version


def table(starts: Sequence[Start]) -> str:
    """The starts as a table."""
    lines = [f"{'server':<24}{'seconds':>8}  {'must':>8}  what answered"]
    for each in starts:
        missed = "" if each.holds else "  MISSED"
        bound = BOUNDS[each.name]
        lines.append(
            f"{each.name:<24}{each.seconds:>8.2f}  <={bound:>6.1f}  {each.version}{missed}"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and show; 0 when every bound holds."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.servers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SERVER", help="only these")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(BOUNDS))
    if unknown:
        print(f"no server is called {', '.join(unknown)}", file=sys.stderr)
        return 2
    starts = [measure(name) for name in options.names or BOUNDS]
    print(table(starts))
    return 0 if all(each.holds for each in starts) else 1


if __name__ == "__main__":
    sys.exit(main())
