"""Matches a method and a path against route templates: a tree with backtracking (pure).

At each segment static text comes before typed parameters, these before untyped ones, and those
before `path`; the order of declaration never matters. Of all templates that fit a path, the first
that serves the method wins; the others' methods still count for `Allow`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mic.http._templates import KINDS, PATTERNS, ParameterKind, Template

RouteT = TypeVar("RouteT")


@dataclass(slots=True)
class Endpoint(Generic[RouteT]):
    """One route at the end of a template, with the names that this route gives to the
    parameters.
    """

    route: RouteT
    names: tuple[str, ...]


@dataclass(slots=True)
class _Node(Generic[RouteT]):
    static: dict[str, _Node[RouteT]] = field(default_factory=dict)
    typed: dict[ParameterKind, _Node[RouteT]] = field(default_factory=dict)
    endpoints: dict[str, Endpoint[RouteT]] = field(default_factory=dict)

    def order(self) -> None:
        """Sort the kinds by precedence, here and below."""
        self.typed = {kind: self.typed[kind] for kind in KINDS if kind in self.typed}
        for child in (*self.static.values(), *self.typed.values()):
            child.order()


class DuplicateRouteError(ValueError):
    """Two routes that cannot stand in one table."""


class MatchTree(Generic[RouteT]):
    """The tree. Built once, then only read; safe to share between threads."""

    __slots__ = ("_root",)

    def __init__(self, routes: list[tuple[str, Template, RouteT]]) -> None:
        """Build it of (method, template, route).

        Raises:
            DuplicateRouteError: Same method and shape twice, or two paths that differ in a trailing
                slash only.
        """
        self._root: _Node[RouteT] = _Node()
        shapes: dict[str, str] = {}
        for method, template, route in routes:
            shapes.setdefault(template.shape, template.text)
            self._add(method, template, route)
        for shape, text in shapes.items():
            if shape and shape + "/" in shapes:
                msg = f"{text} and {shapes[shape + '/']} differ in a trailing slash only"
                raise DuplicateRouteError(msg)
        self._root.order()

    def _add(self, method: str, template: Template, route: RouteT) -> None:
        node = self._root
        for segment in template.segments:
            if segment.kind is None:
                node = node.static.setdefault(segment.text, _Node())
            else:
                node = node.typed.setdefault(segment.kind, _Node())
        if method in node.endpoints:
            msg = f"{method} {template.text} is declared twice (names of parameters do not count)"
            raise DuplicateRouteError(msg)
        node.endpoints[method] = Endpoint(route, template.names)

    def find(self, method: str, path: str) -> tuple[RouteT, dict[str, str]] | None:
        """The route for a method and a decoded path with the values of its parameters."""
        if not path.startswith("/"):
            return None
        values: list[str] = []
        endpoint = _find(self._root, method, path, 1, values)
        if endpoint is None:
            return None
        # found at the end of the path and noted on the way back, so the last one comes first
        values.reverse()
        return endpoint.route, dict(zip(endpoint.names, values, strict=True))

    def methods(self, path: str) -> tuple[str, ...]:
        """All methods of the templates that fit a path, sorted, with HEAD beside GET and OPTIONS;
        empty where none fits.
        """
        allowed: set[str] = set()
        if path.startswith("/"):
            _collect(self._root, path, 1, allowed)
        if not allowed:
            return ()
        if "GET" in allowed:
            allowed.add("HEAD")
        allowed.add("OPTIONS")
        return tuple(sorted(allowed))


def _find(
    node: _Node[RouteT], method: str, path: str, start: int, values: list[str]
) -> Endpoint[RouteT] | None:
    """The first endpoint for `method` that `path[start:]` leads to from `node`, in the order of
    precedence; values of parameters are appended from the last to the first.
    """
    end = path.find("/", start)
    segment = path[start:] if end < 0 else path[start:end]
    child = node.static.get(segment)
    if child is not None:
        found = _endpoint(child, method) if end < 0 else _find(child, method, path, end + 1, values)
        if found is not None:
            return found
    if segment:
        for kind, typed in node.typed.items():
            if kind == "path":
                end, segment = -1, path[start:]
            elif not _fits(kind, segment):
                continue
            found = (
                _endpoint(typed, method) if end < 0 else _find(typed, method, path, end + 1, values)
            )
            if found is not None:
                values.append(segment)
                return found
    return None


def _collect(node: _Node[RouteT], path: str, start: int, allowed: set[str]) -> None:
    """Add the methods of every endpoint that `path[start:]` leads to from `node`."""
    end = path.find("/", start)
    segment = path[start:] if end < 0 else path[start:end]
    for child in _children(node, segment):
        if end < 0:
            allowed.update(child.endpoints)
        else:
            _collect(child, path, end + 1, allowed)
    if segment and "path" in node.typed:
        allowed.update(node.typed["path"].endpoints)


def _children(node: _Node[RouteT], segment: str) -> Iterator[_Node[RouteT]]:
    """The nodes that one segment leads to, but for those that swallow all the rest."""
    if segment in node.static:
        yield node.static[segment]
    if segment:
        for kind, typed in node.typed.items():
            if kind != "path" and _fits(kind, segment):
                yield typed


def _fits(kind: ParameterKind, segment: str) -> bool:
    return kind == "str" or PATTERNS[kind].fullmatch(segment) is not None


def _endpoint(node: _Node[RouteT], method: str) -> Endpoint[RouteT] | None:
    endpoint = node.endpoints.get(method)
    if endpoint is None and method == "HEAD":
        return node.endpoints.get("GET")
    return endpoint
