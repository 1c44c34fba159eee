"""Turns errors into RFC 9457 problem answers: the one place where an error gets its bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mic.http._fields import encode_headers
from mic.http._validation import InvalidRequestError
from mic.http._wire import Answer
from mic.model import ConfigurationError, DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mic.http.context import RequestState

PROBLEM_TYPE = b"application/problem+json"
INTERNAL_ERROR = "internal_error"
INTERNAL_MESSAGE = "Internal server error"
DEFAULT_TYPE_BASE = "urn:mic:error:"


def internal_error() -> DomainError:
    """What a client sees of any error that is not meant for it."""
    return DomainError(code=INTERNAL_ERROR, message=INTERNAL_MESSAGE, http_status_code=500)


def problem_answer(
    error: DomainError,
    *,
    state: RequestState | None = None,
    type_base: str = DEFAULT_TYPE_BASE,
    challenge: str = "Bearer",
    cookies: Iterable[str] = (),
) -> Answer:
    """Render a domain error (`spec` of the wire: members in a fixed order, `Retry-After`,
    `WWW-Authenticate` on every 401).

    Args:
        error: The error. The text of a `ConfigurationError` never leaves: it is answered as
            `internal_error`.
        state: The request's state, for the request id.
        type_base: Prefix of the `type` member.
        challenge: `WWW-Authenticate` of a 401 whose error brings none.
        cookies: Values of `Set-Cookie` lines.
    """
    if isinstance(error, ConfigurationError):
        error = internal_error()
    correlation = None if state is None else state.correlation
    instance = None if correlation is None else f"urn:mic:request:{correlation.request_id}"
    problem = error.to_problem(instance=instance, type_base=type_base)
    if isinstance(error, InvalidRequestError):
        problem["errors"] = error.problems
    body = json.dumps(problem, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "replace"
    )
    headers = [
        (b"content-type", PROBLEM_TYPE),
        (b"content-length", b"%d" % len(body)),
        *encode_headers(error.headers.items()),
    ]
    given = {name for name, _ in headers}
    retry_after = problem.get("retry_after_seconds")
    if retry_after is not None and b"retry-after" not in given:
        headers.append((b"retry-after", b"%d" % retry_after))
    if error.http_status_code == 401 and b"www-authenticate" not in given:
        headers.append((b"www-authenticate", challenge.encode("latin-1")))
    headers.extend((b"set-cookie", line.encode("latin-1")) for line in cookies)
    return Answer(error.http_status_code, headers, body)
