"""Starts servers on first use, keeps them for the session, and ends every one of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mic.testing.servers._catalogue import recipe_of
from mic.testing.servers._folders import new_session_folder, remove_folder
from mic.testing.servers._isolation import new_name
from mic.testing.servers._managed import ManagedProcess, PortTakenError
from mic.testing.servers._ports import free_ports
from mic.testing.servers._recipe import Recipe, outside_server
from mic.testing.servers._watchdog import Watchdog
from mic.testing.servers.server import Server, ServerStartError, safe_url

_ATTEMPTS = 5
_LOG_LINES = 60


class Supervisor:
    """The servers of one test process.

    Guarantees: a server is started when it is first asked for and no sooner; one that could not be
    started is not tried again. `close` ends all. When the process is killed before that, the
    watchdog does.

    Args:
        environ: Where the variables that name servers are looked up.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._lock = threading.RLock()
        self._recipes: dict[str, Recipe] = {}
        self._servers: dict[str, Server | Exception] = {}
        self._processes: dict[str, ManagedProcess] = {}
        self._closers: list[Callable[[], None]] = []
        self._settlers: list[Callable[[], None]] = []
        self._marks: dict[str, int] = {}
        self._session: tuple[Path, Watchdog] | None = None

    def server(self, name: str) -> Server:
        """The server of this name, started if it is not yet.

        Raises:
            ServerUnavailableError: It is not installed.
            ServerStartError: It does not start, or the one in the environment does not answer.
        """
        with self._lock:
            known = self._servers.get(name)
            if known is None:
                recipe = self._recipes[name] = recipe_of(name)
                try:
                    known = self._make(recipe)
                except Exception as error:
                    known = error
                self._servers[name] = known
        if isinstance(known, Exception):
            raise known
        return known

    @contextmanager
    def space(self, server: Server) -> Iterator[str]:
        """What one test has for itself in one of the servers; gone when the block is left."""
        recipe, space = self._recipes[server.kind], new_name()
        recipe.open_space(server, space)
        try:
            yield space
        finally:
            recipe.close_space(server, space)

    @contextmanager
    def space_in_all(self, *names: str) -> Iterator[str]:
        """A name for servers that need no more; what it holds in any that runs then is removed."""
        space = new_name()
        try:
            yield space
        finally:
            for name in names:
                server = self._servers.get(name)
                if isinstance(server, Server):
                    self._recipes[name].close_space(server, space)

    def run(self, recipe: Recipe, name: str) -> Server:
        """Start one process of a recipe, on ports and in a folder of its own."""
        folder, watchdog = self._new_folder(name)
        recipe.install(folder)
        attempt = 1
        while True:
            ports = free_ports(recipe.port_count)
            launch = recipe.launch(folder, ports)
            process = ManagedProcess(name, launch, folder=folder, watchdog=watchdog)
            try:
                version = process.start()
            except PortTakenError:
                attempt += 1
                if attempt > _ATTEMPTS:
                    raise
            else:
                break
        self._processes[name] = process
        return Server(recipe.url(ports), recipe.name, version, process)

    def scratch(self, name: str) -> Path:
        """A folder for what a client writes; it goes with the session, however that ends."""
        parent, _ = self._session or self._open_session()
        folder = parent / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def on_heal(self, settle: Callable[[], None]) -> None:
        """Call this whenever a process was put right: a cluster has to find itself again."""
        self._settlers.append(settle)

    def on_close(self, close: Callable[[], None]) -> None:
        """Call this at the end: what is no process of its own ends so."""
        self._closers.append(close)

    def heal(self) -> None:
        """Start again what a test has killed, let go on what it has paused."""
        hurt = [process for process in self._processes.values() if process.heal()]
        if hurt:
            for settle in self._settlers:
                settle()

    def mark_logs(self) -> None:
        """From here on a log is news: a test begins."""
        self._marks = {name: each.log_size() for name, each in self._processes.items()}

    def logs(self) -> Iterator[tuple[str, str]]:
        """The names of the servers and what they have logged since the mark, where they have."""
        for name, process in self._processes.items():
            lines = process.log_tail(self._marks.get(name, 0)).splitlines()
            if lines:
                yield name, "\n".join(lines[-_LOG_LINES:])

    def close(self) -> None:
        """End every server, and remove what they wrote."""
        with self._lock:
            for process in self._processes.values():
                process.ask_to_stop()  # all at once
            for process in self._processes.values():
                process.stop()
            for close in self._closers:
                close()
            for recipe in self._recipes.values():
                recipe.close()
            self._closers.clear()
            self._processes.clear()
            self._settlers.clear()
            self._servers.clear()
            if self._session is not None:
                folder, watchdog = self._session
                remove_folder(folder)
                watchdog.close()
            self._session = None

    def _make(self, recipe: Recipe) -> Server:
        value = self._environ.get(recipe.variable, "") if recipe.variable else ""
        if value:
            try:
                return outside_server(recipe, value)
            except Exception as error:
                msg = (
                    f"the {recipe.name} server that ${recipe.variable} names,"
                    f" {safe_url(value)}, does not answer ({type(error).__name__})"
                )
                raise ServerStartError(msg) from error
        recipe.find()
        return recipe.start(self)

    def _new_folder(self, name: str) -> tuple[Path, Watchdog]:
        parent, watchdog = self._session or self._open_session()
        folder = parent / name
        folder.mkdir(mode=0o700)
        return folder, watchdog

    def _open_session(self) -> tuple[Path, Watchdog]:
        folder = new_session_folder(self._environ)
        self._session = folder, Watchdog(folder)
        return self._session
