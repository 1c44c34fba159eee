"""Finds uv, or fetches it by name into a private folder. Standard library only."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.workspace import ROOT, read_toml


def floor_of(root: Path = ROOT) -> tuple[int, ...]:
    """The oldest uv that the workspace accepts, from `[tool.uv] required-version`."""
    written: str = read_toml(root / "pyproject.toml")["tool"]["uv"]["required-version"]
    return _numbers(written)


def find_uv(root: Path = ROOT) -> Path:
    """A uv that is new enough: the one on PATH, else the private one, fetched when absent.

    Raises:
        RuntimeError: none can be had; the message says what was tried.
    """
    floor = floor_of(root)
    on_path = shutil.which("uv")
    if on_path and version_of(Path(on_path)) >= floor:
        return Path(on_path)
    private = [root / ".tools" / "uv" / "bin" / "uv", root / ".tools" / "uv-target" / "bin" / "uv"]
    for candidate in private:
        if version_of(candidate) >= floor:
            return candidate
    print("fetching uv into .tools/ ...", flush=True)
    _fetch(root / ".tools", floor)
    for candidate in private:
        if version_of(candidate) >= floor:
            return candidate
    raise RuntimeError(
        f"uv {'.'.join(map(str, floor))} or newer is needed: install it, or give this Python"
        f" ({sys.executable}) pip or venv so that it can be fetched"
    )


def version_of(program: Path) -> tuple[int, ...]:
    """What `uv --version` says, `()` when the program does not run."""
    try:
        result = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return _numbers(result.stdout)


def _numbers(text: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _fetch(folder: Path, floor: tuple[int, ...]) -> None:
    """Tries an environment of its own, then `pip --target` where Python comes without venv."""
    wanted = f"uv>={'.'.join(map(str, floor))}"
    environment = folder / "uv"
    shutil.rmtree(environment, ignore_errors=True)
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if _runs([sys.executable, "-m", "venv", str(environment)]) and _runs(
        [str(environment / "bin" / "python"), *pip, wanted]
    ):
        return
    shutil.rmtree(environment, ignore_errors=True)
    _runs([sys.executable, *pip, "--upgrade", "--target", str(folder / "uv-target"), wanted])


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    print(find_uv())
