"""What a Redis cache was configured with, and how keys and lifetimes are written: no I/O."""

import inspect
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mic.cache.checks import check_key, check_keys, check_ttl
from mic.model import ConfigurationError
from mic.plugins import parse_url

__all__ = ["RedisSettings", "check_client", "milliseconds", "redis_url"]

_NAMESPACE = re.compile(r"[A-Za-z0-9_.:-]{0,128}")
_DATABASE = re.compile(r"(/[0-9]*)?")
_SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """The checked arguments of a Redis cache, but for the client; times are seconds.

    Raises:
        ValueError: A number is out of its range, or the namespace has other characters than
            letters, digits, `_`, `.`, `:` and `-`, or more than 128 of them.
    """

    namespace: str = ""
    decode_responses: bool = False
    timeout_seconds: float = 1.0
    connect_timeout_seconds: float = 1.0
    max_connections: int = 50
    health_check_interval_seconds: int = 30
    retries: int = 1
    prefix: bytes = field(init=False)
    """What every key begins with."""

    def __post_init__(self) -> None:
        if not _NAMESPACE.fullmatch(self.namespace):
            raise ValueError("namespace must be up to 128 letters, digits or _.:-")
        for name in ("timeout_seconds", "connect_timeout_seconds"):
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds > 0):
                raise ValueError(f"{name} must be finite and above 0")
        for name, least in (
            ("max_connections", 1),
            ("health_check_interval_seconds", 0),
            ("retries", 0),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}")
        prefix = f"{self.namespace}:".encode() if self.namespace else b""
        object.__setattr__(self, "prefix", prefix)

    def key(self, key: str) -> bytes:
        """A key as the server has it: `namespace:key`, or the key alone.

        Raises:
            TypeError: It is not a string.
            ValueError: It is no key, as `mic.cache.checks.check_key` says.
        """
        return self.prefix + check_key(key)

    def keys(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Several keys, each once, with what they are on the server; raises as `key` does."""
        prefix = self.prefix
        return {key: prefix + encoded for key, encoded in check_keys(keys).items()}


def milliseconds(ttl_seconds: float) -> int:
    """A lifetime in whole milliseconds: never longer, but at least 1.

    Raises:
        InvalidTtlError: It is no lifetime.
    """
    # The little that is added takes back what binary fractions lose: 0.029 s are 29 ms.
    return max(1, int(check_ttl(ttl_seconds) * 1000 + 1e-6))


def redis_url(url: str) -> str:
    """A URL as redis-py reads it.

    Args:
        url: With the scheme `redis`, `rediss`, `valkey`, `valkeys` or `unix`.

    Raises:
        ConfigurationError: Another scheme, a database that is no number, or no URL at all.
    """
    parsed = parse_url(url)
    scheme = _SCHEMES.get(parsed.scheme)
    if scheme is None:
        raise ConfigurationError(
            code="config.unknown_scheme",
            message=f"{parsed}: a Redis URL begins with one of {', '.join(sorted(_SCHEMES))}",
        )
    if scheme != "unix" and not _DATABASE.fullmatch(parsed.path):
        raise ConfigurationError(
            code="config.invalid_url", message=f"{parsed}: the database must be a number"
        )
    return f"{scheme}://{url.partition('://')[2]}"


def check_client(client: Any, *, awaits: bool) -> None:
    """Refuse what is no client, or one of the other kind, whose first call would fail strangely.

    Raises:
        TypeError: `client` has no such commands, is asynchronous and should not be, or the other
            way round.
    """
    method = getattr(client, "execute_command", None)
    if not callable(method) or inspect.iscoroutinefunction(method) is not awaits:
        kind = "an asynchronous" if awaits else "a synchronous"
        raise TypeError(f"client must be {kind} client of redis-py")
