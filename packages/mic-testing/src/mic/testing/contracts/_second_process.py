"""A program in a process of its own, for the clauses about sharing."""

import subprocess
import sys

__all__ = ["run_program"]

_TIMEOUT_SECONDS = 30


def run_program(source: str, *arguments: str) -> str:
    """Run Python source with arguments (`sys.argv[1:]`), and give what it printed.

    Raises:
        AssertionError: It failed; the message holds what it wrote to its error output.
        subprocess.TimeoutExpired: It did not end within 30 s, and is killed.
    """
    done = subprocess.run(
        [sys.executable, "-c", source, *arguments],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"the second process failed:\n{done.stderr}")
    return done.stdout
