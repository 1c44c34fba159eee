"""What a worker process of a `ProcessHarness` says to its test."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

SAYS = "MIC_TESTING_SAYS"
KILL_AT = "MIC_TESTING_KILL_AT"

_counts: dict[str, int] = {}


def say(value: Any) -> None:
    """Tell the test a JSON value; whatever was said is kept when the process is killed.

    Raises:
        KeyError: The process was not started by a `ProcessHarness`.
    """
    line = json.dumps(value) + "\n"
    descriptor = os.open(os.environ[SAYS], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())  # one write: two processes never mix their lines
    finally:
        os.close(descriptor)


def point(name: str) -> None:
    """Pass a point at which the test may have this process killed.

    Nothing happens unless it was started with `kill_at=name`, or `name#3` for the third time; then
    this is SIGKILL, here and now.
    """
    _counts[name] = count = _counts.get(name, 0) + 1
    if os.environ.get(KILL_AT) in {f"{name}#{count}", name}:
        os.kill(os.getpid(), signal.SIGKILL)
