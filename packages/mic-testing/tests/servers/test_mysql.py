from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from mic.testing.servers import Server, ServerStartError, ServerUnavailableError
from mic.testing.servers._mysql import MysqlRecipe, _execute


def _connect(server: Server, database: str) -> Any:
    return pymysql.connect(
        host=server.host,
        port=server.port,
        user="root",
        database=database,
        autocommit=True,
        connect_timeout=1,
        read_timeout=1,
    )


@pytest.fixture
def connection(mysql_server: Server, mysql_database: str) -> Iterator[Any]:
    made = _connect(mysql_server, mysql_database)
    yield made
    if made.open:
        made.close()


def test_it_is_on_a_port_of_its_own(mysql_server: Server, connection: Any) -> None:
    assert mysql_server.version.startswith("MariaDB ")
    assert mysql_server.port != 3306
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@bind_address, @@character_set_server")
        assert cursor.fetchone() == ("127.0.0.1", "utf8mb4")


def test_what_was_committed_survives_a_restart_and_a_kill(
    mysql_server: Server, mysql_database: str, connection: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE things (id int PRIMARY KEY)")
        cursor.execute("INSERT INTO things VALUES (1)")
    mysql_server.restart()
    _execute(mysql_server.url_of(mysql_database), "INSERT INTO things VALUES (2)")
    mysql_server.kill()
    with pytest.raises(pymysql.OperationalError, match=r"Lost connection|gone away|Broken pipe"):
        connection.query("SELECT 1")
    with pytest.raises(pymysql.OperationalError, match="Can't connect"):
        _connect(mysql_server, mysql_database)
    mysql_server.restart()
    again = _connect(mysql_server, mysql_database)
    with again.cursor() as cursor:
        cursor.execute("SELECT id FROM things ORDER BY id")
        assert cursor.fetchall() == ((1,), (2,))
    again.close()


def test_paused_it_times_out(mysql_server: Server, mysql_database: str, connection: Any) -> None:
    mysql_server.pause()
    with pytest.raises(pymysql.OperationalError, match="timed out"):
        connection.query("SELECT 1")
    mysql_server.resume()
    assert _execute(mysql_server.url_of(mysql_database), "SELECT 1") == (1,)


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_wrote(
    turn: int, mysql_database: str, connection: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE things (id int PRIMARY KEY)")
        cursor.execute("SHOW DATABASES")
        assert not set(_FOUND) & {name for (name,) in cursor.fetchall()}
    _FOUND.append(mysql_database)


def test_an_install_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    recipe = MysqlRecipe()
    for name in ("mariadbd", "mariadb-install-db"):
        (tmp_path / name).write_text("#!/bin/sh\necho no room\nexit 3\n")
        (tmp_path / name).chmod(0o755)
    recipe.find()
    with pytest.raises(
        ServerStartError, match=r"^mariadb-install-db ended with code 3:\nno room\n$"
    ):
        recipe.install(tmp_path)


def test_without_its_programs_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerUnavailableError, match="install MariaDB as an operating-system"):
        MysqlRecipe().find()


def test_only_root_is_told_that_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--user=root" in MysqlRecipe().launch(tmp_path, [1]).command
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--user=root" not in MysqlRecipe().launch(tmp_path, [1]).command


def test_mysql_itself_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mic.testing.servers._mysql._execute", lambda *_: ("9.1.0",))
    assert MysqlRecipe().ask("mysql://h") == "MySQL 9.1.0"


def test_a_statement_without_rows_gives_nothing(mysql_server: Server) -> None:
    assert _execute(mysql_server.url, "DO 0") == ()
