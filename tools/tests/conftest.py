"""A small workspace in a temporary folder, for tools to be tried on."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.workspace import ROOT, Workspace, load_workspace

_ROOT_MANIFEST = """
[project]
name = "mic-workspace"
version = "0"
requires-python = ">=3.11"
license = "MIT"
authors = [{ name = "mic-struct contributors" }]

[tool.mic]
version = "1.0.0"

[tool.ruff]
line-length = 100
"""


class Tree:
    """A checkout that a test fills file by file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("pyproject.toml", _ROOT_MANIFEST)

    def write(self, path: str, text: str = "") -> Path:
        """Writes one file, dedented; folders come into being."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return target

    def write_all(self, files: Mapping[str, str]) -> None:
        """Writes several files."""
        for path, text in files.items():
            self.write(path, text)

    def read(self, path: str) -> str:
        """The text of one file."""
        return (self.root / path).read_text(encoding="utf-8")

    def load(self) -> Workspace:
        """The workspace as the tools see it."""
        return load_workspace(self.root)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture(scope="session")
def repository() -> Workspace:
    return load_workspace(ROOT)
