"""Reads and parses a request's body."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mic.http._annotations import is_model, shape_of
from mic.http._body_chunks import check_length, payload_too_large
from mic.http._content_type import parse_content_type
from mic.http._disconnect import ClientDisconnectedError
from mic.http._plan import ParameterPlan
from mic.http._types import Receive, Scope
from mic.http._validation import Findings
from mic.model import DomainError, UnsupportedMediaTypeError

_LONGEST_REMEMBERED = 128


async def read_body(scope: Scope, receive: Receive, declared: bytes | None, *, limit: int) -> bytes:
    """Read the whole body; `declared` is the value of `Content-Length`.

    Raises:
        PayloadTooLargeError: More than `limit` bytes are declared (nothing was read then) or were
            sent.
        DomainError: 400 `http.malformed_request`: `Content-Length` is no number.
        ClientDisconnectedError: The client left.
    """
    if declared is not None:
        check_length(declared, scope, limit=limit)
    chunks: list[bytes] = []
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnectedError
        chunk: bytes = message.get("body", b"")
        total += len(chunk)
        if total > limit:
            raise payload_too_large(scope)
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        if chunk:
            chunks.append(chunk)


class JsonBody:
    """Parses the one JSON body of a route."""

    __slots__ = ("_adapter", "_empty", "_name", "_plan", "_strict", "_validate")

    def __init__(self, plan: ParameterPlan, *, strict_content_type: bool) -> None:
        self._plan = plan
        self._name = plan.name
        self._strict = strict_content_type
        self._adapter: TypeAdapter[Any] = plan.adapter or TypeAdapter(plan.annotation)
        self._validate = self._adapter.validator.validate_json
        self._empty = b"{}" if plan.required and is_model(shape_of(plan.annotation).core) else None

    def parse(
        self, body: bytes, content_type: bytes | None, kwargs: dict[str, Any], findings: Findings
    ) -> None:
        """Put the parsed body into `kwargs`, or what is wrong with it into `findings`.

        Raises:
            UnsupportedMediaTypeError: 415: not declared as JSON in UTF-8.
            DomainError: 400 `http.malformed_json`.
        """
        if not body:
            if self._empty is None:
                self._absent(kwargs, findings)
                return
            body = self._empty
        elif self._strict and not _is_json(content_type or b""):
            raise UnsupportedMediaTypeError(
                code="http.unsupported_media_type",
                message="the body must be JSON in UTF-8, declared as application/json",
                headers={"Accept": "application/json"},
            )
        try:
            kwargs[self._name] = self._validate(body)
        except ValidationError as error:
            if _is_malformed(error):
                raise malformed_json() from None
            findings.invalid("body", error)

    def _absent(self, kwargs: dict[str, Any], findings: Findings) -> None:
        if self._plan.required:
            findings.missing("body")
        elif self._plan.nullable:
            kwargs[self._plan.name] = None


def malformed_json() -> DomainError:
    """The error for a body that is no JSON; it tells nothing of the body."""
    return DomainError(code="http.malformed_json", message="the request body is not valid JSON")


def _is_malformed(error: ValidationError) -> bool:
    if error.error_count() != 1:
        return False
    found = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return found["type"] == "json_invalid" and not found["loc"]


def _is_json(value: bytes) -> bool:
    # what is longer than any real type must not push the real ones out of the cache
    return len(value) <= _LONGEST_REMEMBERED and _names_json(value)


@lru_cache(maxsize=256)
def _names_json(value: bytes) -> bool:
    content_type = parse_content_type(value.decode("latin-1"))
    media_type = content_type.media_type
    named = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    return named and content_type.is_utf8
