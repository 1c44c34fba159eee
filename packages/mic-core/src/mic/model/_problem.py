"""The problem document of RFC 9457, built from plain values."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from mic.model._json_safe import json_safe_object, plain_text

_PHRASES: dict[int, str] = {status.value: status.phrase for status in HTTPStatus}


def build_problem(
    *,
    code: str,
    message: str,
    status: int,
    details: Mapping[str, Any],
    retryable: bool,
    retry_after_seconds: float | None,
    instance: str | None,
    type_base: str,
) -> dict[str, Any]:
    """Give the members in the documented order, optional ones only when known."""
    code = plain_text(code)
    message = plain_text(message)
    problem: dict[str, Any] = {
        "type": type_base + quote(code, safe=""),
        "title": status_title(status),
        "status": int(status),
        "detail": message,
    }
    if instance is not None:
        problem["instance"] = plain_text(instance)
    problem["success"] = False
    problem["code"] = code
    problem["message"] = message
    problem["details"] = json_safe_object(details) if details else {}
    problem["retryable"] = bool(retryable)
    if retry_after_seconds is not None:
        problem["retry_after_seconds"] = whole_seconds(retry_after_seconds)
    return problem


def status_title(status: int) -> str:
    """Give the phrase of a status; for one that nobody has registered, the name of its class."""
    phrase = _PHRASES.get(status)
    if phrase is not None:
        return phrase
    return "Server Error" if status >= 500 else "Client Error"


def whole_seconds(seconds: float) -> int:
    """Round up to whole seconds, at least 1: a delay of `Retry-After` (RFC 9110, 10.2.3)."""
    return max(1, math.ceil(seconds))
