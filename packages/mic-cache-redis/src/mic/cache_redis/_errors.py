"""What redis-py raises, as errors of a cache: no I/O."""

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    InvalidResponse,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from mic.cache import CacheError, CacheUnavailableError

__all__ = ["DRIVER_ERRORS", "cache_error", "is_worth_repeating"]

DRIVER_ERRORS = (RedisError, OSError)
"""Whatever a call of redis-py may raise for reasons outside of this process."""

_UNAVAILABLE = (
    InvalidResponse,
    OSError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisConnectionError,
    RedisTimeoutError,
)
_NOT_READY = (
    "BUSY ",
    "CLUSTERDOWN ",
    "LOADING ",
    "MASTERDOWN ",
    "MISCONF ",
    "NOREPLICAS ",
    "OOM ",
    "READONLY ",
    "TRYAGAIN ",
)
"""How the answers of a server begin that cannot serve at the moment. redis-py has classes for some
of them, depending on its version."""

_USELESS_TO_REPEAT = (AuthenticationError, AuthorizationError, BusyLoadingError, TimeoutError)


def cache_error(error: BaseException) -> CacheError:
    """The error to raise from one of redis-py's; it shows none of its text."""
    if isinstance(error, _UNAVAILABLE) or str(error).startswith(_NOT_READY):
        return CacheUnavailableError("the cache server is unavailable")
    return CacheError("the cache server refused the command")


def is_worth_repeating(error: BaseException) -> bool:
    """Whether the same command may succeed at once, on a new connection."""
    return isinstance(error, RedisConnectionError | OSError) and not isinstance(
        error, _USELESS_TO_REPEAT
    )
