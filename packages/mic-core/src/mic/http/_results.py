"""Turns what a handler returned into its answer."""

from __future__ import annotations

import logging
from typing import Any, cast

from mic.http._files import FileBody, send_file
from mic.http._problems import internal_error
from mic.http._render import (
    ModelWriter,
    UnwritableResultError,
    further_headers,
    is_bodyless,
    json_bytes,
    media_type_facts,
    render,
    render_json,
)
from mic.http._streams import Stream, close_stream, send_chunks
from mic.http._threads import WorkerPool
from mic.http._types import Receive, Scope, Send
from mic.http._wire import Answer
from mic.http.responses import HttpResponseSpec

_LOGGER = logging.getLogger("mic.http")


class Results:
    """Answers the results of one route.

    Args:
        route: Its name, for the log.
        status: Status of a result that is no `HttpResponseSpec`.
        writer: Writes such results; `None` where they are written as any JSON.
        workers: Threads for streams and files.
    """

    __slots__ = ("_bodyless", "_route", "_status", "_warned", "_workers", "_writer")

    def __init__(
        self, route: str, *, status: int, writer: ModelWriter | None, workers: WorkerPool
    ) -> None:
        self._route = route
        self._status = status
        self._bodyless = is_bodyless(status)
        self._writer = writer
        self._workers = workers
        self._warned = False

    def render(self, result: Any) -> Answer | None:
        """The whole answer to a result; `None` for a stream, which `send_stream` answers.

        Raises:
            DomainError: 500 `internal_error`, logged: the result cannot be written.
        """
        try:
            if not isinstance(result, HttpResponseSpec):
                if self._bodyless:
                    return Answer(self._status)
                writer = self._writer
                return render_json(
                    self._status, json_bytes(result) if writer is None else writer.write(result)
                )
            if result.stream is not None:
                return None
            self._warn_of_dropped_body(result)
            return render(result)
        except UnwritableResultError as error:
            # the value stays out of the log: it is what could not be shown to be fit for anybody
            _LOGGER.error(  # without traceback: it would hold the value
                "route %s: the result cannot be written (%s)",
                self._route,
                type(error.__cause__).__name__,
            )
            raise internal_error() from None

    def _warn_of_dropped_body(self, result: HttpResponseSpec) -> None:
        if result.body is not None and is_bodyless(result.status_code) and not self._warned:
            self._warned = True
            _LOGGER.warning(
                "route %s: the body of a %d answer is dropped", self._route, result.status_code
            )

    async def send_stream(
        self, spec: HttpResponseSpec, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a result that `render` gave no answer to: a stream or a file.

        Raises:
            NotFoundError: There is no such file; nothing was sent.
            Exception: Whatever the stream raises; the body is not ended then.
        """
        stream = cast("Stream", spec.stream)
        head = scope["method"] == "HEAD"
        if isinstance(stream, FileBody):
            headers = further_headers(spec)
            await send_file(
                spec, stream, scope, send, workers=self._workers, base_headers=headers, head=head
            )
            return
        content_type = media_type_facts(spec.media_type or "application/octet-stream")[0]
        await send(
            {
                "type": "http.response.start",
                "status": spec.status_code,
                "headers": [(b"content-type", content_type), *further_headers(spec)],
            }
        )
        if head:
            await close_stream(stream)
            await send({"type": "http.response.body", "body": b""})
            return
        await send_chunks(stream, receive, send, workers=self._workers)
