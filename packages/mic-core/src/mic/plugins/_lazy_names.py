"""Names of a package's own modules, imported when they are first asked for.

A command line pays for every module before it says a word, so this one imports neither `typing` nor
`dataclasses`. Type checkers know a constant of this name, whoever defines it.
"""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any


def make_lazy_names(
    package: str, modules: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package whose own modules are imported on demand.

    ```
    if TYPE_CHECKING:
        from mic.shelf.paper import Book, Sheet
    else:
        __getattr__, __dir__ = make_lazy_names(
            __name__, {"mic.shelf.paper": ("Book", "Sheet")}
        )
    ```

    The `else` keeps both from type checkers, which would otherwise believe any name.

    Guarantees: those of `make_lazy_exports`, except that nothing can be absent: every error passes
    untouched, and `__all__` lists all names, because `from package import *` imports them all. A
    public module of the table is an attribute of the package as well, as if it were imported.

    Args:
        package: `__name__` of the calling module.
        modules: The offered names of each module, by its full name.

    Returns:
        The two functions, to be assigned to `__getattr__` and `__dir__`.
    """
    origins = {name: module for module, names in modules.items() for name in names}
    submodules = {
        name: module
        for module in modules
        for parent, _, name in (module.rpartition("."),)
        if parent == package and not name.startswith("_")
    }

    def find(name: str) -> Any:
        if name in submodules:
            return importlib.import_module(submodules[name])
        return getattr(importlib.import_module(origins[name]), name)

    return make_getters(package, {**origins, **submodules}, find, None)


def make_getters(
    package: str,
    offered: Mapping[str, object],
    find: Callable[[str], Any],
    fallback: Callable[[str], Any] | None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the two functions of a package; `find` imports an offered name."""

    def get_attribute(name: str) -> Any:
        if name not in offered:
            if fallback is not None:
                return fallback(name)
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = find(name)
        setattr(sys.modules[package], name, value)
        return value

    def list_attributes() -> list[str]:
        return sorted({*vars(sys.modules[package]), *offered})

    return get_attribute, list_attributes
