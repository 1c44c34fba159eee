"""What the tree holds: the distributions, their portions, and their manifests.

Every tool derives its work from here, so that adding a distribution means adding one folder and
nothing else.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""The root of the checkout that these tools belong to."""

NAMESPACE = "mic"
META = "mic-struct"
CORE = "mic-core"
TESTING = "mic-testing"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One folder of `packages/` and its parsed `pyproject.toml`."""

    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The folder's name, which is also the distribution's (rule W01)."""
        return self.folder.name

    @property
    def suffix(self) -> str:
        """The name without `mic-`; the meta-distribution's extra is called so."""
        return self.name.removeprefix(f"{NAMESPACE}-")

    @property
    def project(self) -> dict[str, Any]:
        """The `[project]` table, empty when there is none."""
        table: dict[str, Any] = self.manifest.get("project", {})
        return table

    @property
    def namespace_folder(self) -> Path:
        """`src/mic`, the folder that holds nothing but portions."""
        return self.folder / "src" / NAMESPACE

    @property
    def portions(self) -> list[str]:
        """The import packages that the tree really holds, as `mic.x`, sorted."""
        if not self.namespace_folder.is_dir():
            return []
        return sorted(
            f"{NAMESPACE}.{entry.name}"
            for entry in self.namespace_folder.iterdir()
            if entry.is_dir() and any(entry.rglob("*.py"))
        )

    @property
    def dependencies(self) -> list[str]:
        """What it always requires, as written."""
        return list(self.project.get("dependencies", []))

    @property
    def extras(self) -> dict[str, list[str]]:
        """What each extra adds, as written."""
        return {
            name: list(items)
            for name, items in self.project.get("optional-dependencies", {}).items()
        }

    @property
    def entry_points(self) -> dict[str, dict[str, str]]:
        """Entry points by group and name."""
        table: dict[str, dict[str, str]] = self.project.get("entry-points", {})
        return table

    def tool(self, name: str) -> dict[str, Any]:
        """The table `[tool.mic.NAME]` of its manifest, empty when there is none."""
        table: dict[str, Any] = self.manifest.get("tool", {}).get("mic", {}).get(name, {})
        return table


@dataclass(frozen=True, slots=True)
class Workspace:
    """A checkout: its root manifest and its distributions, sorted by name."""

    root: Path
    manifest: dict[str, Any] = field(repr=False)
    distributions: tuple[Distribution, ...]

    @property
    def version(self) -> str:
        """The one version of the family, from `[tool.mic] version`."""
        version: str = self.manifest["tool"]["mic"]["version"]
        return version

    @property
    def members(self) -> tuple[Distribution, ...]:
        """Every distribution that holds code: all but the meta-distribution."""
        return tuple(each for each in self.distributions if each.name != META)

    def by_portion(self) -> dict[str, Distribution]:
        """Which distribution owns each portion."""
        return {portion: each for each in self.members for portion in each.portions}

    def find(self, name: str) -> Distribution:
        """The distribution called `name`.

        Raises:
            KeyError: there is none.
        """
        for each in self.distributions:
            if each.name == name:
                return each
        raise KeyError(name)


def read_toml(path: Path) -> dict[str, Any]:
    """Parses a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load_workspace(root: Path = ROOT) -> Workspace:
    """Reads the root manifest and every `packages/*/pyproject.toml`."""
    manifests = sorted((root / "packages").glob("*/pyproject.toml"))
    return Workspace(
        root=root,
        manifest=read_toml(root / "pyproject.toml"),
        distributions=tuple(Distribution(path.parent, read_toml(path)) for path in manifests),
    )
