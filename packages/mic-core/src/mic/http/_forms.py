"""Reads a form, urlencoded or multipart, within the limits of the options."""

import sys
from collections.abc import Mapping
from contextlib import aclosing

from mic.http._body_chunks import body_chunks, payload_too_large
from mic.http._content_type import content_type_of
from mic.http._multipart import (
    FormData,
    MultipartRules,
    malformed_form,
    multipart_library,
    read_multipart,
)
from mic.http._request import query_pairs
from mic.http._types import EMPTY, Receive, Scope
from mic.http.options import HttpOptions
from mic.model import ConfigurationError, UnsupportedMediaTypeError

__all__ = ["FormData", "multipart_installed", "read_form", "require_multipart"]

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# Up to here decoding takes less than the way to a thread and back.
_INLINE_BYTES = 16_384


def require_multipart(route_name: str) -> None:
    """Refuse a route that needs multipart forms where the library for them is not installed.

    Raises:
        ConfigurationError: Naming the route and `mic-core[forms]`.
    """
    multipart_library(f"route {route_name!r}")


def multipart_installed() -> bool:
    """Whether multipart forms can be read here."""
    try:
        multipart_library("a multipart form")
    except ConfigurationError:
        return False
    return True


async def read_form(
    scope: Scope,
    receive: Receive,
    *,
    options: HttpOptions,
    max_bytes: int | None = None,
    multipart: bool = True,
    files: Mapping[str, int | None] = EMPTY,
) -> FormData:
    """Read the form of a request.

    Guarantees: reading stops at the first byte over a limit; at most one body of text and, of each
    file, 1 MiB are held in memory; nothing stays open when this raises. An empty body of any type
    is an empty form. Nothing that was sent is in an error.

    ```python
    form = await read_form(scope, receive, options=options, files={"avatar": 200_000, "attachments":
    None}) try:
        form.fields  # [("title", "..."), ...]
        form.files  # [("avatar", UploadedFile), ("attachments", UploadedFile), ("attachments",
        UploadedFile)]
    finally:
        await form.close()  # after the answer
    ```

    Args:
        scope: The request.
        receive: Where its body comes from.
        options: `max_body_bytes` (of an urlencoded form, and of the texts of a multipart one),
            `max_multipart_bytes`, `max_form_parts` (fields or parts) and the worker threads.
        max_bytes: The route's own limit instead of both.
        multipart: Whether a multipart form is taken; `False` where the library is not installed.
        files: Wire names of the file fields, each with its `File(max_bytes=)`. Where there is one,
            only a multipart form is taken.

    Raises:
        PayloadTooLargeError: 413 `http.payload_too_large`: bytes, parts, part headers, or one file;
            closes an HTTP/1 connection.
        UnsupportedMediaTypeError: 415 `http.unsupported_media_type`: no type, another type, or
            another charset than UTF-8, with a body; `Accept` says what is taken.
        DomainError: 400 `http.malformed_form` (no boundary, too), or `http.malformed_request`
            (`Content-Length`).
        ClientDisconnectedError: The client left.
    """
    accepted = _accepted(multipart=multipart, files=bool(files))
    content_type = content_type_of(scope)
    if content_type.media_type not in accepted or not content_type.is_utf8:
        await _refuse_content(scope, receive, accepted)
        return FormData(options.workers)
    if content_type.media_type == URLENCODED:
        return await _read_urlencoded(scope, receive, options, max_bytes)
    if content_type.boundary is None:
        raise malformed_form()
    rules = MultipartRules(
        workers=options.workers,
        files=files,
        max_parts=options.max_form_parts,
        max_text_bytes=options.max_body_bytes if max_bytes is None else max_bytes,
        too_large=payload_too_large(scope),
    )
    limit = options.max_multipart_bytes if max_bytes is None else max_bytes
    async with aclosing(body_chunks(scope, receive, limit=limit)) as chunks:
        return await read_multipart(chunks, content_type.boundary, rules=rules)


def _accepted(*, multipart: bool, files: bool) -> tuple[str, ...]:
    if files:
        return (MULTIPART,)
    return (URLENCODED, MULTIPART) if multipart else (URLENCODED,)


async def _refuse_content(scope: Scope, receive: Receive, accepted: tuple[str, ...]) -> None:
    async with aclosing(body_chunks(scope, receive, limit=sys.maxsize)) as chunks:
        async for _ in chunks:
            raise UnsupportedMediaTypeError(
                code="http.unsupported_media_type",
                message="the request body has a type that is not accepted",
                headers={"Accept": ", ".join(accepted)},
            )


async def _read_urlencoded(
    scope: Scope, receive: Receive, options: HttpOptions, max_bytes: int | None
) -> FormData:
    limit = options.max_body_bytes if max_bytes is None else max_bytes
    body = bytearray()
    async with aclosing(body_chunks(scope, receive, limit=limit)) as chunks:
        async for chunk in chunks:
            body += chunk
    if body.count(b"&") >= options.max_form_parts:
        raise payload_too_large(scope)
    form = FormData(options.workers)
    if len(body) > _INLINE_BYTES:
        form.fields.extend(await options.workers.run(query_pairs, bytes(body)))
    else:
        form.fields.extend(query_pairs(bytes(body)))
    return form
