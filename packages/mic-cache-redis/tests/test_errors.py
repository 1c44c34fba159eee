"""What redis-py raises, as errors of a cache."""

import pytest
from redis import exceptions

from mic.cache import CacheError, CacheUnavailableError
from mic.cache_redis._errors import DRIVER_ERRORS, cache_error, is_worth_repeating


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectionError("canary"),
        exceptions.TimeoutError("canary"),
        exceptions.BusyLoadingError("canary"),
        exceptions.AuthenticationError("canary"),
        exceptions.ReadOnlyError("canary"),
        exceptions.OutOfMemoryError("canary"),
        exceptions.InvalidResponse("canary"),
        exceptions.ResponseError("MISCONF canary"),
        exceptions.ResponseError("BUSY canary"),
        exceptions.ResponseError("LOADING canary"),
        exceptions.MasterDownError("MASTERDOWN canary"),
        OSError("canary"),
        TimeoutError("canary"),
    ],
)
def test_a_server_that_cannot_serve_now_is_unavailable(error: Exception) -> None:
    assert isinstance(error, DRIVER_ERRORS)
    translated = cache_error(error)
    assert type(translated) is CacheUnavailableError
    assert str(translated) == "the cache server is unavailable"


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ResponseError("WRONGTYPE canary"),
        exceptions.NoPermissionError("canary"),
        exceptions.DataError("canary"),
        exceptions.ResponseError("canary MISCONF"),
    ],
)
def test_a_server_that_refuses_the_command(error: Exception) -> None:
    assert isinstance(error, DRIVER_ERRORS)
    translated = cache_error(error)
    assert type(translated) is CacheError
    assert (translated.code, translated.details) == ("cache.error", {})
    assert "canary" not in str(translated)


def test_what_is_worth_repeating() -> None:
    for lost in (exceptions.ConnectionError("m"), ConnectionResetError("m"), OSError("m")):
        assert is_worth_repeating(lost)
    for other in (
        exceptions.TimeoutError("m"),
        TimeoutError("m"),
        exceptions.BusyLoadingError("m"),
        exceptions.AuthenticationError("m"),
        exceptions.AuthorizationError("m"),
        exceptions.ReadOnlyError("m"),
        exceptions.ResponseError("m"),
    ):
        assert not is_worth_repeating(other)
