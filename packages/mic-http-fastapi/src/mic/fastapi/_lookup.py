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

    __slots__ = ("_method", "_path", "_root", "_table", "match", "path", "prefix", "values")

    def __init__(self, scope: Scope, table: RouteTable, prefix: Prefix) -> None:
        self._table = table
        self._method: str = scope["method"]
        self._path: str = scope["path"]
        self._root: str | None = scope.get("root_path")
        self.prefix = prefix
        self.path = path = route_path(scope)
        self.match: RouteMatch | None = None
        self.values: Mapping[str, str] = _NO_VALUES
        parts = prefix.split(path)
        if parts is not None:
            self.match = match = table.match(self._method, parts[0])
            if match is not None:
                self.values = {**parts[1], **match.path_params} if parts[1] else match.path_params

    def answers(self, scope: Scope, table: RouteTable, prefix: Prefix) -> bool:
        """Whether it was asked just this."""
        return (
            self._table is table
            and (self.prefix is prefix or self.prefix.text == prefix.text)
            and self._path == scope["path"]
            and self._method == scope["method"]
            and self._root == scope.get("root_path")
        )


def look_up(scope: Scope, table: RouteTable, prefix: Prefix) -> Lookup:
    """Ask the table about a request's path less mount point and prefix; the answer is kept."""
    known: Any = scope.get(_KEY)
    if type(known) is Lookup and known.answers(scope, table, prefix):
        return known
    found = scope[_KEY] = Lookup(scope, table, prefix)
    return found
