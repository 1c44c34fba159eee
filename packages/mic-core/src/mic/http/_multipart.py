"""Multipart forms (RFC 7578), parsed as they arrive, by the library of the extra `forms`."""

import importlib
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mic.http._spool import Spool
from mic.http._threads import OverloadedError, WorkerPool
from mic.http.params import UploadedFile
from mic.model import ConfigurationError, DomainError, PayloadTooLargeError

MAX_PART_HEADERS = 8
MAX_PART_HEADER_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class FormData:
    """A form that was read. Whoever has it closes it.

    Attributes:
        workers: Threads that close temporary files.
        fields: Names and texts, in the order received.
        files: Names and files, in the order received.
    """

    workers: WorkerPool
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, UploadedFile]] = field(default_factory=list)

    async def close(self) -> None:
        """Close the files and so remove the temporary ones; again, as often as one likes."""
        try:
            if not all(isinstance(file.file, io.BytesIO) for _, file in self.files):
                # freeing the blocks of a large file takes time; without a thread the loop pays for
                # it
                with suppress(OverloadedError):
                    await self.workers.run(self._close_files)
        finally:
            self._close_files()

    def _close_files(self) -> None:
        for _, file in self.files:
            file.file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipartRules:
    """What of a multipart form is taken.

    Attributes:
        workers: Threads for temporary files.
        files: Names of the file fields, each with its limit in bytes; `None`: only that of the
            body.
        max_parts: Limit of the parts.
        max_text_bytes: Limit of all texts together, which are held in memory.
        too_large: The error for whatever passes a limit.
    """

    workers: WorkerPool
    files: Mapping[str, int | None]
    max_parts: int
    max_text_bytes: int
    too_large: PayloadTooLargeError


def multipart_library(needed_by: str) -> Any:
    """Import the library.

    Args:
        needed_by: Who needs it, for the message.

    Raises:
        ConfigurationError: It is absent, or the module of that name is of another distribution.
    """
    missing = ConfigurationError(
        message=f"{needed_by} needs the library multipart: pip install 'mic-core[forms]'"
    )
    try:
        library = importlib.import_module("multipart")
    except ModuleNotFoundError as error:
        if error.name != "multipart":
            raise
        raise missing from error
    if not hasattr(library, "PushMultipartParser"):
        raise missing
    return library


def malformed_form() -> DomainError:
    """The error for a form that cannot be read."""
    return DomainError(code="http.malformed_form", message="the form is malformed")


async def read_multipart(
    chunks: AsyncIterator[bytes], boundary: str, *, rules: MultipartRules
) -> FormData:
    """Read a multipart form.

    Guarantees: a file is taken under the names of `rules.files` only, and skipped under any other;
    an empty part without a file name, which a browser sends where no file was chosen, counts as
    absent. Nothing stays open when this raises.

    Raises:
        DomainError: 400 `http.malformed_form`.
        PayloadTooLargeError: `rules.too_large`: too many parts, headers, bytes of a file or of
            text.
    """
    library = multipart_library("a multipart form")
    form = FormData(rules.workers)
    collector = _Collector(form, rules)
    complete = False
    try:
        parser = library.PushMultipartParser(
            boundary,
            max_header_size=MAX_PART_HEADER_BYTES,
            max_header_count=MAX_PART_HEADERS,
            max_segment_count=rules.max_parts,
        )
        async for chunk in chunks:
            for event in parser.parse(chunk):
                await collector.take(event)
        parser.close()
        complete = True
    except library.ParserLimitReached as error:
        raise rules.too_large from error
    except library.MultipartError as error:
        raise malformed_form() from error
    finally:
        if not complete:
            collector.close()
            await form.close()
    return form


class _Collector:
    """Turns the parser's events (a part's head, its chunks, `None` at its end) into a form."""

    def __init__(self, form: FormData, rules: MultipartRules) -> None:
        self._form = form
        self._rules = rules
        self._head: Any = None
        self._text: bytearray | None = None
        self._spool: Spool | None = None
        self._text_bytes = 0

    async def take(self, event: Any) -> None:
        if event is None:
            await self._end()
        elif isinstance(event, bytes | bytearray):
            await self._add(event)
        else:
            self._begin(event)

    def close(self) -> None:
        """Give up the file that is not complete."""
        if self._spool is not None:
            self._spool.close()

    def _begin(self, head: Any) -> None:
        if not head.name:
            raise malformed_form()
        self._head = head
        self._text = self._spool = None
        if head.name in self._rules.files:
            self._spool = Spool(self._rules.workers)
        elif head.filename is None:
            self._text = bytearray()
            self._count_text(len(head.name))

    async def _add(self, chunk: bytes | bytearray) -> None:
        if self._text is not None:
            self._count_text(len(chunk))
            self._text += chunk
        elif self._spool is not None:
            limit = self._rules.files[self._head.name]
            if limit is not None and self._spool.size + len(chunk) > limit:
                raise self._rules.too_large
            await self._spool.write(chunk)

    async def _end(self) -> None:
        name = self._head.name
        if self._text is not None:
            self._form.fields.append((name, self._text.decode("utf-8", "replace")))
        elif self._spool is not None and (self._head.filename or self._spool.size):
            file = UploadedFile(
                filename=self._head.filename,
                content_type=self._head.header("Content-Type"),
                size=self._spool.size,
                file=await self._spool.finish(),
                workers=self._rules.workers,
            )
            self._form.files.append((name, file))
            self._spool = None

    def _count_text(self, size: int) -> None:
        self._text_bytes += size
        if self._text_bytes > self._rules.max_text_bytes:
            raise self._rules.too_large
