"""Finds the route of a request once, however often FastAPI's matching asks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mic.fastapi._prefix import Prefix
from mic.http.adapter import RouteMatch, RouteTable, Scope, route_path

_KEY = "mic.fastapi.lookup"
_NO_VALUES: Mapping[str, str] = MappingProxyType({})


class Lookup:
    """What the route table said about a request.

    Attributes:
        match: Its answer; `None` where no route has the path.
        path: The decoded path less the mount point.
        values: Values of the path's parameters as text, those of the prefix included.
        prefix: What was taken off the path.
    """

    __slots__ = ("asked", "match", "path", "prefix", "table", "values")

    def __init__(self, scope: Scope, table: RouteTable, prefix: Prefix) -> None:
        self.table = table
        self.prefix = prefix
        self.asked = _question(scope)
        self.path = path = route_path(scope)
        self.match: RouteMatch | None = None
        self.values: Mapping[str, str] = _NO_VALUES
        parts = prefix.split(path)
        if parts is not None:
            self.match = match = table.match(self.asked[0], parts[0])
            if match is not None:
                self.values = {**parts[1], **match.path_params} if parts[1] else match.path_params


def look_up(scope: Scope, table: RouteTable, prefix: Prefix) -> Lookup:
    """Ask the table about a request's path less mount point and prefix; the answer is kept."""
    known: Any = scope.get(_KEY)
    if (
        type(known) is Lookup
        and known.table is table
        and (known.prefix is prefix or known.prefix.text == prefix.text)
        and known.asked == _question(scope)
    ):
        return known
    found = scope[_KEY] = Lookup(scope, table, prefix)
    return found


def _question(scope: Scope) -> tuple[str, str, str | None]:
    return scope["method"], scope["path"], scope.get("root_path")
