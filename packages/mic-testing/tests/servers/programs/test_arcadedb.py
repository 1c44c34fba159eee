from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from mic.testing.servers._programs import arcadedb


class FakeServer:
    """What ArcadeDB was told."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.told: list[Any] = [arguments, options]

    def start(self) -> None:
        self.told.append("start")

    def create_database(self, name: str) -> None:
        self.told.append(name)


def test_it_serves_bolt_on_loopback_until_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[FakeServer] = []

    def create_server(*arguments: Any, **options: Any) -> FakeServer:
        made.append(FakeServer(*arguments, **options))
        return made[-1]

    fake = types.SimpleNamespace(create_server=create_server)
    monkeypatch.setitem(sys.modules, "arcadedb_embedded", fake)
    monkeypatch.setenv("MIC_TESTING_PASSWORD", "secret")
    monkeypatch.setattr(sys, "argv", ["arcadedb", str(tmp_path), "7001", "7002", "neo4j"])

    waits: list[str] = []
    event = types.SimpleNamespace(wait=lambda: waits.append("for ever"))
    monkeypatch.setattr("threading.Event", lambda: event)
    runpy.run_path(arcadedb.__file__, run_name="__main__")
    assert waits == ["for ever"]
    arguments, options, *then = made[0].told
    assert arguments == (str(tmp_path / "data"),)
    assert options["root_password"] == "secret"
    assert options["config"]["host"] == options["config"]["bolt_host"] == "127.0.0.1"
    assert (options["config"]["bolt_port"], options["config"]["http_port"]) == (7001, 7002)
    assert then == ["start", "neo4j"]
