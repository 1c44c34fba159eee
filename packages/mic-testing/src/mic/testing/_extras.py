"""Imports what an extra brings, or says which one does."""

from __future__ import annotations

import importlib
from types import ModuleType


def import_extra(
    module: str, *, extra: str, needed_by: str, package: str | None = None
) -> ModuleType:
    """Import a module that an extra of this distribution brings, or one of ours that needs it.

    Args:
        module: Its full name.
        extra: The extra.
        package: The package that the extra brings; `None`: that of the module.
        needed_by: What cannot do without it, as it is called in the message.

    Raises:
        ImportError: It is not installed; an error inside of it passes as it is.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if _root(error.name or "") != _root(package or module):
            raise
        msg = f"{needed_by} needs {error.name}: install mic-testing[{extra}]"
        raise ImportError(msg, name=error.name) from error


def _root(module: str) -> str:
    return module.partition(".")[0]
