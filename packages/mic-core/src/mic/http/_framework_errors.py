"""What a framework's own errors become, so that its 404 reads like ours on every host (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from mic.http._problems import INTERNAL_ERROR, INTERNAL_MESSAGE
from mic.http._validation import Findings
from mic.http.params import ParameterSource
from mic.model import DomainError, error_class_for

_CODES = {
    401: "auth.missing_credentials",
    403: "auth.forbidden",
    404: "http.not_found",
    405: "http.method_not_allowed",
    412: "http.precondition_failed",
    413: "http.payload_too_large",
    415: "http.unsupported_media_type",
    416: "http.range_not_satisfiable",
    428: "http.precondition_required",
    500: INTERNAL_ERROR,
}
_SOURCES: Mapping[Any, ParameterSource] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "cookie": "cookie",
    "form": "form",
}


def framework_error(
    status: int, *, detail: object = None, headers: Mapping[str, str] | None = None
) -> DomainError:
    """The domain error that stands for an HTTP exception of a framework.

    Guarantee: of a status of 500 and above no text of the exception is kept.

    Args:
        status: Its status, 400 to 599.
        detail: What it says; a text below 500 is the message, else the phrase of the status is.
        headers: Its headers, kept.
    """
    spoken = isinstance(detail, str) and detail.strip() and status < 500
    message = str(detail) if spoken else _phrase(status)
    return error_class_for(status)(
        code=_CODES.get(status, f"http.status_{status}"),
        message=INTERNAL_MESSAGE if status == 500 else message,
        headers=headers,
        http_status_code=status,
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def framework_findings(found: Iterable[Mapping[str, Any]], *, limit: int) -> DomainError:
    """The 400 that stands for a framework's validation error.

    Args:
        found: Its errors as pydantic lists them: `type`, `loc` whose first item is the source,
            `msg`, `input`.
        limit: How many are listed.
    """
    findings = Findings(limit=limit)
    for item in found:
        source, *loc = item["loc"] or ("body",)
        findings.reported(
            _SOURCES.get(source, "body"),
            tuple(loc),
            message=item["msg"],
            kind=item["type"],
            value=item.get("input"),
        )
    return findings.error()
