"""Where routes stand in Litestar's own trie, so that every request that one of them serves arrives
(pure).

Litestar folds slashes, prefers a static segment to a parameter without ever going back, and lets a
`path` parameter swallow everything beside it. The adapter matches again with the family's own
matcher, so all that counts here is arrival: a path that some route fits must lead to *a* handler of
the group, for the right method. Where a static segment would hide a parameter, a hidden alias path
stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from mic.http.adapter import CompiledRoute
from mic.http.route_spec import HttpMethod

OPTIONS: Literal["OPTIONS"] = "OPTIONS"


class _Wild(Enum):
    """A parameter in a shape: of one segment, or of all that remain."""

    ONE = "str"
    REST = "path"


_Piece = str | _Wild
_Shape = tuple[_Piece, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One method at one path of Litestar's trie.

    Attributes:
        path: In Litestar's syntax; parameters are `str` or `path`, because the plan converts them.
        method: The method.
        route: The route that is declared here; `None` for a hidden place, which only lets requests
            arrive.
    """

    path: str
    method: HttpMethod
    route: CompiledRoute | None


def places_of(routes: Iterable[CompiledRoute]) -> list[Place]:
    """Every place that the routes need, OPTIONS of each path first.

    Litestar adds an OPTIONS handler of its own to a path whose first handler is for another method;
    ours must be there before.
    """
    declared: dict[tuple[str, str], CompiledRoute] = {}
    paths: dict[_Shape, list[str]] = {}
    served: dict[_Shape, set[HttpMethod]] = {}
    for route in routes:
        shape, path = _shape(route), _litestar_path(route)
        known = paths.setdefault(shape, [])
        if path not in known:
            known.append(path)
        # two templates that Litestar cannot tell apart share a place; which of them a request means
        # is matched again
        declared.setdefault((path, route.spec.method), route)
        served.setdefault(shape, set()).update(_methods(route.spec.method))
    for alias in _aliases(served):
        paths.setdefault(alias, [_alias_path(alias)])
    places = []
    for shape, of_shape in paths.items():
        arriving = sorted(
            set().union(*(methods for other, methods in served.items() if _meet(shape, other)))
        )
        places += _places_at(of_shape, arriving, declared)
    return sorted(places, key=lambda place: place.method != OPTIONS)


def _places_at(
    paths: Sequence[str],
    arriving: Iterable[HttpMethod],
    declared: dict[tuple[str, str], CompiledRoute],
) -> list[Place]:
    """The places of one node of the trie; its paths differ in the names of parameters only."""
    places = [Place(path, OPTIONS, declared.get((path, OPTIONS))) for path in paths]
    for method in arriving:
        if method == OPTIONS:
            continue
        owners = [path for path in paths if (path, method) in declared]
        places += [Place(path, method, declared[path, method]) for path in owners]
        if not owners:
            places.append(Place(paths[0], method, None))
    return places


def _methods(method: HttpMethod) -> tuple[HttpMethod, ...]:
    return ("GET", "HEAD") if method == "GET" else (method,)


def _shape(route: CompiledRoute) -> _Shape:
    pieces: list[_Piece] = []
    for segment in route.template.segments:
        if segment.kind is not None:
            pieces.append(_Wild.REST if segment.kind == "path" else _Wild.ONE)
        elif segment.text:
            pieces.append(segment.text)
    return tuple(pieces)


def _litestar_path(route: CompiledRoute) -> str:
    parts = []
    for segment in route.template.segments:
        if segment.kind is not None:
            kind = _Wild.REST if segment.kind == "path" else _Wild.ONE
            parts.append(f"{{{segment.text}:{kind.value}}}")
        elif segment.text:
            parts.append(segment.text)
    return "/" + "/".join(parts)


def _alias_path(shape: _Shape) -> str:
    return "/" + "/".join(
        piece if isinstance(piece, str) else f"{{mic_{index}:{piece.value}}}"
        for index, piece in enumerate(shape)
    )


def _aliases(shapes: Iterable[_Shape]) -> set[_Shape]:
    """Shapes to add: for every parameter beside which the trie has static text, the same shape with
    that text in its place.

    An alias adds static text to the trie itself, so this goes on until nothing is new. It ends,
    because aliases are no longer than the longest shape plus one and are made of the texts that are
    there.
    """
    known = set(shapes)
    fresh = known
    texts: dict[_Shape, set[str]] = {}
    while fresh:
        for shape in fresh:
            _note_texts(shape, texts)
        found = {alias for shape in known for alias in _aliases_of(shape, texts)}
        fresh = found - known
        known = known | fresh
    return known - set(shapes)


def _note_texts(shape: _Shape, texts: dict[_Shape, set[str]]) -> None:
    if all(isinstance(piece, str) for piece in shape):
        return  # Litestar keeps paths without parameters outside its trie
    for index, piece in enumerate(shape):
        if isinstance(piece, str):
            texts.setdefault(shape[:index], set()).add(piece)


def _aliases_of(shape: _Shape, texts: dict[_Shape, set[str]]) -> Iterable[_Shape]:
    for index, piece in enumerate(shape):
        if isinstance(piece, str):
            continue
        for text in texts.get(shape[:index], ()):
            if piece is _Wild.ONE:
                yield (*shape[:index], text, *shape[index + 1 :])
            else:
                yield (*shape[:index], text)
                yield (*shape[:index], text, _Wild.REST)


def _meet(one: _Shape, other: _Shape) -> bool:
    """Whether some path fits both shapes."""
    for left, right in zip(one, other, strict=False):
        if left is _Wild.REST or right is _Wild.REST:
            return True
        if isinstance(left, str) and isinstance(right, str) and left != right:
            return False
    return len(one) == len(other)
