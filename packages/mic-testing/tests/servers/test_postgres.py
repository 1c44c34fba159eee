from __future__ import annotations

import os
import pwd
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from mic.testing.servers import Server, ServerStartError, ServerUnavailableError
from mic.testing.servers import _postgres as module
from mic.testing.servers._postgres import PostgresRecipe, reachable_by_all
from mic.testing.servers._supervisor import Supervisor


def _connect(server: Server, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url_of(database), connect_timeout=2, autocommit=True)


def test_it_is_on_a_port_of_its_own(postgres_server: Server) -> None:
    assert postgres_server.version.startswith("PostgreSQL 18")
    assert postgres_server.port != 5432
    with _connect(postgres_server, "postgres") as connection:
        shown = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("listen_addresses", "unix_socket_directories", "server_encoding")
        ]
    assert shown == [("127.0.0.1",), ("",), ("UTF8",)]


def test_what_was_committed_survives_a_restart_and_a_kill(
    postgres_server: Server, postgres_database: str
) -> None:
    with _connect(postgres_server, postgres_database) as connection:
        connection.execute("CREATE TABLE things (id int PRIMARY KEY)")
        connection.execute("INSERT INTO things VALUES (1)")
    postgres_server.restart()
    with _connect(postgres_server, postgres_database) as connection:
        connection.execute("INSERT INTO things VALUES (2)")
        postgres_server.kill()
        with pytest.raises(psycopg.OperationalError, match="connection"):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        _connect(postgres_server, postgres_database)
    postgres_server.restart()
    with _connect(postgres_server, postgres_database) as connection:
        assert connection.execute("SELECT id FROM things ORDER BY id").fetchall() == [(1,), (2,)]


def test_paused_it_times_out_also_where_it_was_connected(
    postgres_server: Server, postgres_database: str
) -> None:
    with _connect(postgres_server, postgres_database) as connection:
        connection.execute("SELECT 1")
        postgres_server.pause()
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            _connect(postgres_server, postgres_database)
        thread = threading.Thread(target=connection.execute, args=("SELECT 2",))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        postgres_server.resume()
        thread.join(10)
        assert not thread.is_alive()


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_one_test_does_not_see_what_another_wrote(
    turn: int, postgres_server: Server, postgres_database: str
) -> None:
    with _connect(postgres_server, postgres_database) as connection:
        connection.execute("CREATE TABLE things (id int)")
        names = connection.execute("SELECT datname::text FROM pg_database").fetchall()
    assert (postgres_database,) in names
    assert not set(_FOUND) & {name for (name,) in names}
    _FOUND.append(postgres_database)


def test_a_database_goes_with_whoever_is_connected(
    postgres_server: Server, mic_servers: Supervisor
) -> None:
    with mic_servers.space(postgres_server) as name:
        connection = _connect(postgres_server, name)
    with pytest.raises(psycopg.OperationalError, match="terminating connection"):
        connection.execute("SELECT 1")
    connection.close()


def test_databases_are_made_on_one_connection_which_a_restart_renews(
    postgres_server: Server, mic_servers: Supervisor
) -> None:
    made = mic_servers._recipes["postgres"]
    assert isinstance(made, PostgresRecipe)
    kept: list[psycopg.Connection[tuple[object, ...]] | None] = []
    hurts: list[Callable[[], object]] = [list, list, postgres_server.restart, postgres_server.kill]
    for hurt in hurts:
        hurt()
        mic_servers.heal()
        with mic_servers.space(postgres_server) as name:
            with _connect(postgres_server, name) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            kept.append(made._connection)
    first, second, restarted, killed = kept
    assert first is second
    assert len({id(each) for each in (first, restarted, killed)}) == 3
    assert [each.closed for each in kept if each] == [True, True, True, False]


