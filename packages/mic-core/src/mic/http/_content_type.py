"""Reads `Content-Type` (RFC 9110, section 8.3)."""

import re
from dataclasses import dataclass

from mic.http._types import Scope

_PARAMETER = re.compile(
    r""";[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^";, \t]*)[ \t]*(?=;|\Z)"""
)
_QUOTED_PAIR = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class ContentType:
    """A media type in lower case (empty where the header is absent), and two parameters of it."""

    media_type: str = ""
    charset: str | None = None
    boundary: str | None = None

    @property
    def is_utf8(self) -> bool:
        """Whether the charset is UTF-8, said or not; US-ASCII is part of it."""
        return self.charset is None or self.charset.lower() in ("utf-8", "utf8", "us-ascii")


def content_type_of(scope: Scope) -> ContentType:
    """Read the content type of a request; of several lines the first counts."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            return parse_content_type(value.decode("latin-1"))
    return ContentType()


def parse_content_type(field: str) -> ContentType:
    """Read a content type.

    What follows a malformed parameter is ignored; of repeated ones the first counts.
    """
    media_type, separator, rest = field.partition(";")
    text = separator + rest
    parameters: dict[str, str] = {}
    position = 0
    while match := _PARAMETER.match(text, position):
        value = match[2]
        if value.startswith('"'):
            value = _QUOTED_PAIR.sub(r"\1", value[1:-1])
        parameters.setdefault(match[1].lower(), value)
        position = match.end()
    return ContentType(
        media_type.strip().lower(), parameters.get("charset"), parameters.get("boundary")
    )
