"""Bolt and Cypher, spoken by ArcadeDB in a process of its own."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import secrets
import signal
import sys
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._processes import same_imports
from mic.testing.servers._recipe import NotOurs, Recipe, wheel_folder
from mic.testing.servers.server import Server

if TYPE_CHECKING:
    import neo4j

USER = "root"
DATABASE = "neo4j"
"""What Neo4j calls the database that is there from the start."""

_TIMEOUT_SECONDS = 5.0
_START_SECONDS = 90.0


class Neo4jRecipe(Recipe):
    """A single server with the database `neo4j`."""

    name = "neo4j"
    variable = "MIC_TEST_NEO4J_URL"
    advice = "mic-testing[neo4j]"
    port_count = 2

    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(16)
        self._http_port = 0

    def find(self) -> None:
        """The wheel, which brings its Java."""
        if wheel_folder("arcadedb_embedded") is None:
            self.missing()

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Bolt on the first port, its own API on the second."""
        bolt, self._http_port = ports
        url = self.url(ports)
        return Launch(
            command=[
                *(sys.executable, "-P", "-m", "mic.testing.servers._programs.arcadedb"),
                *(str(folder), str(bolt), str(self._http_port), DATABASE),
            ],
            environment={
                **same_imports(),
                "MIC_TESTING_PASSWORD": self._password,
                # a small machine that starts soon: the tests' data is small
                "ARCADEDB_JVM_ARGS": "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                "ARCADEDB_JVM_ERROR_FILE": str(folder / "crash.log"),
            },
            port=ports[0],
            probe=self.probe(url),
            # its own way out waits ten seconds for its clients; its log brings everything back
            stop_signal=signal.SIGKILL,
            deadline_seconds=_START_SECONDS,
        )

    def url(self, ports: Sequence[int]) -> str:
        """With the credentials."""
        return f"bolt://{USER}:{self._password}@{LOOPBACK}:{ports[0]}"

    def ask(self, url: str) -> str:
        """Log in and run a query."""
        server = Server(url, self.name, "", NotOurs(self.name, self.variable))
        with _driver(server) as driver:
            driver.execute_query("RETURN 1")
            return driver.get_server_info().agent.replace("/", " ")

    def probe(self, url: str) -> Callable[[], str]:
        """With the name of what we started."""

        def ask() -> str:
            self.ask(url)
            return f"ArcadeDB {importlib.metadata.version('arcadedb-embedded')}"

        return ask

    def open_space(self, server: Server, space: str) -> None:
        """Make a database; Neo4j itself lets only its Enterprise edition do that."""
        if server.pid is not None:
            self._command(f"create database {space}")
            return
        from neo4j.exceptions import Neo4jError

        with _driver(server) as driver:
            try:
                driver.execute_query(f"CREATE DATABASE {space} WAIT", database_="system")
            except Neo4jError as error:
                pytest.skip(
                    f"the neo4j server of ${self.variable} makes no database for a test"
                    f" ({error.code}): unset the variable and a private server is started"
                )

    def close_space(self, server: Server, space: str) -> None:
        """Drop the database."""
        if server.pid is not None:
            self._command(f"drop database {space}")
            return
        with _driver(server) as driver:
            driver.execute_query(f"DROP DATABASE {space} IF EXISTS", database_="system")

    def _command(self, command: str) -> None:
        login = base64.b64encode(f"{USER}:{self._password}".encode()).decode()
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self._http_port}/api/v1/server",
            data=json.dumps({"command": command}).encode(),
            headers={"authorization": f"Basic {login}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            answer.read()


def _driver(server: Server) -> neo4j.Driver:
    import neo4j

    scheme = urlsplit(server.url).scheme
    return neo4j.GraphDatabase.driver(
        f"{scheme}://{server.address}",
        auth=server.auth,
        connection_timeout=_TIMEOUT_SECONDS,
        max_transaction_retry_time=0,
    )
