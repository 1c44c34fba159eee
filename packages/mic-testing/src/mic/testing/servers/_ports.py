"""Free ports of 127.0.0.1, taken from where no client's own port can fall."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
_FIRST, _LAST = 20_000, 32_767
"""Below the range that Linux, macOS and Windows give to clients.

A port inside it could be taken by any outgoing connection while a server restarts, and a client
that tries again and again to reach a server that is down could end up connected to itself.
"""
_TRIES = 200
_KNOCK_SECONDS = 1.0


def free_ports(count: int, *, chance: random.Random | None = None) -> list[int]:
    """Find `count` different ports on which nobody listens.

    Nothing holds a port until its server listens on it, so a start that finds it taken is tried
    again with others.

    Raises:
        RuntimeError: There are none.
    """
    chance = chance or random.SystemRandom()
    found: list[int] = []
    for _ in range(_TRIES):
        if len(found) == count:
            return found
        port = chance.randint(_FIRST, _LAST)
        if port not in found and is_free(port):
            found.append(port)
    msg = f"no {count} free ports of {LOOPBACK} between {_FIRST} and {_LAST}"
    raise RuntimeError(msg)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # as servers set it: a connection that ended a minute ago takes nothing
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def knock(port: int) -> None:
    """Connect to the port and hang up.

    Raises:
        OSError: Nobody listens.
    """
    socket.create_connection((LOOPBACK, port), _KNOCK_SECONDS).close()
