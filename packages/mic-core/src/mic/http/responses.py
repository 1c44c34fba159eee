"""What a handler gives back: `HttpResponseSpec`, with a constructor for each kind of answer."""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from os import PathLike
from typing import Any, Literal

from mic.contracts import wrap_http_success
from mic.http._fields import check_header_value, header_pairs
from mic.http._files import FileBody
from mic.http._sse import SseBody, SseEvent
from mic.http.cookies import HttpCookieSpec

Headers = Mapping[str, str] | Sequence[tuple[str, str]]
Background = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class HttpResponseSpec:
    """An answer as data, the same on every host.

    Guarantees: what cannot be sent safely (a header name that is no token, control characters in a
    value, an illegal cookie, a status outside 200..599) is refused when the spec is made. A spec is
    never changed by being sent.

    Attributes:
        status_code: 200..599.
        body: Bytes-like: sent as they are. With a `media_type` that is not JSON: its text. Anything
            else: JSON. `None` with a `stream`, and for answers without a body.
        media_type: Value of `Content-Type`; `None` means JSON, or `application/octet-stream` for
            bytes.
        cookies: One `Set-Cookie` line each, in this order.
        headers: Further headers, in this order, after `Content-Type` and `Content-Length`.
        stream: Chunks instead of a body; a synchronous iterable is pulled in a worker thread.
            Closed at its end, on an error and when the client leaves.
        background: Called (a coroutine function is awaited, a plain function runs in a worker
            thread) after the last byte. Its failure is logged and changes nothing.

    Raises:
        ValueError: As said above, or both a body and a stream.
    """

    status_code: int
    body: Any
    media_type: str | None = None
    cookies: tuple[HttpCookieSpec, ...] = ()
    _: KW_ONLY
    headers: Headers = ()
    stream: AsyncIterable[bytes] | Iterable[bytes] | None = None
    background: Background | None = None

    def __post_init__(self) -> None:
        if not 200 <= self.status_code <= 599:
            msg = f"status_code must be 200..599, not {self.status_code!r}"
            raise ValueError(msg)
        if self.stream is not None and self.body is not None:
            msg = "a response has a body or a stream, not both"
            raise ValueError(msg)
        if self.media_type is not None:
            check_header_value("content-type", self.media_type)
        if self.headers:
            header_pairs(self.headers)

    @classmethod
    def ok(
        cls,
        body: Any,
        *,
        meta: dict[str, Any] | None = None,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """200 with `body` in the success envelope."""
        return cls(
            200,
            wrap_http_success(body, meta=meta),
            cookies=cookies,
            headers=headers,
            background=background,
        )

    @classmethod
    def created(
        cls,
        body: Any,
        *,
        location: str | None = None,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """201 with `body` in the success envelope and, if given, `Location` (RFC 9110, section
        15.3.2).
        """
        return cls(
            201,
            wrap_http_success(body),
            cookies=cookies,
            headers=_with_location(location, headers),
            background=background,
        )

    @classmethod
    def accepted(
        cls,
        body: Any,
        *,
        location: str | None = None,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """202 with `body` in the success envelope and, if given, `Location` of where to ask for the
        outcome.
        """
        return cls(
            202,
            wrap_http_success(body),
            cookies=cookies,
            headers=_with_location(location, headers),
            background=background,
        )

    @classmethod
    def no_content(
        cls,
        *,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """204, without body and without `Content-Length` (RFC 9110, section 15.3.5)."""
        return cls(204, None, cookies=cookies, headers=headers, background=background)

    @classmethod
    def not_modified(
        cls,
        etag: str,
        *,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """304 with `ETag` (RFC 9110, section 15.4.5)."""
        return cls(
            304,
            None,
            cookies=cookies,
            headers=(("etag", etag), *_pairs(headers)),
            background=background,
        )

    @classmethod
    def text(
        cls,
        body: str,
        *,
        status_code: int = 200,
        media_type: str = "text/plain",
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """Text in UTF-8."""
        return cls(status_code, body, media_type, cookies, headers=headers, background=background)

    @classmethod
    def redirect(
        cls,
        location: str,
        *,
        status_code: Literal[301, 302, 303, 307, 308] = 303,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """A redirect without body (RFC 9110, section 15.4). 303 turns any method into GET, 307 and
        308 keep it.

        The location is sent as given: a location that comes from a request is the caller's to check
            (open redirect).
        """
        if status_code not in (301, 302, 303, 307, 308):
            msg = f"a redirect has status 301, 302, 303, 307 or 308, not {status_code!r}"
            raise ValueError(msg)
        return cls(
            status_code,
            b"",
            cookies=cookies,
            headers=_with_location(location, headers),
            background=background,
        )

    @classmethod
    def streaming(
        cls,
        stream: AsyncIterable[bytes] | Iterable[bytes],
        *,
        media_type: str = "application/octet-stream",
        status_code: int = 200,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """Chunks as they come, without `Content-Length`. An error after the first byte aborts the
        connection.
        """
        return cls(
            status_code,
            None,
            media_type,
            cookies,
            headers=headers,
            stream=stream,
            background=background,
        )

    @classmethod
    def sse(
        cls,
        events: AsyncIterable[SseEvent | str],
        *,
        heartbeat_seconds: float = 15.0,
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """Server-sent events (HTML Living Standard, section 9.2); a comment line is sent after
        `heartbeat_seconds` of silence.

        Raises:
            ValueError: `heartbeat_seconds` is not above 0.
        """
        return cls(
            200,
            None,
            "text/event-stream",
            cookies,
            headers=(
                ("cache-control", "no-cache"),
                ("x-accel-buffering", "no"),
                *_pairs(headers),
            ),
            stream=SseBody(events, heartbeat_seconds=heartbeat_seconds),
            background=background,
        )

    @classmethod
    def file(
        cls,
        path: str | PathLike[str],
        *,
        root: str | PathLike[str] | None = None,
        filename: str | None = None,
        media_type: str | None = None,
        disposition: Literal["attachment", "inline"] = "attachment",
        headers: Headers = (),
        cookies: tuple[HttpCookieSpec, ...] = (),
        background: Background | None = None,
    ) -> "HttpResponseSpec":
        """A regular file, with `ETag`, `Last-Modified`, conditional answers and one byte range (RFC
        9110, sections 13 and 14).

        Nothing is opened here: the file is looked at in a worker thread when the answer is sent.
            Absent, a directory, a
        device or FIFO, or resolved outside `root`: 404 `http.file_not_found`.

        Args:
            path: The file; relative to `root` when that is given.
            root: Folder that the resolved path must lie in. Give it whenever a part of `path` comes
                from a request.
            filename: Name offered to the client (RFC 6266); the path's own name by default.
            media_type: `Content-Type`; guessed from the file name by default.
            disposition: `attachment` or `inline`.
            headers: Further headers.
            cookies: Cookies.
            background: As everywhere.
        """
        return cls(
            200,
            None,
            media_type,
            cookies,
            headers=headers,
            stream=FileBody(path=path, root=root, filename=filename, disposition=disposition),
            background=background,
        )


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(headers.items()) if isinstance(headers, Mapping) else tuple(headers)


def _with_location(location: str | None, headers: Headers) -> tuple[tuple[str, str], ...]:
    pairs = _pairs(headers)
    return pairs if location is None else (("location", location), *pairs)
