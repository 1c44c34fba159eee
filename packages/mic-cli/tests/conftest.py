"""What the tests of this distribution share: hand-made installations, and `mic` as a process."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from mic.cli.main import main


class Site:
    """A folder for `sys.path` with distributions that a test makes by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(
        self,
        name: str,
        version: str = "1.0.0",
        *,
        entry_points: str = "",
        requires: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
        record: Sequence[str] = (),
    ) -> Path:
        """Adds one; returns the folder of its metadata."""
        for path, text in (files or {}).items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = [f"Requires-Dist: {each}\n" for each in requires]
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{''.join(lines)}\nBody\n"
        )
        (info / "entry_points.txt").write_text(entry_points)
        listed = [*(files or {}), *record, f"{info.name}/METADATA"]
        (info / "RECORD").write_text("".join(f"{each},,\n" for each in listed))
        return info


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def another_site(tmp_path: Path) -> Site:
    return Site(tmp_path / "another")


@pytest.fixture
def on_path(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The site on `sys.path` of this process; what was imported from it is forgotten."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [str(site.folder), *sys.path])
    importlib.invalidate_caches()
    yield site
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(site.folder.parent)):
            del sys.modules[name]


Mic = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_mic(tmp_path: Path) -> Mic:
    """Runs `mic` as a process of its own."""

    def run(
        *arguments: str, path: Sequence[Path] = (), options: Sequence[str] = (), **more: str | None
    ) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        for key, value in {"PYTHONPATH": os.pathsep.join(map(str, path)), **more}.items():
            environment.pop(key, None)
            if value is not None:
                environment[key] = value
        return subprocess.run(
            [sys.executable, *options, "-m", "mic.cli", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run


@pytest.fixture
def here() -> Callable[..., int]:
    """Runs `mic` in this process; a `SystemExit` is its code."""

    def run(*arguments: str) -> int:
        try:
            return main(arguments)
        except SystemExit as ended:
            return int(ended.code or 0)

    return run
