"""How one kind of server is found, started and asked; a module each has the particulars."""

from __future__ import annotations

import importlib.util
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NoReturn

import pytest

from mic.testing.servers._managed import Launch
from mic.testing.servers.server import Server, ServerUnavailableError

if TYPE_CHECKING:
    from mic.testing.servers._supervisor import Supervisor


class Recipe(ABC):
    """One kind of server.

    Attributes:
        name: As in `--mic-require`.
        variable: The environment variable that names a server of somebody else's; empty: there is
            none.
        advice: What to install, as the end of a sentence that begins with "install".
        port_count: How many ports it listens on.
    """

    name: ClassVar[str]
    variable: ClassVar[str] = ""
    advice: ClassVar[str]
    port_count: ClassVar[int] = 1

    @abstractmethod
    def find(self) -> None:
        """Find what it is started from.

        Raises:
            ServerUnavailableError: It is not installed; see `missing`.
        """

    def install(self, folder: Path) -> None:  # noqa: B027 - most kinds need nothing
        """Make what it needs before its first start, such as its data."""

    @abstractmethod
    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Say how it is started on these ports, with its data in this folder."""

    @abstractmethod
    def url(self, ports: Sequence[int]) -> str:
        """Where it then is."""

    def outside(self, value: str) -> tuple[str, str]:
        """Ask the server that the variable names.

        Returns:
            Its URL, and what answered.
        """
        return value, self.ask(value)

    @abstractmethod
    def ask(self, url: str) -> str:
        """Ask the server at `url`, in its own protocol and within a second or two, what it is.

        Raises:
            Exception: Any, while it does not answer.
        """

    def probe(self, url: str) -> Callable[[], str]:
        """The probe of a launch."""
        return lambda: self.ask(url)

    def open_space(self, server: Server, space: str) -> None:  # noqa: B027 - a name is enough
        """Make what holds the data of one test, where it takes more than a name of its own."""

    @abstractmethod
    def close_space(self, server: Server, space: str) -> None:
        """Remove what one test has left under its name."""

    def close(self) -> None:  # noqa: B027 - most kinds hold nothing
        """Let go of what it holds itself, such as a connection; the session ends."""

    def start(self, supervisor: Supervisor) -> Server:
        """Start it: one process, unless a kind is made of more."""
        return supervisor.run(self, self.name)

    @classmethod
    def missing(cls) -> NoReturn:
        """Say what to install."""
        known = f", or name a running one in ${cls.variable}" if cls.variable else ""
        msg = f"no {cls.name} server here: install {cls.advice}{known}"
        raise ServerUnavailableError(msg)


@dataclass(frozen=True, slots=True)
class NotOurs:
    """The control of a server that an environment variable names."""

    name: str
    variable: str

    @property
    def pid(self) -> int | None:
        """Not known."""
        return None

    def kill(self) -> None:
        """Skip the test."""
        self._refuse("killed")

    def pause(self) -> None:
        """Skip the test."""
        self._refuse("paused")

    def resume(self) -> None:
        """Skip the test."""
        self._refuse("resumed")

    def restart(self) -> None:
        """Skip the test."""
        self._refuse("restarted")

    def _refuse(self, done: str) -> NoReturn:
        pytest.skip(
            f"the {self.name} server is the one of ${self.variable}, which is not ours to be"
            f" {done}; unset the variable and a private one is started"
        )


def outside_server(recipe: Recipe, value: str) -> Server:
    """The server that the recipe's variable names."""
    url, version = recipe.outside(value)
    return Server(
        url=url, kind=recipe.name, version=version, control=NotOurs(recipe.name, recipe.variable)
    )


def wheel_folder(package: str) -> Path | None:
    """Where a wheel's package is, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def program_on_path(*names: str) -> Path | None:
    """The first of these programs that PATH has."""
    found = (shutil.which(name) for name in names)
    return next((Path(each) for each in found if each), None)
