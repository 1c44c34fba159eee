"""Reads back what `otlp_collector` got."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from mic.testing.servers.server import Server

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Export:
    """One export request that the collector took.

    Attributes:
        signal: `traces`, `metrics` or `logs`.
        headers: The request's headers, names in lower case.
        message: The decoded request as protobuf's JSON mapping has it, with the names of the
            `.proto` files (`resource_spans`); identifiers of traces and spans are base64.
    """

    signal: str
    headers: dict[str, str]
    message: dict[str, Any]


def received(server: Server) -> list[Export]:
    """What the collector got since it was started or cleared, oldest first.

    It keeps the last 10,000 requests; a restart forgets them.
    """
    return [Export(**each) for each in json.loads(_call(server, "GET"))]


def clear(server: Server) -> None:
    """Let the collector forget what it got: what a test does first."""
    _call(server, "DELETE")


def _call(server: Server, method: str) -> bytes:
    request = urllib.request.Request(f"{server.url}/received", method=method)
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
        data: bytes = answer.read()
    return data
