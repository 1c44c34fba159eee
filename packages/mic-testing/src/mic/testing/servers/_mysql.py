"""MySQL's protocol, spoken by the MariaDB of PATH with a data folder of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, program_on_path
from mic.testing.servers.server import Server, ServerStartError

if TYPE_CHECKING:
    from pymysql.connections import Connection

USER = "root"
_DEFAULT_PORT = 3306
_TIMEOUT_SECONDS = 2
_GRANT = f"""
CREATE USER IF NOT EXISTS '{USER}'@'{LOOPBACK}';
GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'{LOOPBACK}' WITH GRANT OPTION;
"""


class MysqlRecipe(Recipe):
    """A server whose `root` needs no password, on 127.0.0.1 only."""

    name = "mysql"
    variable = "MIC_TEST_MYSQL_URL"
    advice = (
        "MariaDB as an operating-system package (Debian: mariadb-server), and mic-testing[mysql]"
    )

    def __init__(self) -> None:
        self._server = Path()
        self._install = Path()

    def find(self) -> None:
        """The programs on PATH."""
        self._server = program_on_path("mariadbd") or self.missing()
        self._install = program_on_path("mariadb-install-db") or self.missing()

    def install(self, folder: Path) -> None:
        """Make the data folder."""
        (folder / "users.sql").write_text(_GRANT)
        command = [
            *(str(self._install), "--no-defaults", f"--datadir={folder / 'data'}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db", *_as_user()),
        ]
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            said = done.stdout.decode(errors="replace")
            msg = f"mariadb-install-db ended with code {done.returncode}:\n{said}"
            raise ServerStartError(msg)

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Every setting on the command line."""
        return Launch(
            command=[
                *(str(self._server), "--no-defaults", f"--datadir={folder / 'data'}"),
                *(f"--port={ports[0]}", f"--bind-address={LOOPBACK}", "--skip-name-resolve"),
                *(f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", *_as_user()),
                *("--skip-log-bin", "--character-set-server=utf8mb4"),
                # what was committed is with the operating system, so that SIGKILL loses nothing
                "--innodb-flush-log-at-trx-commit=2",
                f"--init-file={folder / 'users.sql'}",
            ],
            port=ports[0],
            probe=self.probe(self.url(ports)),
        )

    def url(self, ports: Sequence[int]) -> str:
        """The database of its users."""
        return f"mysql://{USER}@{LOOPBACK}:{ports[0]}/mysql"

    def ask(self, url: str) -> str:
        """Log in and ask for the version."""
        [version] = _execute(url, "SELECT VERSION()")
        return f"{'MariaDB' if 'MariaDB' in version else 'MySQL'} {version.partition('-')[0]}"

    def open_space(self, server: Server, space: str) -> None:
        """Make an empty database."""
        _execute(server.url, f"CREATE DATABASE {space} CHARACTER SET utf8mb4")

    def close_space(self, server: Server, space: str) -> None:
        """Drop the database."""
        _execute(server.url, f"DROP DATABASE IF EXISTS {space}")


def _as_user() -> list[str]:
    """As root it wants to be told that it may."""
    return [f"--user={USER}"] if os.geteuid() == 0 else []


def _execute(url: str, statement: str) -> tuple[Any, ...]:
    connection = _connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() or ()
    finally:
        connection.close()


def _connect(url: str) -> Connection[Any]:
    import pymysql

    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or LOOPBACK,
        port=parts.port or _DEFAULT_PORT,
        user=unquote(parts.username or USER),
        password=unquote(parts.password or ""),
        database=parts.path.strip("/") or None,
        autocommit=True,
        connect_timeout=_TIMEOUT_SECONDS,
        read_timeout=_TIMEOUT_SECONDS * 5,
    )
