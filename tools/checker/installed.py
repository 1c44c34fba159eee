"""Which installed distribution an import comes from."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata

from tools.generate.layers import requirement_name


@functools.cache
def _owners() -> Mapping[str, Sequence[str]]:
    return {
        name: sorted({requirement_name(each) for each in found})
        for name, found in metadata.packages_distributions().items()
    }


@functools.cache
def _modules(distribution: str) -> frozenset[str]:
    """The dotted modules that a distribution's own list of files names."""
    modules: set[str] = set()
    for file in metadata.files(distribution) or []:
        if file.suffix in {".py", ".pyi", ".so"}:
            parts = [*file.parts[:-1], file.name.split(".")[0]]
            modules.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return frozenset(modules)


@functools.cache
def owner_of(path: str) -> str | None:
    """The distribution that provides an imported path.

    `""` for the standard library, `None` when nothing installed provides it. Where several
    distributions share the first name (a namespace), the longest path that one of them holds
    decides.
    """
    top = path.split(".", maxsplit=1)[0]
    if top in sys.stdlib_module_names or top == "__future__":
        return ""
    candidates = _owners().get(top, [])
    if len(candidates) == 1:
        return candidates[0]
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        prefix = ".".join(parts[:count])
        for candidate in candidates:
            if prefix in _modules(candidate):
                return candidate
    return candidates[0] if candidates else None
