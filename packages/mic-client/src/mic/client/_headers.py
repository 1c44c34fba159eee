"""The headers of a request: the caller's and ours, each name once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from mic.client._urls import invalid_request

_UNSENDABLE = re.compile(rb"[\x00\r\n]")
_SENDABLE_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_AUTHORIZATION = b"authorization"


class CallerHeaders:
    """The headers that a caller gives, without `authorization`, which is always ours.

    Args:
        given: As httpx takes them.

    Raises:
        DomainError: `client.invalid_request`: one cannot be sent.
        TypeError: A name or a value is no text.
    """

    __slots__ = ("_lines", "_names")

    def __init__(self, given: Any) -> None:
        try:
            lines = httpx.Headers(given).raw
        except AttributeError:  # of httpx 0.27, for what is no text
            raise TypeError("names and values of headers must be texts") from None
        except UnicodeError:
            lines = [(b"\n", b"")]  # refused below: the text of the error would quote the value
        for name, value in lines:
            if _UNSENDABLE.search(name) or _UNSENDABLE.search(value):
                raise invalid_request("a header that cannot be sent")
        self._lines = [line for line in lines if line[0].lower() != _AUTHORIZATION]
        self._names = {name.lower() for name, _ in self._lines}

    def __contains__(self, name: str) -> bool:
        return name.encode() in self._names

    def with_ours(self, ours: Mapping[str, str]) -> list[tuple[bytes | str, bytes | str]]:
        """These, and those of ours (names in lower case) that the caller does not give."""
        return [*self._lines, *((name, value) for name, value in ours.items() if name not in self)]


def is_sendable(name: Any, value: Any) -> bool:
    """Whether a header that somebody else made for us can be sent."""
    return (
        isinstance(name, str)
        and isinstance(value, str)
        and _SENDABLE_NAME.fullmatch(name) is not None
        and value.isascii()
        and value.isprintable()
    )
