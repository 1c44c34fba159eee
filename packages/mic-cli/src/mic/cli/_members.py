"""The installed distributions of the family, and the version that each should have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mic.cli._family import FAMILY
from mic.cli._installed import Installed, first_of_each
from mic.cli._light import DISTRIBUTION

META = "mic-struct"
_MOST_CHARACTERS = 65536
"""How much of one path file is read."""
_NAMESPACE = "mic"
# Of RECORD: `mic/cache/__init__.py,sha256=...`, and the path files of editable installs.
_PORTION = re.compile(r"^mic/([A-Za-z_]\w*)/", re.MULTILINE)
_PATH_FILE = re.compile(r"^([^\s/,]+\.pth),", re.MULTILINE)
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?==\s*([^\s;,()*]+)")


@dataclass(frozen=True, slots=True)
class Member:
    """One installed distribution of the family, or one that owns a portion of the namespace.

    Attributes:
        name: Normalized.
        version: The installed one.
        expected: The version that it should have; `None` for a foreign one.
        portions: What it owns of the namespace, as `mic.x`, sorted.
        status: `ok`, `mismatch`, or `foreign`: not of the family.
        installed: Where its metadata is.
    """

    name: str
    version: str
    expected: str | None
    portions: tuple[str, ...]
    status: Literal["ok", "mismatch", "foreign"]
    installed: Installed


def members_of(
    found: Iterable[Installed], family: Mapping[str, Sequence[str]] = FAMILY
) -> list[Member]:
    """The family's distributions and the foreign ones among the installed, sorted by name.

    What is expected is what an installed `mic-struct` pins, else the version of `mic-cli`.
    """
    chosen = first_of_each(found)
    pins = pins_of(chosen.get(META))
    members: list[Member] = []
    for name in sorted(chosen):
        each = chosen[name]
        portions = tuple(family.get(name, ())) or portions_of(each)
        if name in family:
            own = chosen.get(DISTRIBUTION)
            expected = pins.get(name) or (own.version if own else each.version)
            status: Literal["ok", "mismatch"] = "ok" if each.version == expected else "mismatch"
            members.append(Member(name, each.version, expected, portions, status, each))
        elif portions:
            members.append(Member(name, each.version, None, portions, "foreign", each))
    return members


def pins_of(meta: Installed | None) -> dict[str, str]:
    """What the meta-distribution pins, and itself; nothing when it is absent or pins nothing."""
    if meta is None:
        return {}
    pins = {}
    for requirement in meta.headers("Requires-Dist"):
        match = _PIN.match(requirement)
        if match is not None:
            name = re.sub(r"[-_.]+", "-", match[1]).lower()
            if name.startswith(f"{_NAMESPACE}-"):
                pins[name] = match[2]
    return {**pins, META: meta.version} if pins else {}


def portions_of(each: Installed) -> tuple[str, ...]:
    """What a distribution's own list of files says that it owns of the namespace."""
    record = "\n" + each.read("RECORD")
    # Most distributions have nothing of the kind, and finding that out needs no pattern.
    names = set(_PORTION.findall(record)) if f"\n{_NAMESPACE}/" in record else set()
    for file in _PATH_FILE.findall(record) if ".pth," in record else ():
        names |= _editable_portions(Path(each.folder, file))
    return tuple(sorted(f"{_NAMESPACE}.{name}" for name in names if name != "__pycache__"))


def _editable_portions(path_file: Path) -> set[str]:
    """The portions in the folders that a path file names, one a line, as `site` reads it."""
    try:
        with path_file.open(encoding="utf-8") as file:
            lines = file.read(_MOST_CHARACTERS).splitlines()
    except (OSError, ValueError):
        return set()
    names: set[str] = set()
    for line in filter(None, map(str.strip, lines)):
        try:
            folder = Path(path_file.parent, line, _NAMESPACE)
            names |= {entry.name for entry in folder.iterdir() if entry.is_dir()}
        except (OSError, ValueError):
            continue  # a comment, an import, or a folder that has gone
    return names
