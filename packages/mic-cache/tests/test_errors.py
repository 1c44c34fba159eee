"""The errors of caches, as those who handle them see them."""

import pickle

import pytest

from mic.cache import CacheError, CacheUnavailableError, InvalidTtlError
from mic.model import DomainError, TransientError


@pytest.mark.parametrize(
    ("error", "code", "status", "retryable"),
    [
        (CacheError("m"), "cache.error", 500, False),
        (CacheError("m", code="cache.too_large"), "cache.too_large", 500, False),
        (CacheUnavailableError("m"), "transient.cache_unavailable", 503, True),
        (InvalidTtlError("m"), "cache.invalid_ttl", 500, False),
    ],
)
def test_codes_and_statuses(error: CacheError, code: str, status: int, retryable: bool) -> None:
    assert (error.code, error.http_status_code, error.retryable) == (code, status, retryable)
    assert isinstance(error, CacheError)
    assert isinstance(error, DomainError)
    assert error.message == str(error) == "m"


def test_what_else_they_are() -> None:
    assert issubclass(CacheUnavailableError, TransientError)
    assert issubclass(InvalidTtlError, ValueError)


def test_the_published_arguments_and_those_of_every_error() -> None:
    error = CacheError("m", code="c.d", details={"a": 1}, retry_after_seconds=2)
    assert (error.code, error.details, error.retry_after_seconds) == ("c.d", {"a": 1}, 2)
    assert CacheError(message="m").message == "m"


@pytest.mark.parametrize("kind", [CacheError, CacheUnavailableError, InvalidTtlError])
def test_they_can_be_pickled(kind: type[CacheError]) -> None:
    error = pickle.loads(pickle.dumps(kind("m", details={"a": 1})))
    assert type(error) is kind
    assert (error.message, error.details) == ("m", {"a": 1})
