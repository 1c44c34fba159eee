from __future__ import annotations

import shutil
from pathlib import Path

import httpx

from mic.testing.servers import Server
from mic.testing.servers._openfga import OpenFgaRecipe


def test_a_tuple_decides_over_http_and_survives_a_restart(openfga_server: Server) -> None:
    with httpx.Client(base_url=openfga_server.url) as client:
        store = client.post("/stores", json={"name": "x"}).json()["id"]
        model = {
            "schema_version": "1.1",
            "type_definitions": [
                {"type": "user"},
                {"type": "doc", "relations": {"viewer": {"this": {}}}},
            ],
        }
        made = client.post(f"/stores/{store}/authorization-models", json=model)
        assert made.status_code == 201
        key = {"user": "user:ada", "relation": "viewer", "object": "doc:1"}
        client.post(f"/stores/{store}/write", json={"writes": {"tuple_keys": [key]}})
        openfga_server.restart()
        answer = client.post(f"/stores/{store}/check", json={"tuple_key": key})
        assert answer.json()["allowed"] is True


def test_the_real_one_is_started_in_memory() -> None:
    command = OpenFgaRecipe().real_command(Path(shutil.which("true") or ""), [1, 2])
    assert command[1:6] == ["run", "--datastore-engine", "memory", "--http-addr", "127.0.0.1:1"]
    assert "127.0.0.1:2" in command
