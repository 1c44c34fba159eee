"""Turns a handler's result into a plain answer (pure). Streams and files are sent elsewhere."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from mic.http._fields import encode_headers
from mic.http._fit import fit_of
from mic.http._types import RawHeaders
from mic.http._wire import Answer
from mic.http.responses import HttpResponseSpec

JSON_TYPE = b"application/json"
_BYTES_TYPE = b"application/octet-stream"
_BODYLESS = (204, 304)
_SERIALIZATION_ERRORS = (
    PydanticSerializationError,
    ValidationError,
    TypeError,
    ValueError,
    RecursionError,
)


class UnwritableResultError(Exception):
    """The result cannot be written: JSON cannot encode it, or it does not fit the route's response
    model.
    """


def is_bodyless(status: int) -> bool:
    """Whether an answer of this status has no body (RFC 9110, sections 15.3.5 and 15.4.5)."""
    return status in _BODYLESS


def render(spec: HttpResponseSpec) -> Answer:
    """Render a response without stream.

    Raises:
        UnwritableResultError: JSON cannot encode the body.
    """
    status = spec.status_code
    if status in _BODYLESS:
        headers: RawHeaders = []
        body = b""
    else:
        body, content_type = _body_of(spec)
        headers = [] if content_type is None else [(b"content-type", content_type)]
        headers.append((b"content-length", b"%d" % len(body)))
    if spec.headers or spec.cookies:
        headers.extend(further_headers(spec))
    return Answer(status, headers, body)


def further_headers(spec: HttpResponseSpec) -> RawHeaders:
    """The response's own headers and cookies, in order."""
    pairs = spec.headers.items() if isinstance(spec.headers, Mapping) else spec.headers
    headers = encode_headers(pairs)
    headers.extend(
        (b"set-cookie", cookie.header_value().encode("latin-1")) for cookie in spec.cookies
    )
    return headers


def render_json(status: int, body: bytes) -> Answer:
    """An answer of JSON bytes that are written already."""
    return Answer(
        status, [(b"content-type", JSON_TYPE), (b"content-length", b"%d" % len(body))], body
    )


def _body_of(spec: HttpResponseSpec) -> tuple[bytes, bytes | None]:
    body = spec.body
    media_type = spec.media_type
    if media_type is None:
        if isinstance(body, bytes | bytearray | memoryview):
            # an empty body has no type to declare
            return bytes(body), _BYTES_TYPE if body else None
        return json_bytes(body), JSON_TYPE
    content_type, is_json = media_type_facts(media_type)
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body), content_type
    if is_json:
        return json_bytes(body), content_type
    try:
        return ("" if body is None else str(body)).encode(), content_type
    except UnicodeEncodeError as error:
        raise UnwritableResultError from error


def json_bytes(value: Any) -> bytes:
    """Write any value as JSON: by alias, NaN and infinities as null.

    Raises:
        UnwritableResultError: It cannot be written.
    """
    try:
        return to_json(value, by_alias=True, inf_nan_mode="null")
    except _SERIALIZATION_ERRORS as error:
        raise UnwritableResultError from error


@lru_cache(maxsize=256)
def media_type_facts(media_type: str) -> tuple[bytes, bool]:
    """The value of `Content-Type` (text gets its charset), and whether the type is JSON."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") and "charset" not in media_type.lower():
        media_type = f"{media_type}; charset=utf-8"
    return media_type.encode("latin-1"), kind == "application/json" or kind.endswith("+json")


class ModelWriter:
    """Writes bare results through a response model, so that fields which the model does not have
    never leave.
    """

    __slots__ = ("_adapter", "_fit", "_model", "_to_json")

    def __init__(self, model: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(model)
        self._to_json = self._adapter.serializer.to_json
        self._model = model if inspect.isclass(model) and issubclass(model, BaseModel) else None
        self._fit = None if self._model is None else fit_of(self._model, self._adapter.core_schema)

    def write(self, value: Any) -> bytes:
        """Write a result: an instance of the model as it is, anything else after it was validated
        into the model.

        Raises:
            UnwritableResultError: It does not fit, or cannot be written.
        """
        try:
            if self._model is None or not isinstance(value, self._model):
                value = self._adapter.validate_python(value, from_attributes=True)
            if self._fit is not None and self._fit.holds(value):
                return self._to_json(value, by_alias=True, warnings=False)
            return self._to_json(value, by_alias=True, warnings="error")
        except _SERIALIZATION_ERRORS as error:
            raise UnwritableResultError from error
