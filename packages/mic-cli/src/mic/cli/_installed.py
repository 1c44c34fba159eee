"""Which distributions are installed, read from the path without importing anything.

`importlib.metadata` is the reference, and costs more than all of `mic --help`: it is asked only for
what lies in an archive. What it calls shadowed (a distribution that is found a second time) is
listed here as well.
"""

from __future__ import annotations

import os
import re
import sys

from mic.cli._light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.metadata import Distribution

_MOST_BYTES = 16 * 1024 * 1024
"""How much of one metadata file is read."""


class Installed:
    """One installed distribution.

    Attributes:
        name: Normalized (PEP 503).
        version: As its metadata has it.
        folder: The entry of the path that it lies in.
        read: Gives the text of a file of its metadata, `""` when there is none.
    """

    __slots__ = ("folder", "name", "read", "version")

    def __init__(self, name: str, version: str, folder: str, read: Callable[[str], str]) -> None:
        self.name = normalized(name)
        self.version = version
        self.folder = folder
        self.read = read

    def headers(self, name: str) -> list[str]:
        """The values of a header of its metadata."""
        text = self.read("METADATA") or self.read("PKG-INFO")
        return headers_of(text, name)

    def entry_points(self) -> Iterator[tuple[str, str, str]]:
        """Group, name and value of its entry points."""
        group = ""
        for line in self.read("entry_points.txt").splitlines():
            text = line.strip()
            if text.startswith("[") and text.endswith("]"):
                group = text[1:-1].strip()
            elif "=" in text and not text.startswith(("#", ";")):
                name, _, value = text.partition("=")
                yield group, name.strip(), value.partition("[")[0].strip()


def normalized(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def headers_of(metadata: str, name: str) -> list[str]:
    """The values of one header; the body, which follows an empty line, holds none."""
    start = f"{name.lower()}:"
    values = []
    for line in metadata.splitlines():
        if not line.strip():
            break
        if line.lower().startswith(start):
            values.append(line[len(start) :].strip())
    return values


def scan(path: Sequence[str] | None = None) -> list[Installed]:
    """Every distribution on the path, in its order, one that is found twice twice.

    Args:
        path: Folders and archives; `None`: `sys.path`.
    """
    found: list[Installed] = []
    for folder in folders_of(sys.path if path is None else path):
        if os.path.isfile(folder):
            found += _in_archive(folder)
        else:
            found += _in_folder(folder)
    return found


def first_of_each(found: Iterable[Installed]) -> dict[str, Installed]:
    """By name, what Python itself would take: the first on the path."""
    chosen: dict[str, Installed] = {}
    for each in found:
        chosen.setdefault(each.name, each)
    return chosen


def folders_of(path: Iterable[str]) -> list[str]:
    """The entries of a path, each place once."""
    places: dict[str, str] = {}
    for entry in path:
        places.setdefault(os.path.realpath(entry or os.curdir), entry or os.curdir)
    return list(places.values())


def _in_folder(folder: str) -> Iterator[Installed]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for file in names:
        stem, suffix = os.path.splitext(file)
        if suffix not in {".dist-info", ".egg-info"}:
            continue
        read = _reader(os.path.join(folder, file))
        name, _, version = stem.rpartition("-")
        if suffix == ".egg-info" or not name:
            name, version = _told_by(read)
        if name:
            yield Installed(name, version, folder, read)


def _reader(folder: str) -> Callable[[str], str]:
    def read(name: str) -> str:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                return file.read(_MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""

    return read


def _in_archive(archive: str) -> Iterator[Installed]:
    from importlib.metadata import distributions

    for each in distributions(path=[archive]):

        def read(name: str, each: Distribution = each) -> str:
            return each.read_text(name) or ""

        name, version = _told_by(read)
        if name:
            yield Installed(name, version, archive, read)


def _told_by(read: Callable[[str], str]) -> tuple[str, str]:
    """Name and version as the metadata itself has them."""
    text = read("METADATA") or read("PKG-INFO")
    return _first(headers_of(text, "Name")), _first(headers_of(text, "Version"))


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""
