"""The body of an error: decoded and read within bounds, and never trusted."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

MOST_BYTES = 65_536
"""Of an error body, before and after its content coding is undone."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})


def read_problem(body: bytes | None, coding: str, media_type: str) -> Mapping[str, Any]:
    """The members of a JSON object; empty for everything else.

    Guarantees: never raises, and takes no more memory than a few times `MOST_BYTES`.

    Args:
        body: As it was received; `None` for one that is too large.
        coding: `Content-Encoding`.
        media_type: `Content-Type`. Only `application/problem+json` may have a member `type`.
    """
    content = None if body is None else _decoded(body, coding.strip().lower())
    if not content:
        return {}
    try:
        problem = from_json(content)
    except ValueError:
        return {}  # neither its text nor its cause, which would quote the body
    if not isinstance(problem, dict):
        return {}
    if media_type.partition(";")[0].strip().lower() != "application/problem+json":
        problem.pop("type", None)
    return problem


def _decoded(body: bytes, coding: str) -> bytes | None:
    if coding in {"", "identity"}:
        return body
    if coding not in _CODINGS:
        return None
    # Bounded, as httpx's own decoders are not: a thousandfold may hide in a small body.
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        content = decoder.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        return None
    return content if len(content) <= MOST_BYTES else None
