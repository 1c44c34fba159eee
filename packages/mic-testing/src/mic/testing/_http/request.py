"""From what a test says to what a server would hand on: the scope and the chunks of the body."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import unquote, urlencode

from mic.testing._http.asgi import HeaderLines, Scope

Pairs = Mapping[str, str] | Sequence[tuple[str, str]]
FilePart = bytes | tuple[str, bytes] | tuple[str, bytes, str]
_BOUNDARY = "mic-testing-boundary"


class RequestOptions(TypedDict, total=False):
    """What a request may have; every key is optional.

    Attributes:
        params: Query parameters, appended to those of the path.
        headers: Header fields in this order. Their values go out as they are, in latin-1; a name
            that the client would set itself (`host`, `content-type`, `content-length`) replaces it.
        cookies: Sent as one `cookie` line.
        body: The body as it is. An iterable is sent chunked, one message a chunk.
        json: A value, sent as JSON.
        form: Fields, sent urlencoded; with `files`, as parts of the multipart body.
        files: Files by field name, sent as `multipart/form-data` (RFC 7578): the bytes, or
            `(filename, bytes)`, or `(filename, bytes, content_type)`. Pairs repeat a name.
        hang_up: The client is gone when it has sent this body, which is then incomplete.
    """

    params: Pairs
    headers: Pairs
    cookies: Mapping[str, str]
    body: bytes | Iterable[bytes]
    json: Any
    form: Pairs
    files: Mapping[str, FilePart] | Sequence[tuple[str, FilePart]]
    hang_up: bool


@dataclass(frozen=True, slots=True)
class AsgiRequest:
    """One request as the application is given it.

    Attributes:
        scope: The ASGI scope; a fresh one for every request.
        chunks: The body.
        hang_up: Whether the client leaves after the chunks.
    """

    scope: Scope
    chunks: tuple[bytes, ...]
    hang_up: bool


def build_request(
    method: str,
    path: str,
    options: RequestOptions,
    *,
    root_path: str = "",
    client: tuple[str, int] | None = ("127.0.0.1", 50000),
    scheme: str = "http",
    http_version: str = "1.1",
    headers: Pairs = (),
    extensions: Mapping[str, Any] | None = None,
) -> AsgiRequest:
    """Make the request; the path is taken as it stands, never normalised.

    Args:
        method: The method, as it goes out.
        path: The request target as it goes out: percent-encoded, with a query or without. What is
            not ASCII is encoded as UTF-8.
        options: What the request has.
        root_path: The mount point that the server puts in front of the path.
        client: Address and port of the peer; `None` for a Unix socket.
        scheme: `http` or `https`.
        http_version: `1.0`, `1.1`, `2` or `3`.
        headers: Header fields of every request, before those of this one.
        extensions: ASGI extensions that the server offers.

    Raises:
        TypeError: More than one kind of body.
    """
    target, _, query = path.partition("?")
    raw_path = (root_path + target).encode()
    more = urlencode(list(_pairs(options.get("params", ()))))
    query = "&".join(part for part in (query, more) if part)
    chunks, own_headers = _body(options)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": http_version,
        "method": method,
        "scheme": scheme,
        "path": unquote(raw_path.decode()),
        "raw_path": raw_path,
        "query_string": query.encode(),
        "root_path": root_path,
        "headers": _headers(
            [(b"host", b"testserver"), *own_headers],
            [*_encoded(headers), *_encoded(options.get("headers", ()))],
            options.get("cookies", {}),
        ),
        "client": client,
        "server": ("testserver", 443 if scheme == "https" else 80),
        "extensions": dict(extensions or {}),
        "state": {},
    }
    return AsgiRequest(scope, chunks, bool(options.get("hang_up")))


def _pairs(pairs: Pairs) -> Iterable[tuple[str, str]]:
    return pairs.items() if isinstance(pairs, Mapping) else pairs


def _encoded(pairs: Pairs) -> HeaderLines:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in _pairs(pairs)]


def _headers(own: HeaderLines, given: HeaderLines, cookies: Mapping[str, str]) -> HeaderLines:
    names = {name for name, _ in given}
    lines = [line for line in own if line[0] not in names]
    if b"content-length" in names:  # a body has one length: that given, or chunks
        lines = [line for line in lines if line[0] != b"transfer-encoding"]
    if cookies:
        text = "; ".join(f"{name}={value}" for name, value in cookies.items())
        given = [*given, (b"cookie", text.encode("latin-1"))]
    return [*lines, *given]


def _body(options: RequestOptions) -> tuple[tuple[bytes, ...], HeaderLines]:
    kinds = [kind for kind in ("body", "json", "form", "files") if kind in options]
    if len(kinds) > 1 and kinds != ["form", "files"]:
        msg = f"a request has one body, not {' and '.join(kinds)}"
        raise TypeError(msg)
    if "files" in options:
        content = _multipart(options.get("form", ()), options["files"])
        content_type = f"multipart/form-data; boundary={_BOUNDARY}"
    elif "form" in options:
        content = urlencode(list(_pairs(options["form"]))).encode()
        content_type = "application/x-www-form-urlencoded"
    elif "json" in options:
        content = json.dumps(options["json"], ensure_ascii=False, separators=(",", ":")).encode()
        content_type = "application/json"
    else:
        body = options.get("body", b"")
        if not isinstance(body, bytes):
            return tuple(body), [(b"transfer-encoding", b"chunked")]
        return ((body,), _length(body, options)) if body else ((), [])
    return (content,), [(b"content-type", content_type.encode()), *_length(content, options)]


def _length(content: bytes, options: RequestOptions) -> HeaderLines:
    missing = 1 if options.get("hang_up") else 0  # what a client that hangs up did not send
    return [(b"content-length", str(len(content) + missing).encode())]


def _multipart(
    fields: Pairs, files: Mapping[str, FilePart] | Sequence[tuple[str, FilePart]]
) -> bytes:
    parts = [_part(name, value.encode(), "") for name, value in _pairs(fields)]
    for name, file in files.items() if isinstance(files, Mapping) else files:
        filename, content, *kind = file if isinstance(file, tuple) else (name, file)
        content_type = kind[0] if kind else "application/octet-stream"
        more = f'; filename="{filename}"\r\nContent-Type: {content_type}'
        parts.append(_part(name, content, more))
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])


def _part(name: str, content: bytes, more: str) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"
