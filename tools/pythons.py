"""Finds the Python interpreters of this machine. Standard library only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SUPPORTED: tuple[tuple[int, int], ...] = ((3, 11), (3, 12), (3, 13), (3, 14))
"""The minor versions that the family is tested on."""

_PROBE = "import sys; print(sys.version_info[0], sys.version_info[1], sys.executable)"
_NEEDED = "import bz2, ctypes, sqlite3, ssl, zlib"


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter that runs; `whole` when it has the standard modules that tests need."""

    path: Path
    minor: tuple[int, int]
    whole: bool = True

    @property
    def name(self) -> str:
        """`3.12`."""
        return f"{self.minor[0]}.{self.minor[1]}"


def find_pythons(environment: Mapping[str, str] = os.environ) -> list[Python]:
    """The first interpreter of every supported minor version but the running one.

    Looks along PATH, then in pyenv's versions folder. A shim that does not run is passed over, and
    one that lacks standard modules is taken only when nothing better has that version.
    """
    found: dict[tuple[int, int], Python] = {}
    for minor in SUPPORTED:
        if minor == sys.version_info[:2]:
            continue
        for candidate in _candidates(minor, environment):
            python = probe(candidate)
            if python is None or python.minor != minor:
                continue
            if python.whole:
                found[minor] = python
                break
            found.setdefault(minor, python)
    return list(found.values())


def probe(candidate: Path) -> Python | None:
    """Runs an interpreter; `None` when it does not run."""
    answer = _ask(candidate, _PROBE)
    if answer is None:
        return None
    major, minor, path = answer.strip().split(" ", 2)
    return Python(
        path=Path(path),
        minor=(int(major), int(minor)),
        whole=_ask(candidate, _NEEDED) is not None,
    )


def _ask(candidate: Path, code: str) -> str | None:
    try:
        result = subprocess.run(
            [candidate, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout


def _candidates(minor: tuple[int, int], environment: Mapping[str, str]) -> Iterable[Path]:
    name = f"python{minor[0]}.{minor[1]}"
    folders = [Path(part) for part in environment.get("PATH", "").split(os.pathsep) if part]
    homes = [environment.get("PYENV_ROOT"), _pyenv_root(environment)]
    if "HOME" in environment:
        homes.append(str(Path(environment["HOME"]) / ".pyenv"))
    for home in dict.fromkeys(home for home in homes if home):
        folders += sorted(Path(home).glob("versions/*/bin"), reverse=True)
    return [folder / name for folder in dict.fromkeys(folders) if (folder / name).is_file()]


def _pyenv_root(environment: Mapping[str, str]) -> str | None:
    try:
        result = subprocess.run(
            ["pyenv", "root"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            env=dict(environment),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()
