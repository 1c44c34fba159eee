"""Names of this portion that are imported when they are first asked for.

The plugin is loaded by every pytest run, so importing `mic.testing` may cost next to nothing; the
lazy exports of `mic.plugins` would bring pydantic with them.
"""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def make_lazy_names(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package.

    Args:
        package: `__name__` of the package.
        modules: The module of each name.
    """

    def get_attribute(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(modules[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def list_attributes() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return get_attribute, list_attributes
