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


@dataclass(frozen=True, slots=True)
class Found(Generic[RouteT]):
    """What a path led to: the route with its parameters' values, or only the methods that the path
    has.
    """

    route: RouteT | None
    values: dict[str, str]
    allowed: tuple[str, ...]


class DuplicateRouteError(ValueError):
    """Two routes that cannot stand in one table."""


class MatchTree(Generic[RouteT]):
    """The tree. Built once, then only read; safe to share between threads."""

    __slots__ = ("_root", "_static")

    def __init__(self, routes: list[tuple[str, Template, RouteT]]) -> None:
        """Build it of (method, template, route).

        Raises:
            DuplicateRouteError: Same method and shape twice, or two paths that differ in a trailing
                slash only.
        """
        self._root: _Node[RouteT] = _Node()
        self._static: dict[str, _Node[RouteT]] = {}
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
        if not template.names:
            self._static[template.text] = node

    def find(self, method: str, path: str) -> Found[RouteT] | None:
        """The route for a method and a decoded path; `None` where no template fits the path at
        all.
        """
        node = self._static.get(path)
        if node is not None:
            endpoint = _endpoint(node, method)
            if endpoint is not None:
                return Found(endpoint.route, {}, ())
        return self._search(method, path)

    def _search(self, method: str, path: str) -> Found[RouteT] | None:
        if not path.startswith("/"):
            return None
        allowed: set[str] = set()
        for node, values in _walk(self._root, path, 1, ()):
            endpoint = _endpoint(node, method)
            if endpoint is not None:
                return Found(endpoint.route, dict(zip(endpoint.names, values, strict=True)), ())
            allowed.update(node.endpoints)
        if not allowed:
            return None
        if "GET" in allowed:
            allowed.add("HEAD")
        allowed.add("OPTIONS")
        return Found(None, {}, tuple(sorted(allowed)))


def _endpoint(node: _Node[RouteT], method: str) -> Endpoint[RouteT] | None:
    endpoint = node.endpoints.get(method)
    if endpoint is None and method == "HEAD":
        return node.endpoints.get("GET")
    return endpoint


def _walk(
    node: _Node[RouteT], path: str, start: int, values: tuple[str, ...]
) -> Iterator[tuple[_Node[RouteT], tuple[str, ...]]]:
    """Every node with endpoints that `path[start:]` leads to from `node`, in the order of
    precedence.
    """
    end = path.find("/", start)
    last = end < 0
    segment = path[start:] if last else path[start:end]
    child = node.static.get(segment)
    if child is not None:
        yield from _step(child, path, end, values)
    if not segment:
        return
    for kind, typed in node.typed.items():
        if kind == "path":
            yield typed, (*values, path[start:])
        elif kind == "str" or PATTERNS[kind].fullmatch(segment) is not None:
            yield from _step(typed, path, end, (*values, segment))


def _step(
    node: _Node[RouteT], path: str, end: int, values: tuple[str, ...]
) -> Iterator[tuple[_Node[RouteT], tuple[str, ...]]]:
    if end >= 0:
        yield from _walk(node, path, end + 1, values)
    elif node.endpoints:
        yield node, values
