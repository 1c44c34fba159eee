"""From an answer to the error that the other service raised, or to a model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from mic.client._bodies import read_problem
from mic.client.errors import UpstreamResponseError
from mic.contracts import HttpSuccessEnvelope
from mic.model import DomainError, ErrorFactory, error_from_problem

_MOST_SECONDS = 366 * 86_400.0
_FOREIGN_CODES = frozenset({"upstream.error", "transient.upstream_error"})
_MOST_MODELS = 256
_TYPED_DICT: Any = TypedDict


def error_of(
    response: httpx.Response,
    body: bytes | None,
    coding: str,
    errors: Mapping[str, ErrorFactory],
) -> tuple[DomainError, bool | None]:
    """The error of an answer with a status of 400 or more, and what its body says of retrying.

    Guarantees: nothing of a body that is not ours gets into it.

    Args:
        response: The answer; only its status and headers are read.
        body: `None` for one that is too large.
        coding: The content coding that `body` has.
        errors: As `mic.model.error_factories` gives them.
    """
    status = response.status_code
    media_type = retry_after = ""
    for name, value in response.headers.raw:  # once, and not by asking for what is mostly absent
        if name.lower() == b"content-type":
            media_type = value.decode("latin-1")
        elif name.lower() == b"retry-after":
            retry_after = value.decode("latin-1")
    problem = read_problem(body, coding, media_type)
    error = error_from_problem(problem, status=status, errors=errors)
    error.details["status_code"] = status
    asked = retry_after_of(retry_after) if retry_after else None
    if asked is not None:
        error.retry_after_seconds = asked
    retryable = problem.get("retryable")
    if error.code in _FOREIGN_CODES or not isinstance(retryable, bool):
        return error, None
    return error, retryable


def retry_after_of(value: str) -> float | None:
    """The seconds that `Retry-After` asks for (RFC 9110, section 10.2.3), 0 or more.

    A date counts from now by the wall clock. `None`: it is malformed.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:20]), _MOST_SECONDS)
    try:
        until = parsedate_to_datetime(value[:64])
        if until.tzinfo is None:  # "-0000": UTC, by a clock that nobody vouches for
            until = until.replace(tzinfo=UTC)
        seconds = until.timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), _MOST_SECONDS)


def read_model(model: Any, response: httpx.Response) -> Any:
    """The content of an answer as a model; a success envelope around it is taken off.

    Raises:
        UpstreamResponseError: It is no JSON, or not the model. Never the text of the answer.
    """
    content = response.content
    try:
        document = from_json(content)
        enveloped = (
            isinstance(document, dict)
            and document.get("success") is True
            and "data" in document
            and not _is_envelope(model)
        )
        found = _adapter(model, enveloped=enveloped).validate_json(content)
        return found["data"] if enveloped else found
    except ValidationError:
        what = "is not what was asked for"
    except ValueError:
        what = "is no JSON"
    raise unusable(what, status=response.status_code)


def is_about(error: httpx.RequestError, response: httpx.Response) -> bool:
    """Whether an error of httpx was raised by reading this answer."""
    try:
        return error.request is response.request
    except RuntimeError:  # nobody said which request it is about
        return False


def unusable(what: str, *, status: int | None = None) -> UpstreamResponseError:
    """The error of an answer that cannot be used.

    Args:
        what: The rest of the sentence "the answer of the upstream service ...".
        status: Of the answer, where it is known.
    """
    return UpstreamResponseError(
        message=f"the answer of the upstream service {what}",
        details={} if status is None else {"status_code": status},
    )


def _is_envelope(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, HttpSuccessEnvelope)


def _adapter(model: Any, *, enveloped: bool) -> TypeAdapter[Any]:
    try:
        hash(model)
    except TypeError:
        return _made_adapter(model, enveloped=enveloped)
    return _held_adapter(model, enveloped=enveloped)


def _made_adapter(model: Any, *, enveloped: bool) -> TypeAdapter[Any]:
    # no parameter of a generic model: that has to be hashable
    return TypeAdapter(_TYPED_DICT("Envelope", {"data": model}) if enveloped else model)


_held_adapter = lru_cache(maxsize=_MOST_MODELS)(_made_adapter)
