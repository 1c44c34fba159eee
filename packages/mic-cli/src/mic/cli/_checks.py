"""The checks of `mic doctor` that only look: at the path, at metadata, at versions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mic.cli._claims import COMMAND_NAME
from mic.cli._installed import Installed, first_of_each, folders_of, normalized
from mic.cli._light import BUILT_INS, DISTRIBUTION, GROUP
from mic.cli._members import Member

FLOOR = (3, 11)
_GROUP_OF_FAMILY = re.compile(r"mic\.\w+")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

_NAMESPACE_FILES: Mapping[str, tuple[Literal["error", "warning"], str]] = {
    "mic/__init__.py": ("error", "hides every portion of mic that lies in another folder"),
    "mic/py.typed": ("warning", "tells type checkers that mic is one distribution's package"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with an installation.

    Attributes:
        id: `D01` to `D07`.
        level: `error` or `warning`.
        subject: The file, distribution, portion or entry point.
        message: What is wrong.
        fix: What to do about it.
    """

    id: str
    level: Literal["error", "warning"]
    subject: str
    message: str
    fix: str


def python_version(version: Sequence[int], floor: Sequence[int] = FLOOR) -> Iterator[Finding]:
    """D01: the Python is too old."""
    if tuple(version[: len(floor)]) < tuple(floor):
        yield Finding(
            "D01",
            "error",
            "python",
            f"Python {'.'.join(map(str, version[:3]))} is older than"
            f" {'.'.join(map(str, floor))}, which the family needs",
            "make an environment with a newer Python",
        )


def hidden_namespace(path: Iterable[str], found: Iterable[Installed]) -> Iterator[Finding]:
    """D02: a file that makes `mic` a package of one distribution, as an old monolith has it."""
    owners = {
        (each.folder, file): each.name
        for each in found
        for file in _NAMESPACE_FILES
        if f"\n{file}," in f"\n{each.read('RECORD')}"
    }
    for folder in folders_of(path):
        for file, (level, effect) in _NAMESPACE_FILES.items():
            place = Path(folder, file)
            if os.path.lexists(place):
                owner = owners.get((folder, file))
                yield Finding(
                    "D02",
                    level,
                    os.fspath(place),
                    f"{effect}; it belongs to {owner or 'no installed distribution'}",
                    f"pip uninstall {owner}, then install what you need of the family again"
                    if owner
                    else "delete the file",
                )


def differing_versions(members: Iterable[Member]) -> Iterator[Finding]:
    """D03: a distribution of the family has another version than it should."""
    for each in members:
        if each.status == "mismatch":
            yield Finding(
                "D03",
                "error",
                each.name,
                f"is {each.version}, and {each.expected} is expected",
                f'pip install "{each.name}=={each.expected}"',
            )


def claimed_twice(found: Iterable[Installed]) -> Iterator[Finding]:
    """D05: an entry point that several distributions claim, or a command that cannot be typed."""
    claims = {(GROUP, name): {DISTRIBUTION} for name in BUILT_INS}
    for each in first_of_each(found).values():
        for group, name, _ in each.entry_points():
            if group == GROUP and not COMMAND_NAME.fullmatch(name):
                yield Finding(
                    "D05",
                    "error",
                    f"{group}: {name}",
                    f"cannot be the name of a command; {each.name} brings it",
                    f"have {each.name} mended; names are like {COMMAND_NAME.pattern}",
                )
            elif _GROUP_OF_FAMILY.fullmatch(group):
                claims.setdefault((group, name.lower()), set()).add(each.name)
    for (group, name), owners in sorted(claims.items()):
        if len(owners) > 1:
            yield Finding(
                "D05",
                "error",
                f"{group}: {name}",
                f"is claimed by {' and '.join(sorted(owners))}",
                "uninstall all but one",
            )


def absent_requirements(members: Iterable[Member], found: Iterable[Installed]) -> Iterator[Finding]:
    """D06: what a distribution always requires is absent; one with a marker is not judged."""
    present = first_of_each(found)
    for each in members:
        for requirement in each.installed.headers("Requires-Dist"):
            match = _REQUIREMENT.match(requirement)
            if match and ";" not in requirement and normalized(match[0]) not in present:
                yield Finding(
                    "D06",
                    "error",
                    each.name,
                    f"requires {normalized(match[0])}, which is not installed",
                    # What follows an `@` is an address, and may hold a password.
                    f'pip install "{requirement.partition("@")[0].strip()}"',
                )


def installed_twice(members: Iterable[Member], found: Sequence[Installed]) -> Iterator[Finding]:
    """D07: one distribution is on the path twice, and files of either may be imported."""
    for member in members:
        copies = [each for each in found if each.name == member.name]
        if len(copies) > 1:
            places = " and ".join(f"{each.version} in {each.folder}" for each in copies)
            yield Finding(
                "D07",
                "error",
                member.name,
                f"is installed {len(copies)} times: {places}",
                f"pip uninstall {member.name} until none is left, then install it again",
            )


def targets_of(found: Iterable[Installed]) -> Iterator[tuple[str, str, str]]:
    """Distribution, `group: name` and value of every entry point of the family's groups."""
    for each in first_of_each(found).values():
        for group, name, value in each.entry_points():
            if _GROUP_OF_FAMILY.fullmatch(group):
                yield each.name, f"{group}: {name}", value
