"""Streams, events, files, redirects and cookies: answers that are more than a value."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from mic.http import (
    HttpCookieSpec,
    HttpRequestContext,
    HttpResponseSpec,
    HttpRouteSpec,
    SseEvent,
    etag_of,
    is_fresh,
    require_match,
)
from mic.testing.contracts.http_corpus._case import Case, CorpusApp
from mic.testing.route_client import ClientOptions

_CONTENT = b"0123456789" * 10
_MTIME = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT


async def _chunks() -> AsyncIterator[bytes]:
    yield b"one,"
    yield b""
    yield b"two"


def _sync_chunks() -> Iterator[bytes]:
    yield b"a"
    yield b"b"


async def _broken_chunks(*, begun: bool) -> AsyncIterator[bytes]:
    if begun:
        yield b"begun"
    raise RuntimeError("canary-secret")


async def _events() -> AsyncIterator[SseEvent | str]:
    yield "plain"
    yield SseEvent("two\nlines", event="note", id="7", retry_ms=1500)
    yield SseEvent("")


def _stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(_chunks(), media_type="text/csv")


def _sync_stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(_sync_chunks(), status_code=206, headers={"x-part": "1"})


def _empty_stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(())


def _broken_stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(_broken_chunks(begun=True))


def _stillborn_stream() -> HttpResponseSpec:
    return HttpResponseSpec.streaming(_broken_chunks(begun=False))


def _sse() -> HttpResponseSpec:
    return HttpResponseSpec.sse(_events())


def _cookies() -> HttpResponseSpec:
    return HttpResponseSpec(
        200,
        b"",
        cookies=(
            HttpCookieSpec("a", "1"),
            HttpCookieSpec("b", "x;y", httponly=False, secure=False, samesite="strict", path="/b"),
            HttpCookieSpec("c", "", max_age=0, domain="example.com"),
            HttpCookieSpec("__Host-d", "1", samesite="none", partitioned=True),
        ),
    )


def _redirect(code: int) -> HttpResponseSpec:
    return HttpResponseSpec.redirect("/elsewhere?x=1#y", status_code=cast("Any", code))


def _conditional(context: HttpRequestContext) -> HttpResponseSpec:
    tag = etag_of("version 1")
    if is_fresh(context, tag):
        return HttpResponseSpec.not_modified(tag)
    return HttpResponseSpec(200, 1, headers={"etag": tag})


def _update(context: HttpRequestContext) -> str:
    require_match(context, etag_of("version 1"), required=True)
    return "updated"


def _illegal_header(context: HttpRequestContext) -> HttpResponseSpec:
    return HttpResponseSpec(200, 1, headers={"x-note": context.query_params["note"]})


def _illegal_cookie(context: HttpRequestContext) -> HttpResponseSpec:
    return HttpResponseSpec(200, 1, cookies=(HttpCookieSpec("a", context.query_params["note"]),))


def _files(folder: Path) -> Sequence[HttpRouteSpec]:
    root = folder / "root"
    root.mkdir(exist_ok=True)
    for name in ("data.bin", "page.html", "größe 'x'.txt"):
        (root / name).write_bytes(_CONTENT)
        os.utime(root / name, (_MTIME, _MTIME))
    (root / "empty.txt").write_bytes(b"")
    (folder / "outside.txt").write_bytes(b"secret")

    def _data() -> HttpResponseSpec:
        return HttpResponseSpec.file(root / "data.bin")

    def _inline() -> HttpResponseSpec:
        return HttpResponseSpec.file(
            root / "page.html", disposition="inline", headers={"cache-control": "no-store"}
        )

    def _named() -> HttpResponseSpec:
        return HttpResponseSpec.file(root / "data.bin", filename="Grüße.csv", media_type="text/csv")

    def _under(path: str) -> HttpResponseSpec:
        return HttpResponseSpec.file(path, root=root)

    return [
        _route("GET", "/file/data", _data),
        _route("GET", "/file/inline", _inline),
        _route("GET", "/file/named", _named),
        _route("GET", "/files/{path:path}", _under),
    ]


def _route(method: Any, path: str, handler: Any) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method} {path}", "responses", handler)


def _routes(folder: Path) -> Sequence[HttpRouteSpec]:
    return [
        *_files(folder),
        _route("GET", "/stream", _stream),
        _route("POST", "/stream", _stream),
        _route("GET", "/sync-stream", _sync_stream),
        _route("GET", "/empty-stream", _empty_stream),
        _route("GET", "/broken-stream", _broken_stream),
        _route("GET", "/stillborn-stream", _stillborn_stream),
        _route("GET", "/sse", _sse),
        _route("GET", "/cookies", _cookies),
        _route("GET", "/redirect/{code:int}", _redirect),
        _route("POST", "/redirect/{code:int}", _redirect),
        _route("GET", "/conditional", _conditional),
        _route("PUT", "/conditional", _update),
        _route("GET", "/illegal-header", _illegal_header),
        _route("GET", "/illegal-cookie", _illegal_cookie),
    ]


def _get(path: str, status: int, code: str | None = None, **more: Any) -> Case:
    return Case("GET", path, status, code, **more)


def _ranged(value: str, status: int, body: bytes | None, content_range: str | None) -> Case:
    return _get(
        "/file/data",
        status,
        "http.range_not_satisfiable" if status == 416 else None,
        body=body,
        headers={"content-range": content_range},
        send={"headers": {"range": value}},
        why=value,
    )


def _fresh(path: str, status: int, code: str | None = None, /, **headers: str) -> Case:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return _get(path, status, code, send={"headers": sent}, why=f"{sent}")


_SENT_EVENTS = (
    b"data: plain\n\nid: 7\nevent: note\nretry: 1500\ndata: two\ndata: lines\n\ndata: \n\n"
)
_TAG = etag_of("version 1")
_LATER, _EARLIER = "Wed, 15 Nov 2023 00:00:00 GMT", "Mon, 13 Nov 2023 00:00:00 GMT"

_STREAM_CASES = [
    _get(
        "/stream",
        200,
        body=b"one,two",
        headers={"content-type": "text/csv; charset=utf-8", "content-length": None},
    ),
    Case("POST", "/stream", 200, body=b"one,two"),
    Case("HEAD", "/stream", 200, body=b"", headers={"content-length": None}),
    _get("/sync-stream", 206, body=b"ab", headers={"x-part": "1"}),
    _get("/empty-stream", 200, body=b""),
    _get("/broken-stream", 200, body=b"begun", aborted=True, why="nothing is appended"),
    _get("/stillborn-stream", 200, body=b"", aborted=True, why="the head has gone out"),
    _get(
        "/sse",
        200,
        body=_SENT_EVENTS,
        headers={
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
            "x-accel-buffering": "no",
            "content-length": None,
        },
    ),
    Case("HEAD", "/sse", 200, body=b""),
    _get("/cookies", 200, body=b""),
    *(
        _get(f"/redirect/{code}", code, body=b"", headers={"location": "/elsewhere?x=1#y"})
        for code in (301, 302, 303, 307, 308)
    ),
    Case("POST", "/redirect/303", 303, body=b""),
    Case("HEAD", "/redirect/308", 308, body=b""),
    _get("/redirect/304", 500, "internal_error"),
    _get("/redirect/200", 500, "internal_error"),
    _get("/illegal-header?note=ok", 200, headers={"x-note": "ok"}),
    _get(
        "/illegal-header?note=a%0d%0aset-cookie:%20x=1",
        500,
        "internal_error",
        headers={"set-cookie": None},
    ),
    _get("/illegal-cookie?note=a%0d%0ax", 500, "internal_error", headers={"set-cookie": None}),
    _get("/illegal-cookie?note=a%00", 500, "internal_error"),
]

_FILE_CASES = [
    _get(
        "/file/data",
        200,
        body=_CONTENT,
        headers={
            "content-type": "application/octet-stream",
            "content-length": "100",
            "accept-ranges": "bytes",
            "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
            "content-disposition": 'attachment; filename="data.bin"',
        },
    ),
    Case("HEAD", "/file/data", 200, body=b"", headers={"content-length": "100"}),
    _get(
        "/file/data",
        200,
        body=_CONTENT,
        why="pathsend",
        settings=ClientOptions(raise_errors=False, extensions={"http.response.pathsend": {}}),
    ),
    _get(
        "/file/inline",
        200,
        headers={
            "content-type": "text/html; charset=utf-8",
            "cache-control": "no-store",
            "content-disposition": 'inline; filename="page.html"',
        },
    ),
    _get("/file/named", 200, headers={"content-type": "text/csv; charset=utf-8"}),
    _get("/files/data.bin", 200, body=_CONTENT),
    _get("/files/gr%C3%B6%C3%9Fe%20'x'.txt", 200, body=_CONTENT),
    _get("/files/empty.txt", 200, body=b"", headers={"content-length": "0"}),
    _get("/files/absent.txt", 404, "http.file_not_found"),
    _get("/files/.", 404, "http.file_not_found", why="a directory"),
    _get("/files/..%2Foutside.txt", 404, "http.file_not_found"),
    _get("/files/../outside.txt", 404, "http.file_not_found"),
    _get("/files/%2e%2e/outside.txt", 404, "http.file_not_found"),
    _get("/files/a%00b", 404, "http.file_not_found"),
    _get("/files/" + "x" * 5000, 404, "http.file_not_found", why="a name too long for any disk"),
    _ranged("bytes=0-9", 206, b"0123456789", "bytes 0-9/100"),
    _ranged("bytes=95-", 206, b"56789", "bytes 95-99/100"),
    _ranged("bytes=-3", 206, b"789", "bytes 97-99/100"),
    _ranged("bytes=-500", 206, _CONTENT, "bytes 0-99/100"),
    _ranged("bytes=90-500", 206, _CONTENT[90:], "bytes 90-99/100"),
    _ranged("bytes=0-0", 206, b"0", "bytes 0-0/100"),
    _ranged("bytes=100-", 416, None, "bytes */100"),
    _ranged("bytes=-0", 416, None, "bytes */100"),
    _ranged("bytes=5-2", 200, _CONTENT, None),
    _ranged("bytes=0-1,4-5", 200, _CONTENT, None),
    _ranged("lines=0-1", 200, _CONTENT, None),
    _ranged("bytes=x-y", 200, _CONTENT, None),
    Case(
        "HEAD",
        "/file/data",
        200,
        body=b"",
        headers={"content-length": "100"},
        send={"headers": {"range": "bytes=0-1"}},
        why="a range counts for GET only",
    ),
    _fresh("/file/data", 304, if_none_match="*"),
    _fresh("/file/data", 304, if_modified_since=_LATER),
    _fresh("/file/data", 200, if_modified_since=_EARLIER),
    _fresh("/file/data", 200, if_modified_since="yesterday"),
    _fresh("/file/data", 200, if_none_match='"other"', if_modified_since=_LATER),
    _fresh("/file/data", 412, "http.precondition_failed", if_match='"other"'),
    _fresh("/file/data", 200, if_match="*"),
    _fresh("/file/data", 412, "http.precondition_failed", if_unmodified_since=_EARLIER),
    _fresh("/file/data", 200, range="bytes=0-1", if_range='"other"'),
    _fresh("/conditional", 200),
    _fresh("/conditional", 304, if_none_match=_TAG),
    _fresh("/conditional", 304, if_none_match=f'"x", W/{_TAG}'),
    _fresh("/conditional", 200, if_none_match='"x"'),
    Case("PUT", "/conditional", 428, "http.precondition_required"),
    Case(
        "PUT",
        "/conditional",
        412,
        "http.precondition_failed",
        send={"headers": {"if-match": '"x"'}},
    ),
    Case("PUT", "/conditional", 200, send={"headers": {"if-match": _TAG}}),
]

RESPONSES = CorpusApp("responses", _routes, [*_STREAM_CASES, *_FILE_CASES])
