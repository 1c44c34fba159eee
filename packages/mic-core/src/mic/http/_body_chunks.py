"""Reads the bytes of a request body within a limit."""

from collections.abc import AsyncGenerator

from mic.http._disconnect import ClientDisconnectedError
from mic.http._types import Receive, Scope
from mic.http._wire import pick_headers
from mic.model import DomainError, PayloadTooLargeError

_LENGTH = frozenset({b"content-length"})
_MAX_DIGITS = 18


async def body_chunks(scope: Scope, receive: Receive, *, limit: int) -> AsyncGenerator[bytes, None]:
    """Give the body as it arrives, without empty chunks.

    Args:
        scope: The request.
        receive: Where its body comes from.
        limit: Bytes that are accepted.

    Raises:
        PayloadTooLargeError: More is declared (nothing was read then) or was sent than `limit`.
        DomainError: 400 `http.malformed_request`: `Content-Length` is no number.
        ClientDisconnectedError: The client left.
    """
    check_declared_length(scope, limit=limit)
    total = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnectedError
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        total += len(chunk)
        if total > limit:
            raise payload_too_large(scope)
        if chunk:
            yield chunk


def check_declared_length(scope: Scope, *, limit: int) -> None:
    """Check what `Content-Length` says, if anything.

    Raises:
        PayloadTooLargeError: It is above `limit`.
        DomainError: 400 `http.malformed_request`: it is no number.
    """
    declared = pick_headers(scope["headers"], _LENGTH).get(b"content-length")
    if declared is not None:
        check_length(declared, scope, limit=limit)


def check_length(declared: bytes, scope: Scope, *, limit: int) -> None:
    """Check the value of `Content-Length` (RFC 9110, section 8.6).

    Raises:
        PayloadTooLargeError: It is above `limit`.
        DomainError: 400 `http.malformed_request`: it is no number.
    """
    if not declared.isdigit():
        raise DomainError(code="http.malformed_request", message="Content-Length is not a number")
    # compared by length first: converting a number of a million digits takes long
    if len(declared) > _MAX_DIGITS:
        declared = declared.lstrip(b"0")
    if len(declared) > _MAX_DIGITS or int(declared or b"0") > limit:
        raise payload_too_large(scope)


def payload_too_large(scope: Scope) -> PayloadTooLargeError:
    """The error behind every 413; on HTTP/1 it closes the connection.

    What the client still sends would otherwise have to be read to reach its next request.
    """
    return PayloadTooLargeError(
        code="http.payload_too_large",
        message="the request body is larger than what is accepted",
        headers={"Connection": "close"} if scope.get("http_version", "1.1") < "2" else None,
    )
