"""Turning any object into plain JSON types, without ever raising and in bounded time."""

import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 16
"""Levels of nesting that are kept."""

MAX_NODES = 10_000
"""Values that are kept: a structure that shares its parts must not grow without limit."""

# Python refuses to write integers of more than 4300 digits, and JSON readers give up long before.
_MAX_INT_BITS = 4096


def json_safe_object(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Copy a mapping into plain JSON types; what JSON cannot hold becomes the name of its type.

    Never raises. Cycles, levels beyond `MAX_DEPTH` and values beyond `MAX_NODES` become type names
    too.
    """
    safe = _Copy().of(value)
    return safe if isinstance(safe, dict) else {}


def plain_text(text: str) -> str:
    """Give an exact `str` that can be encoded as UTF-8: lone surrogates become `?`."""
    exact = str.__str__(text)
    if exact.isascii():
        return exact
    return exact.encode("utf-8", "replace").decode("utf-8")


class _Copy:
    """One copy under way: how many values it may still take, and what encloses this one."""

    __slots__ = ("_above", "_left")

    def __init__(self) -> None:
        self._left = MAX_NODES
        self._above: set[int] = set()

    def of(self, value: Any) -> Any:
        self._left -= 1
        if value is None or value is True or value is False:
            return value
        try:
            if isinstance(value, str):
                return plain_text(value)
            if isinstance(value, int):
                return _bounded_int(value)
            if isinstance(value, float):
                real = float.__float__(value)
                return real if math.isfinite(real) else _type_name(value)
            if isinstance(value, (Mapping, list, tuple)):
                return self._nested(value)
        except Exception:
            # Somebody else's `__iter__`, `items` or `__class__`: the name of the type is all we can
            # say.
            return _type_name(value)
        return _type_name(value)

    def _nested(self, value: Mapping[Any, Any] | list[Any] | tuple[Any, ...]) -> Any:
        if id(value) in self._above or len(self._above) >= MAX_DEPTH or self._left <= 0:
            return _type_name(value)
        self._above.add(id(value))
        try:
            if isinstance(value, Mapping):
                return self._members(value)
            return self._elements(value)
        finally:
            self._above.discard(id(value))

    def _members(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        safe: dict[str, Any] = {}
        for key, member in value.items():
            if self._left <= 0:
                break
            safe[_key_text(key)] = self.of(member)
        return safe

    def _elements(self, value: list[Any] | tuple[Any, ...]) -> list[Any]:
        safe: list[Any] = []
        for element in value:
            if self._left <= 0:
                break
            safe.append(self.of(element))
        return safe


def _key_text(key: Any) -> str:
    if isinstance(key, str):
        return plain_text(key)
    if isinstance(key, int) and not isinstance(key, bool):
        # As JSON writers do: an index stays readable.
        return str(_bounded_int(key))
    return _type_name(key)


def _bounded_int(value: int) -> int | str:
    number = int.__int__(value)
    return number if number.bit_length() <= _MAX_INT_BITS else _type_name(value)


def _type_name(value: Any) -> str:
    # The descriptor of `type` itself: a metaclass may have put anything at `__name__`.
    name: str = type.__dict__["__name__"].__get__(type(value))
    return plain_text(name)
