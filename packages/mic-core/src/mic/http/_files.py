"""A file as the body of an answer: the value that a response holds, and how it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from mic.http._file_answer import (
    FileAnswer,
    FileFacts,
    answer_for,
    content_disposition,
    guessed_type,
    with_charset,
)
from mic.http._file_reader import FileReader

if TYPE_CHECKING:
    from mic.http._threads import WorkerPool
    from mic.http._types import RawHeaders, Scope, Send
    from mic.http.responses import HttpResponseSpec

CHUNK_BYTES = 65_536

_PATHSEND = "http.response.pathsend"
_ASKED_WITH = frozenset(
    {
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"range",
    }
)
# What frames the body is ours alone: a wrong word here would desynchronize the connection.
_FRAMING = frozenset({b"content-length", b"content-range", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class FileBody(Iterable[bytes]):
    """A file to be sent; inert until then.

    Attributes:
        path: The file; relative to `root` when that is given.
        root: Folder that the resolved path must lie in.
        filename: Name offered to the client; `None` or empty: the path's own.
        disposition: `attachment` or `inline`.

    Raises:
        ValueError: Another disposition.
    """

    path: str | PathLike[str]
    root: str | PathLike[str] | None = None
    filename: str | None = None
    disposition: Literal["attachment", "inline"] = "attachment"

    def __post_init__(self) -> None:
        if self.disposition not in ("attachment", "inline"):
            msg = f"disposition must be 'attachment' or 'inline', not {self.disposition!r}"
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """The name that the client is offered."""
        return self.filename or PurePath(self.path).name

    def __iter__(self) -> Iterator[bytes]:
        """Read the whole file in chunks of 64 KiB, blocking.

        Raises:
            NotFoundError: As `send_file` does.
        """
        reader = FileReader()
        try:
            reader.open(self.path, root=self.root)
            offset = 0
            while chunk := reader.read(offset, CHUNK_BYTES):
                yield chunk
                offset += len(chunk)
        finally:
            reader.close()


async def send_file(
    spec: HttpResponseSpec,
    file: FileBody,
    scope: Scope,
    send: Send,
    *,
    workers: WorkerPool,
    base_headers: RawHeaders,
    head: bool,
) -> int:
    """Send a file, or the part of it that the request asks for.

    Guarantees: the file is opened once and everything that is told about it comes from that
    descriptor, which is closed in every case, also when this call is cancelled while a thread
    reads; nothing is opened, read or guessed on the event loop; never more nor fewer bytes than
    `Content-Length` says.

    Args:
        spec: The answer; its media type is guessed from the file name where it has none.
        file: The file.
        scope: The request.
        send: Where the answer goes.
        workers: Threads for whatever waits for the disk.
        base_headers: Encoded headers of `spec`, sent after ours; they replace ours of the same name
            (an own `ETag` is also the one that preconditions are compared with).
        head: Whether the body stays unsent.

    Returns:
        The status sent: that of `spec`, or 206 or 304 instead of 200 where the request asks for it.

    Raises:
        NotFoundError: Nothing at this path, no regular file, or outside `root`; code
            `http.file_not_found`. Nothing was sent.
        PreconditionFailedError: As `answer_for`. Nothing was sent.
        RangeNotSatisfiableError: As `answer_for`. Nothing was sent.
        EOFError: The file became shorter while it was sent: the answer cannot be completed.
    """
    reader = FileReader()
    try:
        opened = await workers.run(_open, reader, file, spec.media_type)
        answer = _answer(spec, opened.facts, scope, base_headers)
        headers = _headers(file, opened, answer, base_headers)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if head or answer.length == 0:
            await send({"type": "http.response.body", "body": b""})
        elif answer.status != 206 and _PATHSEND in (scope.get("extensions") or ()):
            await send({"type": _PATHSEND, "path": reader.path})
        else:
            await _send_part(reader, answer, send, workers)
    finally:
        reader.close()
    return answer.status


@dataclass(frozen=True, slots=True)
class _Opened:
    facts: FileFacts
    media_type: str


def _open(reader: FileReader, file: FileBody, media_type: str | None) -> _Opened:
    """Everything that may wait for the disk before the answer begins."""
    facts = reader.open(file.path, root=file.root)
    return _Opened(facts, with_charset(media_type or guessed_type(file.name)))


def _answer(
    spec: HttpResponseSpec, facts: FileFacts, scope: Scope, base_headers: RawHeaders
) -> FileAnswer:
    if spec.status_code != 200:
        return FileAnswer(spec.status_code, 0, facts.size)
    request: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in _ASKED_WITH:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            request[key] = f"{request[key]}, {text}" if key in request else text
    etag = dict(base_headers).get(b"etag", facts.etag.encode()).decode("latin-1")
    return answer_for(facts, request, etag=etag, method=scope["method"])


def _headers(
    file: FileBody, opened: _Opened, answer: FileAnswer, base_headers: RawHeaders
) -> RawHeaders:
    base = [pair for pair in base_headers if pair[0] not in _FRAMING]
    ours = [
        (b"etag", opened.facts.etag),
        (b"last-modified", opened.facts.last_modified),
    ]
    if answer.status != 304:
        body = [(b"content-type", opened.media_type), (b"content-length", str(answer.length))]
        if answer.content_range is not None:
            body.append((b"content-range", answer.content_range))
        disposition = content_disposition(file.disposition, file.name)
        ours = [*body, *ours, (b"accept-ranges", "bytes"), (b"content-disposition", disposition)]
    given = {name for name, _ in base}
    return [(name, text.encode("latin-1")) for name, text in ours if name not in given] + base


async def _send_part(
    reader: FileReader, answer: FileAnswer, send: Send, workers: WorkerPool
) -> None:
    position = answer.offset
    end = answer.offset + answer.length
    while position < end:
        chunk = await workers.run(reader.read, position, min(CHUNK_BYTES, end - position))
        if not chunk:
            msg = "a file became shorter while it was sent"
            raise EOFError(msg)
        position += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": position < end})
