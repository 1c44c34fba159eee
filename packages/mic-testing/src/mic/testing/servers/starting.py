"""Starts a server where there is no pytest: in a script, a benchmark, a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mic.testing.servers._catalogue import names
from mic.testing.servers._supervisor import Supervisor
from mic.testing.servers.server import Server


@contextmanager
def start_server(name: str) -> Iterator[Server]:
    """Start the server of this name, and end it when the block is left.

    Guarantees: the same as for the fixtures.

    Args:
        name: As `--mic-require` has it: `redis`, `postgres`, ...

    Raises:
        ValueError: No server is called so.
        ServerUnavailableError: It is not installed; the message says what to install.
        ServerStartError: It does not start.
    """
    if name not in names():
        msg = f"no server is called {name!r}; there are {', '.join(names())}"
        raise ValueError(msg)
    supervisor = Supervisor()
    try:
        yield supervisor.server(name)
    finally:
        supervisor.close()
