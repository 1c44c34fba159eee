"""The `Range` header of a file request (RFC 9110, section 14), read without any I/O."""

import re
from typing import Literal

# Longer numbers than any file's size are legal; the bound keeps the conversion cheap.
_ONE_RANGE = re.compile(
    r"bytes=[ \t]*(?:([0-9]{1,64})-([0-9]{0,64})|-([0-9]{1,64}))[ \t]*", re.IGNORECASE
)

Slice = tuple[int, int]
"""Offset and length in bytes."""


def requested_slice(field: str, size: int) -> Slice | Literal["whole", "unsatisfiable"]:
    """Tell which part of `size` bytes a `Range` header asks for.

    Returns:
        The part; `whole` where the header is to be ignored: malformed, another unit, several ranges
        (which we may answer with everything, section 14.2), or the end of an empty file;
        `unsatisfiable` where it lies past the end.
    """
    match = _ONE_RANGE.fullmatch(field)
    if match is None:
        return "whole"
    first, last, suffix = match.groups()
    if suffix is not None:
        return _suffix(int(suffix), size)
    start = int(first)
    end = int(last) if last else size - 1
    if last and end < start:
        return "whole"
    if start >= size:
        return "unsatisfiable"
    return start, min(end, size - 1) - start + 1


def _suffix(length: int, size: int) -> Slice | Literal["whole", "unsatisfiable"]:
    if length == 0:
        return "unsatisfiable"
    if size == 0:
        return "whole"  # satisfiable by the letter, and `Content-Range` cannot say so
    length = min(length, size)
    return size - length, length
