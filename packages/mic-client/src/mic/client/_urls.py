"""Where a client may send: the origin and path of its base, and nowhere else."""

from __future__ import annotations

import re
from functools import lru_cache

import httpx

from mic.model import DomainError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_SCHEMES = frozenset({"http", "https"})
# What servers decode before they look for "..": a dot, and both separators.
_ENCODED = re.compile(rb"%(2e|2f|5c)", re.IGNORECASE)
_DECODED = {b"2e": b".", b"2f": b"/", b"5c": b"\\"}
_SEPARATOR = re.compile(rb"[/\\]")
_MOST_HELD = 1_024
_LONGEST_HELD = 256


def foreign_origin() -> DomainError:
    """The URL lies outside of what the client is for."""
    return DomainError(
        code="client.foreign_origin",
        message="the URL is not below the base URL of this client",
    )


def invalid_request(what: str) -> DomainError:
    """The request cannot be sent as it is."""
    return DomainError(code="client.invalid_request", message=f"the request has {what}")


class BaseUrl:
    """The base URL of a client, and the URLs below it.

    Guarantees: what `resolve` gives has this scheme, host and port, no user info, and a path equal
    to or below this one, however it is spelled. At most 1,024 URLs of at most 256 characters are
    remembered, so that one that is asked for again costs no second parsing.

    Args:
        text: Absolute, http or https, without user info, query and fragment.
        owner: Whose parameter it is, for messages.

    Raises:
        ValueError: It is not so.
        TypeError: It is no text.
    """

    __slots__ = ("_held", "_origin", "_path", "_prefix", "origin")

    def __init__(self, text: str | httpx.URL, owner: str) -> None:
        if not isinstance(text, (str, httpx.URL)):
            raise TypeError(f"{owner} must be a text")
        if not str(text):
            raise ValueError(f"{owner} must not be empty")
        url = _parsed(text)
        if url is None or url.scheme not in _SCHEMES or not url.host:
            raise ValueError(f"{owner} must be an absolute http or https URL")
        if url.userinfo:
            raise ValueError(f"{owner} must not hold a user name or a password")
        if "?" in str(text) or "#" in str(text) or "\\" in str(text):
            raise ValueError(f"{owner} must not hold a query, a fragment or a backslash")
        self._origin = (url.raw_scheme, url.raw_host, url.port)
        self._path = url.raw_path.rstrip(b"/")
        if _climbs(self._path):
            raise ValueError(f"{owner} must not hold the segment ..")
        self.origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        self._prefix = f"{self.origin}{self._path.decode('ascii')}"
        self._held = lru_cache(maxsize=_MOST_HELD)(self._resolve)

    def resolve(self, url: str | httpx.URL) -> httpx.URL:
        """The absolute URL to send to.

        Args:
            url: Appended to the path of the base where it is relative.

        Raises:
            DomainError: `client.foreign_origin`: it leads elsewhere; `client.invalid_request`: it
                is malformed, or its scheme is neither http nor https.
            TypeError: It is no URL.
        """
        if not isinstance(url, (str, httpx.URL)):
            raise TypeError("a URL must be a text or an httpx.URL")
        text = str(url)
        return self._resolve(text) if len(text) > _LONGEST_HELD else self._held(text)

    def check(self, url: httpx.URL) -> None:
        """Refuse an absolute URL that leads elsewhere, such as the target of a redirect.

        Raises:
            DomainError: As `resolve`.
        """
        if url.scheme not in _SCHEMES:
            raise invalid_request("a URL that is neither http nor https")
        if (url.raw_scheme, url.raw_host, url.port) != self._origin or url.userinfo:
            raise foreign_origin()
        path = url.raw_path.partition(b"?")[0]
        if _climbs(path):
            raise foreign_origin()
        if path != self._path and not path.startswith(self._path + b"/"):
            raise foreign_origin()

    def shown(self, url: httpx.URL) -> str:
        """A URL as errors may show it: without its query."""
        path = url.raw_path.partition(b"?")[0]
        return f"{self.origin}{path.decode('ascii', 'replace')}"

    def _resolve(self, text: str) -> httpx.URL:
        if "\\" in text.partition("?")[0]:
            raise foreign_origin()
        if _SCHEME.match(text):
            absolute = text
        elif text.startswith("//"):
            absolute = f"{self._origin[0].decode('ascii')}:{text}"
        elif not text or text[0] in "?#":
            absolute = f"{self._prefix or self.origin}{text}"
        else:
            absolute = f"{self._prefix}/{text.lstrip('/')}"
        url = _parsed(absolute)
        if url is None:
            raise invalid_request("a malformed URL")
        self.check(url)
        return url


def _parsed(text: str | httpx.URL) -> httpx.URL | None:
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None  # its text would quote the URL


def _climbs(path: bytes) -> bool:
    """Whether a path has the segment `..` for anybody who decodes it."""
    if b".." not in path and b"%" not in path:
        return False
    decoded = _ENCODED.sub(lambda found: _DECODED[found[1].lower()], path)
    return b".." in _SEPARATOR.split(decoded)
