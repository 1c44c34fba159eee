"""Collects what is wrong with a request into one 400, without repeating a single value of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from mic.http.params import ParameterSource
from mic.model import DomainError

_MASK = "…"
_SHORTEST_MASKED = 4
_MAX_SEGMENT = 64
MISSING = "missing"


class InvalidRequestError(DomainError):
    """400 `http.validation_error`: the request does not fit the route's parameters.

    Guarantee: neither message nor details hold a value of the request.

    Attributes:
        problems: The `errors` member of the problem document.
    """

    default_code = "http.validation_error"
    problems: list[dict[str, Any]]


class Findings:
    """The errors of one request, in the order they are found, up to a limit.

    Attributes:
        problems: What was found, as the problem document lists it.
    """

    __slots__ = ("_legacy", "_limit", "_truncated", "problems")

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self.problems: list[dict[str, Any]] = []
        self._legacy: list[dict[str, Any]] = []
        self._truncated = False

    def missing(self, source: ParameterSource, *loc: str) -> None:
        """Note that a required value is not there."""
        self._add(source, loc, "Field required", MISSING)

    def invalid(self, source: ParameterSource, error: ValidationError, *prefix: str) -> None:
        """Note what pydantic found, with the rejected values taken out of the messages."""
        for found in error.errors(include_url=False, include_context=False):
            self.reported(
                source,
                (*prefix, *found["loc"]),
                message=found["msg"],
                kind=found["type"],
                value=found["input"],
            )

    def reported(
        self,
        source: ParameterSource,
        loc: tuple[str | int, ...],
        *,
        message: str,
        kind: str,
        value: object,
    ) -> None:
        """Note an error that somebody else found, less the rejected value in its message."""
        self._add(source, tuple(_segment(item) for item in loc), _masked(message, value), kind)

    def _add(
        self, source: ParameterSource, loc: tuple[str | int, ...], message: str, kind: str
    ) -> None:
        if len(self.problems) >= self._limit:
            self._truncated = True
            return
        pointer = "".join(f"/{_escaped(str(item))}" for item in loc)
        self.problems.append({"in": source, "pointer": pointer, "message": message, "type": kind})
        self._legacy.append({"type": kind, "loc": list(loc), "msg": message})

    def raise_if_any(self) -> None:
        """Raise one error that lists everything noted.

        Raises:
            InvalidRequestError: Something was noted.
        """
        if self.problems:
            raise self.error()

    def error(self) -> InvalidRequestError:
        """One error that lists everything noted."""
        details: dict[str, Any] = {"errors": self._legacy}
        if self._truncated:
            details["truncated"] = True
        error = InvalidRequestError(message="Invalid request payload", details=details)
        error.problems = self.problems
        return error


def _segment(item: str | int) -> str | int:
    return item if isinstance(item, int) else item[:_MAX_SEGMENT]


def _escaped(segment: str) -> str:
    return segment.replace("~", "~0").replace("/", "~1")


def _masked(message: str, value: object) -> str:
    """Take the rejected value's text out of a message (a validator of the service may have quoted
    it).
    """
    for text in sorted(set(_texts(value)), key=len, reverse=True):
        message = message.replace(text, _MASK)
    return message


def _texts(value: object, depth: int = 0) -> Iterable[str]:
    """The texts in a value that are long enough to be masked; bounded, for a value may be a
    megabyte.
    """
    if isinstance(value, str):
        candidates: tuple[str, ...] = (value, value.strip(), repr(value)[1:-1])
    elif isinstance(value, bytes):
        candidates = (value.decode("utf-8", "replace"), repr(value)[2:-1])
    elif isinstance(value, dict) and depth < 4:
        for key, item in list(value.items())[:100]:
            yield from _texts(item, depth + 1)
            yield from _texts(key, depth + 1) if depth else ()
        return
    elif isinstance(value, list | tuple | set) and depth < 4:
        for item in list(value)[:100]:
            yield from _texts(item, depth + 1)
        return
    else:
        candidates = (str(value),) if isinstance(value, int | float) else ()
    yield from (text for text in candidates if len(text) >= _SHORTEST_MASKED)
