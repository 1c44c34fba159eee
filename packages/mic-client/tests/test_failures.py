from __future__ import annotations

import ssl

import httpx
import pytest

from mic.client._failures import AttemptTimeoutError, Failure, failure_of
from mic.model import DomainError, ForbiddenError, TransientError


def failure(raised: Exception, *, phase: str | None = None, total: bool = False) -> Failure:
    return failure_of(raised, method="GET", url="http://a/b", phase=phase, total=total)


@pytest.mark.parametrize(
    ("raised", "phase", "total", "expected"),
    [
        (AttemptTimeoutError(), None, False, "total"),
        (AttemptTimeoutError(), "connect", False, "connect"),
        (AttemptTimeoutError(), "connect", True, "total"),
        (httpx.ReadTimeout("x"), "write", False, "read"),
        (httpx.ReadTimeout("x"), "read", True, "total"),
        (httpx.TimeoutException("x"), "write", False, "write"),
        (TimeoutError(), None, False, "total"),
    ],
)
def test_the_phase_of_a_timeout(
    raised: Exception, phase: str | None, total: bool, expected: str
) -> None:
    found = failure(raised, phase=phase, total=total)
    assert found.error.code == "transient.upstream_timeout"
    assert found.error.details == {"method": "GET", "url": "http://a/b", "phase": expected}
    assert (found.outcome, found.is_upstream) == ("timeout", True)


@pytest.mark.parametrize(
    ("raised", "phase"), [(AttemptTimeoutError(), "pool"), (httpx.PoolTimeout("x"), None)]
)
def test_no_connection_is_free(raised: Exception, phase: str | None) -> None:
    found = failure(raised, phase=phase, total=True)
    assert found.error.code == "transient.client_saturated"
    assert (found.outcome, found.is_upstream) == ("saturated", True)


def test_an_error_of_ours_stays() -> None:
    ours = ForbiddenError(message="x")
    assert failure(ours) == Failure(ours, "invalid", is_upstream=False)
    assert ours.__cause__ is None


@pytest.mark.parametrize("raised", [ssl.SSLError("x"), OSError("x"), httpx.ConnectError("x")])
def test_the_cause_is_kept_where_it_quotes_nothing(raised: Exception) -> None:
    found = failure(raised)
    assert type(found.error) is TransientError
    assert found.error.__cause__ is raised
    assert (found.outcome, found.is_upstream) == ("network", True)


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (httpx.RemoteProtocolError("secret"), "network"),
        (httpx.LocalProtocolError("secret"), "refused"),
        (httpx.UnsupportedProtocol("secret"), "refused"),
        (httpx.DecodingError("secret"), "invalid"),
        (httpx.InvalidURL("secret"), "invalid"),
        (UnicodeEncodeError("ascii", "secret", 0, 1, "x"), "network"),
    ],
)
def test_and_not_where_it_quotes(raised: Exception, outcome: str) -> None:
    found = failure(raised)
    assert found.outcome == outcome
    assert isinstance(found.error, DomainError)
    assert (found.error.__cause__, found.error.__context__) == (None, None)
