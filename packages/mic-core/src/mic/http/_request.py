"""Reads the parts of an ASGI scope: headers, cookies, query, the request context. Everything is
parsed on first use, once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import unquote_plus

from mic.http._types import EMPTY, Scope
from mic.http.context import RequestState, request_state
from mic.http.request_context import HttpRequestContext, MultiMapping

Pairs = list[tuple[str, str]]

_QUOTED_PAIR = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


def query_pairs(raw: bytes) -> Pairs:
    """Parse a query string or an urlencoded form: UTF-8 with replacement, `+` is a space, blank
    values kept.
    """
    text = raw.decode("latin-1")
    pairs = [part.partition("=") for part in text.split("&") if part]
    if text.isascii() and "%" not in text and "+" not in text:
        return [(name, value) for name, _, value in pairs]
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(text: str) -> str:
    if "%" in text or "+" in text or not text.isascii():
        # latin-1 above gave each raw byte a character of its own; back to bytes, so that raw UTF-8
        # reads as UTF-8
        return unquote_plus(text.encode("latin-1").decode("utf-8", "replace"), errors="replace")
    return text


def header_pairs_of(scope: Scope) -> Pairs:
    """Decode the request's header fields: lower-case names, latin-1, in the order received."""
    return [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in scope["headers"]
    ]


def cookie_pairs(scope: Scope) -> Pairs:
    """Parse every `Cookie` line: split at `;`, trimmed, quotes removed, nothing percent-decoded
    (RFC 6265, section 5.4).
    """
    pairs: Pairs = []
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, found, text = part.partition("=")
                if found and (key := key.strip()):
                    pairs.append((key, _unquoted(text.strip())))
    return pairs


def _unquoted(text: str) -> str:
    """Undo the standard library's cookie quoting, in linear time (its own reader before 3.12.6 is
    quadratic, CVE-2024-7592).
    """
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    return _QUOTED_PAIR.sub(
        lambda match: chr(int(match[1], 8)) if match[1] else match[2], text[1:-1]
    )


class LazyPairs(MultiMapping):
    """A read-only mapping over pairs that are parsed when somebody first asks."""

    __slots__ = ("_joined", "_mapping", "_pairs", "_read")

    def __init__(self, read: Callable[[], Pairs], *, joined: bool = False) -> None:
        """Wrap `read`; `joined` joins the values of one name by `, ` (headers) where otherwise the
        last one wins.
        """
        self._read = read
        self._joined = joined
        self._pairs: Pairs | None = None
        self._mapping: dict[str, str] | None = None

    @property
    def pairs(self) -> Pairs:
        """The pairs in the order received."""
        if self._pairs is None:
            self._pairs = self._read()
        return self._pairs

    def _values(self) -> dict[str, str]:
        if self._mapping is None:
            mapping: dict[str, str] = {}
            for name, value in self.pairs:
                mapping[name] = (
                    f"{mapping[name]}, {value}" if self._joined and name in mapping else value
                )
            self._mapping = mapping
        return self._mapping

    def every(self, name: str) -> tuple[str, ...]:
        """All values of `name`, in the order received."""
        return tuple(value for key, value in self.pairs if key == name)

    def __getitem__(self, name: str) -> str:
        return self._values()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __repr__(self) -> str:
        # names only: values of headers and cookies are credentials more often than not
        return f"<{len(self)} values: {', '.join(sorted(self))}>"


class HeaderPairs(LazyPairs):
    """The header fields of a request. A single name is looked up as it was received: whoever asks
    for one header does not pay for decoding all.
    """

    __slots__ = ("_raw",)

    def __init__(self, scope: Scope) -> None:
        super().__init__(lambda: header_pairs_of(scope), joined=True)
        self._raw = scope["headers"]

    def every(self, name: str) -> tuple[str, ...]:
        """All values of `name` (in lower case), in the order received."""
        if self._pairs is not None or not name.isascii():
            return super().every(name)
        wanted = name.encode()
        return tuple(value.decode("latin-1") for key, value in self._raw if key.lower() == wanted)

    def __getitem__(self, name: str) -> str:
        if self._mapping is not None:
            return self._mapping[name]
        lines = self.every(name)
        if not lines:
            raise KeyError(name)
        return ", ".join(lines)


def route_path(scope: Scope) -> str:
    """The decoded path less the mount point (ASGI: `root_path` is a prefix of `path`; old servers
    leave it out).
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and (len(path) == len(root) or path[len(root)] == "/"):
        return path[len(root) :] or "/"
    return path


def context_of(scope: Scope, state: RequestState | None = None) -> HttpRequestContext:
    """Make the context of the request in `scope`, with what the request state knows by now."""
    known = request_state(scope) if state is None else state
    correlation = known.correlation
    principal = known.principal
    client = scope.get("client")
    return HttpRequestContext(
        HeaderPairs(scope),
        LazyPairs(lambda: cookie_pairs(scope)),
        MappingProxyType(known.path_params),
        LazyPairs(lambda: query_pairs(scope.get("query_string", b""))),
        None if principal is None else principal.subject,
        method=scope.get("method", "GET"),
        path=route_path(scope),
        scheme=scope.get("scheme", "http"),
        route=known.route,
        client_host=known.client_host or (client[0] if client else None),
        principal=principal,
        correlation_id=None if correlation is None else correlation.correlation_id,
        request_id=None if correlation is None else correlation.request_id,
        state=_read_only(scope.get("state")),
        scope=MappingProxyType(scope) if isinstance(scope, dict) else scope,
    )


def _read_only(value: object) -> Mapping[str, object]:
    return MappingProxyType(value) if isinstance(value, dict) else EMPTY