def test_a_command_that_the_server_refuses_is_not_repeated(
    postgres_server: Server, mic_servers: Supervisor
) -> None:
    made = mic_servers._recipes["postgres"]
    assert isinstance(made, PostgresRecipe)
    with mic_servers.space(postgres_server) as name:
        kept = made._connection
        with pytest.raises(psycopg.errors.DuplicateDatabase, match="already exists"):
            made.open_space(postgres_server, name)
        with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
            made._say(postgres_server, "SET statement_timeout = 1; SELECT pg_sleep(60)")
        assert made._connection is kept
        made._say(postgres_server, "RESET statement_timeout")


def test_the_connection_ends_with_the_session(postgres_server: Server) -> None:
    made = PostgresRecipe()
    made.close()
    made.open_space(postgres_server, "ended_with_the_session")
    made.close_space(postgres_server, "ended_with_the_session")
    kept = made._connection
    assert kept is not None
    made.close()
    assert kept.closed
    assert made._connection is None


@pytest.fixture
def recipe() -> PostgresRecipe:
    made = PostgresRecipe()
    made.find()
    return made


def test_as_root_it_runs_as_nobody(postgres_server: Server) -> None:
    owner = Path(f"/proc/{postgres_server.pid}").stat().st_uid
    wanted = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    assert owner == wanted


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run it as")
def test_programs_that_nobody_can_reach_are_copied(
    recipe: PostgresRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "reachable_by_all", lambda program: False)
    monkeypatch.setattr("mic.testing.servers._supervisor.recipe_of", lambda name: PostgresRecipe())
    supervisor = Supervisor({})
    try:
        server = supervisor.server("postgres")
        program = Path(f"/proc/{server.pid}/exe").resolve()
        assert supervisor._session is not None
        assert program.is_relative_to(supervisor._session[0])
        with _connect(server, "postgres") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        supervisor.close()


def test_an_installation_without_the_wheels_libraries_is_copied_too(tmp_path: Path) -> None:
    (tmp_path / "a" / "pg" / "bin").mkdir(parents=True)
    (tmp_path / "a" / "pg" / "bin" / "postgres").touch()
    copied = module._copy(tmp_path / "a" / "pg" / "bin", tmp_path / "to")
    assert (copied / "postgres").is_file()


def test_an_ordinary_user_runs_it_as_itself(
    recipe: PostgresRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    script = tmp_path / "initdb"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    recipe._programs = tmp_path
    recipe.install(tmp_path)
    assert recipe.launch(tmp_path, [1]).user is None


def test_an_initdb_that_fails_is_told(
    recipe: PostgresRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    script = tmp_path / "initdb"
    script.write_text("#!/bin/sh\necho no room\nexit 3\n")
    script.chmod(0o755)
    recipe._programs = tmp_path
    with pytest.raises(ServerStartError, match=r"^initdb ended with code 3:\nno room\n$"):
        recipe.install(tmp_path)


def test_reachable_is_what_every_user_may_run(tmp_path: Path) -> None:
    assert reachable_by_all(Path(shutil.which("true") or ""))
    program = tmp_path / "program"
    program.touch(0o700)
    assert not reachable_by_all(program)
    program.chmod(0o755)
    tmp_path.chmod(0o700)
    assert not reachable_by_all(program)


def test_the_newest_of_the_wheel_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pginstall", "pginstall18", "pginstall9"):
        (tmp_path / name / "bin").mkdir(parents=True)
    monkeypatch.setattr(module, "wheel_folder", lambda package: tmp_path)
    recipe = PostgresRecipe()
    recipe.find()
    assert recipe._programs == tmp_path / "pginstall18" / "bin"


def test_without_the_wheel_it_is_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    links, real = tmp_path / "links", tmp_path / "real"
    links.mkdir()
    real.mkdir()
    monkeypatch.setenv("PATH", str(links))
    with pytest.raises(ServerUnavailableError, match="no postgres server here"):
        PostgresRecipe().find()
    (real / "postgres").touch(0o755)
    (links / "postgres").symlink_to(real / "postgres")
    with pytest.raises(ServerUnavailableError, match="no postgres server here"):
        PostgresRecipe().find()
    (real / "initdb").touch(0o755)
    recipe = PostgresRecipe()
    recipe.find()
    assert recipe._programs == real
