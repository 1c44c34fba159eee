"""Finds the route of a request once, however often FastAPI's matching asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mic.fastapi._prefix import Prefix
from mic.http.adapter import RouteMatch, RouteTable, Scope, route_path

_KEY = "mic.fastapi.lookup"


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the route table said about a request.

    Attributes:
        match: Its answer; `None` where no route has the path.
        values: Values of the path's parameters as text, those of the prefix included.
        prefix: What was taken off the path.
    """

    table: RouteTable
    prefix: Prefix
    asked: tuple[str, str]
    match: RouteMatch | None
    values: Mapping[str, str]


def look_up(scope: Scope, table: RouteTable, prefix: Prefix) -> Lookup:
    """Ask the table about a request's path less mount point and prefix; the answer is kept."""
    asked = (scope["method"], route_path(scope))
    known: Any = scope.get(_KEY)
    if (
        type(known) is Lookup
        and known.table is table
        and known.asked == asked
        and known.prefix.text == prefix.text
    ):
        return known
    parts = prefix.split(asked[1])
    match = None if parts is None else table.match(asked[0], parts[0])
    values: Mapping[str, str] = {}
    if parts is not None and match is not None:
        values = {**parts[1], **match.path_params} if parts[1] else match.path_params
    found = Lookup(table, prefix, asked, match, values)
    scope[_KEY] = found
    return found
