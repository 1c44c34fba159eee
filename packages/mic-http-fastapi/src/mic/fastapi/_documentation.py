"""Describes compiled routes to FastAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mic.http.adapter import CompiledRoute


def _undocumented() -> None:
    """Stands where FastAPI wants a function; never called."""


HIDDEN: Mapping[str, Any] = {"endpoint": _undocumented, "include_in_schema": False}


def describe(route: CompiledRoute) -> dict[str, Any]:
    """The arguments of `APIRoute` that document this route."""
    spec = route.spec

    def endpoint() -> None: ...

    return {"endpoint": endpoint, "name": spec.name, "include_in_schema": spec.include_in_schema}
