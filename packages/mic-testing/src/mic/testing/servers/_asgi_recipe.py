"""What our own HTTP servers have in common when they are started."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._processes import same_imports
from mic.testing.servers._recipe import Recipe, program_on_path, wheel_folder
from mic.testing.servers.server import Server

_TIMEOUT_SECONDS = 2.0


class HttpRecipe(Recipe):
    """A real server of PATH, else a program of ours; both are asked for a page of health.

    Attributes:
        program: The real server's program; empty: there is none.
        module: The module of our own program.
        packages: What that needs.
        health: Path of the page.
        product: The real one's name.
        stand_in: The name of ours.
    """

    program: ClassVar[str] = ""
    module: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]
    health: ClassVar[str] = "/health"
    product: ClassVar[str]
    stand_in: ClassVar[str]

    def __init__(self) -> None:
        self._program: Path | None = None

    def find(self) -> None:
        """The real one, else what ours needs."""
        self._program = program_on_path(self.program) if self.program else None
        if self._program is None and not all(wheel_folder(name) for name in self.packages):
            self.missing()

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Ours is a process of this Python."""
        url = self.url(ports)
        if self._program is not None:
            return Launch(
                command=self.real_command(self._program, ports),
                port=ports[0],
                probe=self.probe(url),
            )

        def probe() -> str:
            self.ask(url)
            return self.stand_in

        module = f"mic.testing.servers._programs.{self.module}"
        return Launch(
            command=[sys.executable, "-P", "-m", module, str(ports[0]), str(folder)],
            port=ports[0],
            probe=probe,
            environment=same_imports(),
        )

    def real_command(self, program: Path, ports: Sequence[int]) -> list[str]:
        """How the real one is started."""
        raise NotImplementedError

    def url(self, ports: Sequence[int]) -> str:
        """Plain HTTP."""
        return f"http://{LOOPBACK}:{ports[0]}"

    def ask(self, url: str) -> str:
        """Ask for its health."""
        with urllib.request.urlopen(
            url.rstrip("/") + self.health, timeout=_TIMEOUT_SECONDS
        ) as page:
            page.read()
        return self.product

    def close_space(self, server: Server, space: str) -> None:
        """Nothing of a test's stays under a name."""
