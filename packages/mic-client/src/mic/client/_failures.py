"""From what a transport raises to an error of `mic.model`."""

from __future__ import annotations

from typing import NamedTuple

import httpx

from mic.client._answers import unusable
from mic.client._urls import invalid_request
from mic.model import DomainError, TransientError


class AttemptTimeoutError(Exception):
    """The time of an attempt is over; what it was doing has been stopped."""


class Failure(NamedTuple):
    """Why an attempt has no answer.

    Attributes:
        error: What the caller gets.
        outcome: As observers are told.
        is_upstream: Whether the other service, or the way to it, is to blame: a breaker counts it,
            and it may be tried again.
    """

    error: DomainError
    outcome: str
    is_upstream: bool


_PHASES: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "connect"),
    (httpx.ReadTimeout, "read"),
    (httpx.WriteTimeout, "write"),
    (httpx.PoolTimeout, "pool"),
)
_UNUSABLE: tuple[tuple[type[Exception], str], ...] = (
    (httpx.DecodingError, "cannot be decoded"),
    (httpx.TooManyRedirects, "redirects too often"),
    (httpx.InvalidURL, "redirects to a malformed URL"),
)
# Their texts quote what was received or sent, so they are not even the cause.
_QUOTING = (
    httpx.ProtocolError,
    httpx.DecodingError,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    UnicodeError,
)


def failure_of(
    raised: Exception, *, method: str, url: str, phase: str | None, total: bool
) -> Failure:
    """Say what an exception of a transport means.

    Args:
        raised: Whatever it raised.
        method: Of the request.
        url: Without a query.
        phase: The phase that began last, where the transport told.
        total: Whether it is the time of the whole call that is over, when it is.
    """
    failure = _failure(raised, method, url, phase, total=total)
    if failure.error is not raised and not isinstance(raised, (AttemptTimeoutError, *_QUOTING)):
        failure.error.__cause__ = raised
    return failure


def _failure(
    raised: Exception, method: str, url: str, phase: str | None, *, total: bool
) -> Failure:
    if isinstance(raised, DomainError):  # the target of a redirect is refused
        return Failure(raised, "invalid", is_upstream=False)
    if isinstance(raised, (httpx.TimeoutException, AttemptTimeoutError, TimeoutError)):
        named = next((name for kind, name in _PHASES if isinstance(raised, kind)), phase)
        if named == "pool":
            return Failure(_saturated(method, url), "saturated", is_upstream=True)
        named = "total" if total or named is None else named
        return Failure(_timeout(method, url, named), "timeout", is_upstream=True)
    if isinstance(raised, (httpx.LocalProtocolError, httpx.UnsupportedProtocol)):
        error = invalid_request("something that cannot be sent over HTTP")
        return Failure(error, "refused", is_upstream=False)
    if isinstance(raised, tuple(kind for kind, _ in _UNUSABLE)):
        what = next(what for kind, what in _UNUSABLE if isinstance(raised, kind))
        return Failure(unusable(what), "invalid", is_upstream=False)
    error = TransientError(
        code="transient.upstream_network",
        message="the upstream service could not be reached",
        details={"method": method, "url": url},
    )
    return Failure(error, "network", is_upstream=True)


def _timeout(method: str, url: str, phase: str) -> TransientError:
    return TransientError(
        code="transient.upstream_timeout",
        message="the upstream service did not answer in time",
        details={"method": method, "url": url, "phase": phase},
    )


def _saturated(method: str, url: str) -> TransientError:
    return TransientError(
        code="transient.client_saturated",
        message="all connections to the upstream service are in use",
        details={"method": method, "url": url},
    )
