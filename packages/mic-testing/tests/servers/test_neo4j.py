from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import ClientError, DriverError, Neo4jError, ServiceUnavailable

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _neo4j as module
from mic.testing.servers._neo4j import Neo4jRecipe
from mic.testing.servers._recipe import NotOurs


@pytest.fixture
def driver(neo4j_server: Server) -> Iterator[neo4j.Driver]:
    with neo4j.GraphDatabase.driver(
        f"bolt://{neo4j_server.address}",
        auth=neo4j_server.auth,
        connection_timeout=1,
        connection_acquisition_timeout=1,
        max_transaction_retry_time=0,
    ) as driver:
        yield driver


def _names(driver: neo4j.Driver, database: str) -> list[str]:
    found = driver.execute_query("MATCH (n:Thing) RETURN n.name AS name", database_=database)
    return sorted(record["name"] for record in found.records)


def _make(driver: neo4j.Driver, database: str, name: str) -> None:
    driver.execute_query("CREATE (:Thing {name: $name})", name=name, database_=database)


def test_it_is_on_a_port_of_its_own_and_is_called_what_it_is(
    neo4j_server: Server, driver: neo4j.Driver
) -> None:
    assert neo4j_server.version.startswith("ArcadeDB 26.")
    assert neo4j_server.port != 7687
    assert _names(driver, "neo4j") == []


def test_its_data_survive_a_kill_and_a_restart(
    neo4j_server: Server, neo4j_database: str, driver: neo4j.Driver
) -> None:
    _make(driver, neo4j_database, "a")
    neo4j_server.kill()
    with pytest.raises(ServiceUnavailable, match=r"connect|defunct"):
        _names(driver, neo4j_database)
    neo4j_server.restart()
    assert _names(driver, neo4j_database) == ["a"]


def test_paused_it_times_out(neo4j_server: Server, driver: neo4j.Driver) -> None:
    neo4j_server.pause()
    with pytest.raises((ServiceUnavailable, DriverError), match=r"time|connect|handshake"):
        _names(driver, "neo4j")
    neo4j_server.resume()
    assert _names(driver, "neo4j") == []


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_wrote(
    turn: int, neo4j_database: str, driver: neo4j.Driver
) -> None:
    assert _names(driver, neo4j_database) == []
    for name in _FOUND:
        with pytest.raises(Neo4jError, match=name):
            _names(driver, name)
    _make(driver, neo4j_database, str(turn))
    _FOUND.append(neo4j_database)


class FakeDriver:
    """A Neo4j of the environment, and what it was told."""

    def __init__(self, refuses: bool = False) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.refuses = refuses

    def __enter__(self) -> FakeDriver:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def execute_query(self, query: str, **options: Any) -> None:
        if self.refuses:
            raise ClientError("only in the Enterprise edition")
        self.told.append((query, options))

    def get_server_info(self) -> Any:
        return type("Info", (), {"agent": "Neo4j/5.26.0"})


@pytest.fixture
def outside() -> Server:
    recipe = Neo4jRecipe()
    return Server("bolt://h", "neo4j", "Neo4j 5", NotOurs("neo4j", recipe.variable))


def test_one_of_the_environment_makes_a_database_where_it_can(
    outside: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = FakeDriver()
    monkeypatch.setattr(module, "_driver", lambda server: driver)
    recipe = Neo4jRecipe()
    assert recipe.ask("neo4j+s://ada:secret@h:7687") == "Neo4j 5.26.0"
    recipe.open_space(outside, "t1")
    recipe.close_space(outside, "t1")
    assert driver.told[1:] == [
        ("CREATE DATABASE t1 WAIT", {"database_": "system"}),
        ("DROP DATABASE t1 IF EXISTS", {"database_": "system"}),
    ]


def test_one_of_the_environment_that_makes_none_skips(
    outside: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_driver", lambda server: FakeDriver(refuses=True))
    with pytest.raises(
        pytest.skip.Exception,
        match=r"the neo4j server of \$MIC_TEST_NEO4J_URL makes no database for a test",
    ):
        Neo4jRecipe().open_space(outside, "t1")


def test_without_the_wheel_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    with pytest.raises(ServerUnavailableError, match=r"install mic-testing\[neo4j\], or name"):
        Neo4jRecipe().find()
