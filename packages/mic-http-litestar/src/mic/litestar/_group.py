"""One set of routes inside a Litestar app, matched on the path as the client sent it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mic.http.adapter import RouteMatch, RouteTable, Scope
from mic.http.context import request_state
from mic.litestar._documentation import Document

if TYPE_CHECKING:
    from mic.http.adapter import CompiledRoute

_PARAMETER = re.compile(r"\{([^:}]*)[^}]*\}")


class RouteGroup:
    """The routes of one router; one object, although Litestar copies routers deeply."""

    __slots__ = ("document", "table")

    def __init__(self, table: RouteTable) -> None:
        self.table = table
        self.document = Document(table)

    def __deepcopy__(self, memo: dict[int, Any]) -> RouteGroup:
        """The routes are compiled once and immutable, so every copy of the router shares them."""
        return self

    def match(self, scope: Scope, prefix: Prefix) -> RouteMatch | None:
        """Find the route of a request; `None` where the path belongs to none."""
        path = sent_path(scope)
        rest = prefix.strip(path)
        return None if rest is None else self.table.match(scope["method"], rest)


class Prefix:
    """What the layers above a router put in front of its paths; may hold parameters of theirs."""

    __slots__ = ("_pattern", "text")

    def __init__(self, paths: list[str]) -> None:
        pieces = [piece for path in paths for piece in path.split("/") if piece]
        self.text = "".join("/" + _PARAMETER.sub(r"{\1}", piece) for piece in pieces)
        self._pattern: re.Pattern[str] | None = None
        if "{" in self.text:
            self._pattern = re.compile(
                "".join("/[^/]+" if "{" in piece else f"/{re.escape(piece)}" for piece in pieces)
            )

    def strip(self, path: str) -> str | None:
        """The path without the prefix; `None` where it does not begin with it."""
        if not self.text:
            return path
        if self._pattern is None:
            return path[len(self.text) :] if path.startswith(self.text) else None
        found = self._pattern.match(path)
        return None if found is None else path[found.end() :]


def sent_path(scope: Scope) -> str:
    """The decoded path as the client sent it, less the mount point.

    Litestar writes its folded path over `scope["path"]`, so only `raw_path` tells. Without one
    Litestar's view stands.
    """
    raw = scope.get("raw_path")
    if not raw:
        path: str = scope["path"]
        return path
    if b"%" in raw or b"?" in raw:
        raw = unquote_to_bytes(raw.partition(b"?")[0])
    path = raw.decode("utf-8", "replace")
    root: str = scope.get("root_path", "")
    if not root:
        return path
    root = root.rstrip("/")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :] or "/"
    return path


def enter(scope: Scope, match: RouteMatch, route: CompiledRoute, prefix: Prefix) -> None:
    """Tell the request's state which route serves it."""
    state = request_state(scope)
    state.route = route.spec
    if match.path_params:
        state.path_params = match.path_params
    if state.label is None:
        state.label = prefix.text + route.spec.path
