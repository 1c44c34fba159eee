"""What the tests of the servers share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mic.testing.servers._processes import wait_until_gone
from mic.testing.servers._watchdog import Watchdog


class Child(subprocess.Popen[str]):
    """A process and the first line that it said."""

    first_line = ""


StartChild = Callable[..., Child]


@pytest.fixture
def start_child() -> Iterator[StartChild]:
    """Start Python code in a process whose first line of output has come; killed after the test."""
    children: list[Child] = []

    def start(source: str, *arguments: str, **options: Any) -> Child:
        command = [sys.executable, "-c", source, *arguments]
        child = Child(command, stdout=subprocess.PIPE, text=True, **options)
        children.append(child)
        assert child.stdout is not None
        child.first_line = child.stdout.readline().strip()
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
        if child.stdin is not None:
            child.stdin.close()


@pytest.fixture
def watchdog(tmp_path: Path) -> Iterator[Watchdog]:
    """A watchdog over a folder of the test's."""
    folder = tmp_path / "session"
    folder.mkdir()
    made = Watchdog(folder)
    yield made
    made.close()
    assert wait_until_gone([made.pid], 5)
