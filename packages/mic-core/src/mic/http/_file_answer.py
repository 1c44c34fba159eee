"""What a request for a file is answered with: a decision from size, time and headers, without I/O.

Preconditions in the order of RFC 9110, section 13.2.2; ranges by section 14; the offered name by
RFC 6266 and RFC 8187.
"""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import quote

from mic.http._ranges import requested_slice
from mic.http.conditional import matches_strongly, matches_weakly, precondition_failed
from mic.model import RangeNotSatisfiableError

_UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]")
_UNSAFE_IN_QUOTED = re.compile(r'[^\x20-\x7e]|["%]')
# attr-char of RFC 8187, section 3.2.1, less the letters and digits
_ATTR_CHARS = "!#$&+-.^_`|~"
_LAST_SECOND_OF_9999 = 253_402_300_799
# A compressed file is sent as it lies there, so its type is that of the compression.
_COMPRESSED = {
    "br": "application/x-brotli",
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "gzip": "application/gzip",
    "xz": "application/x-xz",
}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The state of a file when it was opened.

    Attributes:
        size: Length in bytes.
        mtime_ns: Time of the last change, in nanoseconds since the epoch.
    """

    size: int
    mtime_ns: int

    @property
    def etag(self) -> str:
        """A strong tag: another length or time is another representation."""
        return f'"{self.size:x}-{self.mtime_ns:x}"'

    @property
    def modified_seconds(self) -> int:
        """The time in whole seconds, within what an HTTP date can tell."""
        return min(max(self.mtime_ns // 1_000_000_000, 0), _LAST_SECOND_OF_9999)

    @property
    def last_modified(self) -> str:
        """The value of `Last-Modified`."""
        return formatdate(self.modified_seconds, usegmt=True)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Which part of the file goes out, under which status. A 304 has no part and no length."""

    status: int
    offset: int
    length: int
    content_range: str | None = None


def answer_for(
    facts: FileFacts, request: Mapping[str, str], *, etag: str, method: str
) -> FileAnswer:
    """Decide between 200, 206 and 304.

    Args:
        facts: The file.
        request: Request headers by lower-case name, lines of one name joined by `, `.
        etag: The tag that is sent.
        method: The request method. Preconditions concern GET and HEAD, ranges GET only: any other
            method has done its work by now.

    Raises:
        PreconditionFailedError: `If-Match` or `If-Unmodified-Since` does not hold.
        RangeNotSatisfiableError: The range begins past the end; with `Content-Range: bytes
            */<size>`.
    """
    whole = FileAnswer(200, 0, facts.size)
    if method not in ("GET", "HEAD"):
        return whole
    if not _as_expected(facts, request, etag):
        raise precondition_failed()
    if _not_modified(facts, request, etag):
        return FileAnswer(304, 0, 0)
    field = request.get("range")
    if field is None or method == "HEAD" or not _same_as_before(facts, request, etag):
        return whole
    part = requested_slice(field, facts.size)
    if part == "whole":
        return whole
    if part == "unsatisfiable":
        raise RangeNotSatisfiableError(
            code="http.range_not_satisfiable",
            message="the requested range lies past the end of the file",
            headers={"Content-Range": f"bytes */{facts.size}"},
        )
    offset, length = part
    return FileAnswer(206, offset, length, f"bytes {offset}-{offset + length - 1}/{facts.size}")


def _as_expected(facts: FileFacts, request: Mapping[str, str], etag: str) -> bool:
    field = request.get("if-match")
    if field is not None:
        return matches_strongly(field, etag)
    moment = _seconds_of(request.get("if-unmodified-since"))
    return moment is None or facts.modified_seconds <= moment


def _not_modified(facts: FileFacts, request: Mapping[str, str], etag: str) -> bool:
    field = request.get("if-none-match")
    if field is not None:
        return matches_weakly(field, etag)
    moment = _seconds_of(request.get("if-modified-since"))
    return moment is not None and facts.modified_seconds <= moment


def _same_as_before(facts: FileFacts, request: Mapping[str, str], etag: str) -> bool:
    """Whether a part fits what the client holds: `If-Range`, where given, names this file."""
    field = request.get("if-range")
    if field is None:
        return True
    if '"' in field:
        return matches_strongly(field, etag)
    return _seconds_of(field) == facts.modified_seconds


def _seconds_of(field: str | None) -> float | None:
    """Parse an HTTP date (RFC 9110, section 5.6.7); `None` where it is absent or invalid."""
    if field is None:
        return None
    try:
        moment = parsedate_to_datetime(field)
        return (
            moment.replace(tzinfo=UTC).timestamp() if moment.tzinfo is None else moment.timestamp()
        )
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def content_disposition(disposition: str, name: str) -> str:
    """The value of `Content-Disposition`, safe to send whatever the name is.

    Control characters and path separators become `_`. A name that a quoted string cannot hold is
    sent as `filename*` in UTF-8, after a `filename` of ASCII for old readers.
    """
    name = _UNSAFE_IN_NAME.sub("_", name.encode("utf-8", "replace").decode())
    if not name:
        return disposition
    plain = _UNSAFE_IN_QUOTED.sub("_", name)
    if plain == name:
        return f'{disposition}; filename="{name}"'
    return f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def guessed_type(name: str) -> str:
    """Guess the media type from a file name.

    The platform's table is read from disk on first use: not for the event loop.
    """
    # the prefix keeps a name such as `data:text/html,x` from being read as an address
    media_type, encoding = mimetypes.guess_type(f"./{name}")
    if encoding is not None:
        return _COMPRESSED.get(encoding, "application/octet-stream")
    return media_type or "application/octet-stream"


def with_charset(media_type: str) -> str:
    """Say that text is UTF-8 where no charset is said."""
    lowered = media_type.lower()
    if lowered.startswith("text/") and "charset=" not in lowered:
        return f"{media_type}; charset=utf-8"
    return media_type
