"""Steps that say what they do, how long it took, and stop everything at the first that fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_TAIL = 60


class DemoError(Exception):
    """Something is not as it should be; the message says what."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step and print its seconds when it is done."""
    print(f"  {title:<58}", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed")
        raise
    print(f"{time.monotonic() - started:6.1f} s", flush=True)


def run(command: Sequence[str], *, folder: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        env: Variables on top of those of this process.

    Returns:
        What it printed.

    Raises:
        DemoError: It failed; with the end of what it printed.
    """
    done = subprocess.run(
        list(command),
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-_TAIL:])
        raise DemoError(f"{' '.join(command)} ended with {done.returncode}\n{tail}")
    return done.stdout


def fail(message: str) -> int:
    """Print why the demo stopped; the exit code."""
    print(f"\ndemo: {message}", file=sys.stderr)
    return 1
