"""MongoDB's wire protocol, spoken by NX-27017 over SQLite."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, wheel_folder
from mic.testing.servers.server import Server

if TYPE_CHECKING:
    import pymongo

_TIMEOUT_MS = 2_000


class MongoRecipe(Recipe):
    """A single server, one file a database."""

    name = "mongo"
    variable = "MIC_TEST_MONGO_URL"
    advice = "mic-testing[mongo]"

    def find(self) -> None:
        """The wheel."""
        if wheel_folder("nx_27017") is None:
            self.missing()

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """It runs in this Python."""
        return Launch(
            command=[
                *(sys.executable, "-P", "-c", "from nx_27017 import main; main()"),
                *("--host", LOOPBACK, "--port", str(ports[0]), "--data-dir", str(folder / "data")),
                *("--log-file", str(folder / "nx.log"), "--pid-file", str(folder / "pid")),
            ],
            port=ports[0],
            probe=self.probe(self.url(ports)),
        )

    def url(self, ports: Sequence[int]) -> str:
        """Without credentials."""
        return f"mongodb://{LOOPBACK}:{ports[0]}/"

    def ask(self, url: str) -> str:
        """The commands ping and buildInfo."""
        with _client(url) as client:
            client.admin.command("ping")
            return f"MongoDB {client.server_info().get('version', '')}".strip()

    def probe(self, url: str) -> Callable[[], str]:
        """With the name of what we started."""

        def ask() -> str:
            self.ask(url)
            return f"NX-27017 {importlib.metadata.version('nx-27017')}"

        return ask

    def close_space(self, server: Server, space: str) -> None:
        """Drop the database."""
        with _client(server.url) as client:
            client.drop_database(space)


def _client(url: str) -> pymongo.MongoClient[dict[str, Any]]:
    import pymongo

    return pymongo.MongoClient(
        url, serverSelectionTimeoutMS=_TIMEOUT_MS, connectTimeoutMS=_TIMEOUT_MS
    )
