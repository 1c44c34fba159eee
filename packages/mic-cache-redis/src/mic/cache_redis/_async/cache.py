"""A cache on one Redis or Valkey server."""

import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from redis.client import NEVER_DECODE
from redis.exceptions import NoScriptError

from mic.cache import AsyncCacheBackend, CacheError
from mic.cache.checks import check_amount, check_items, check_value
from mic.cache_redis._async.client import make_client
from mic.cache_redis._errors import DRIVER_ERRORS, cache_error, is_worth_repeating
from mic.cache_redis._scripts import COMPARE_AND_DELETE, COMPARE_AND_SET, INCREMENT, Script
from mic.cache_redis._settings import RedisSettings, check_client, milliseconds

__all__ = ["AsyncRedisCache"]

T = TypeVar("T")

_LOGGER = logging.getLogger("mic.cache_redis")
_RAW: Mapping[str, Any] = {NEVER_DECODE: True}
_SCAN_COUNT = 500


class AsyncRedisCache(AsyncCacheBackend):
    """Entries on one Redis (6.2 or newer) or Valkey server.

    Guarantees: every method is one round trip, but for `clear`; `set_if_absent`, the compare
    operations and `increment` are atomic on the server; lifetimes are kept by the server's clock,
    in whole milliseconds. Values are bytes also on a client that decodes. A call waits at most for
    a free connection, a connection and an answer, each with its timeout; commands that may be
    repeated without harm are, `retries` times, when a connection was lost before the timeout was
    over. The rest, `set_if_absent`, the compare operations and `increment`, is sent once.

    A key is `namespace:key` on the server. A namespace holds those that begin with it and `:`, so
    clearing `orders` clears `orders:eu` as well. Without one, `clear` empties the database.

    Args:
        url: `redis://`, `rediss://`, `valkey://`, `valkeys://` (both TLS forms with `s`) or
            `unix://`; what redis-py knows in the query is allowed.
        client: A ready client of redis-py, used instead of `url` and never closed; its own
            timeouts and retries hold.
        decode_responses: Whether the client that is opened decodes, for those who use `native`.
        namespace: Up to 128 letters, digits or `_.:-`.
        timeout_seconds: The longest wait for an answer, and for a free connection; above 0.
        connect_timeout_seconds: The longest wait for a new connection; above 0.
        max_connections: The most connections, at least 1.
        health_check_interval_seconds: A connection that was idle for longer is tried before it is
            used; 0 never.
        retries: How often what may be repeated is, 0 or more.

    Raises:
        CacheError: There is neither `url` nor `client`.
        ConfigurationError: The URL is none of Redis.
        TypeError: The client is of the other kind.
        ValueError: A number or the namespace is out of its range.
    """

    def __init__(
        self,
        *,
        url: str | None = None,
        client: Any = None,
        decode_responses: bool = False,
        namespace: str = "",
        timeout_seconds: float = 1.0,
        connect_timeout_seconds: float = 1.0,
        max_connections: int = 50,
        health_check_interval_seconds: int = 30,
        retries: int = 1,
    ) -> None:
        if client is None and not url:
            raise CacheError("give a url or a ready client")
        self._settings = RedisSettings(
            namespace=namespace,
            decode_responses=decode_responses,
            timeout_seconds=timeout_seconds,
            connect_timeout_seconds=connect_timeout_seconds,
            max_connections=max_connections,
            health_check_interval_seconds=health_check_interval_seconds,
            retries=retries,
        )
        self._owned = client is None
        self._warned = False
        self._native: Any = client
        if url and client is None:
            self._native = make_client(url, self._settings)
        check_client(self._native, awaits=True)  # unasync: drop
        # unasync: add check_client(self._native, awaits=False)

    @property
    def native(self) -> Any:
        """The client of redis-py."""
        return self._native

    async def get(self, key: str) -> bytes | None:
        """The value of a key, or `None`."""
        name = self._settings.key(key)
        value: bytes | None = await self._command("GET", name)
        return value

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        """Store a value over whatever was there."""
        name, lifetime = self._settings.key(key), milliseconds(ttl_seconds)
        await self._command("SET", name, check_value(value), "PX", lifetime)

    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        """Store a value unless there is one, in one step; whether it was stored.

        Raises:
            CacheUnavailableError: It is not known whether it was.
        """
        name, lifetime = self._settings.key(key), milliseconds(ttl_seconds)
        arguments = ("SET", name, check_value(value), "PX", lifetime, "NX")
        return await self._command(*arguments, repeatable=False) is not None

    async def delete(self, key: str) -> None:
        """Remove a value."""
        await self._command("UNLINK", self._settings.key(key))

    async def clear(self) -> None:
        """Remove everything in the namespace, 500 keys at a time; without one, the database.

        What is written meanwhile may stay.
        """
        if not self._settings.namespace:
            await self._flush()
            return
        # A namespace has no character that means something in a pattern.
        pattern = self._settings.prefix + b"*"
        cursor = 0
        while True:
            cursor, keys = await self._command(
                "SCAN", cursor, "MATCH", pattern, "COUNT", _SCAN_COUNT
            )
            if keys:
                await self._command("UNLINK", *keys)
            if not cursor:
                return

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values of several keys, of one moment; absent keys are left out."""
        names = self._settings.keys(keys)
        self._check_open()
        if not names:
            return {}
        values: Sequence[bytes | None] = await self._command("MGET", *names.values())
        pairs = zip(names, values, strict=True)
        return {key: value for key, value in pairs if value is not None}

    async def set_many(self, items: Mapping[str, bytes], *, ttl_seconds: float) -> None:
        """Store several values, in one round trip; when it raises, some may be stored."""
        lifetime = milliseconds(ttl_seconds)
        named = [(self._settings.key(key), value) for key, value in check_items(items).items()]
        self._check_open()
        if not named:
            return

        async def send() -> None:
            async with self._native.pipeline(transaction=False) as pipe:
                for name, value in named:
                    pipe.execute_command("SET", name, value, "PX", lifetime)
                answers = await pipe.execute(raise_on_error=False)
            for answer in answers:
                # Raised by redis-py it would show the command, value included.
                if isinstance(answer, Exception):
                    raise answer

        await self._attempt(send, repeatable=True)

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove several values, in one step."""
        names = self._settings.keys(keys)
        self._check_open()
        if names:
            await self._command("UNLINK", *names.values())

    async def increment(
        self, key: str, amount: int = 1, *, ttl_seconds: float, renew_ttl: bool = False
    ) -> int:
        """Add to a number, in one step, and give the sum.

        Raises:
            CacheUnavailableError: It is not known whether it was counted.
        """
        name, lifetime = self._settings.key(key), milliseconds(ttl_seconds)
        arguments = (check_amount(amount), lifetime, int(renew_ttl))
        total: bytes | None = await self._run(INCREMENT, name, *arguments)
        if total is None:
            raise CacheError("the entry is no 64-bit number", code="cache.not_a_number")
        return int(total)

    async def compare_and_set(
        self,
        key: str,
        expected: bytes,
        value: bytes,
        *,
        ttl_seconds: float,
        prefix: bool = False,
    ) -> bool:
        """Replace a value, in one step, if it is what is expected; whether it was.

        Raises:
            CacheUnavailableError: It is not known whether it was.
        """
        name, lifetime = self._settings.key(key), milliseconds(ttl_seconds)
        arguments = (check_value(expected), int(prefix), check_value(value), lifetime)
        return bool(await self._run(COMPARE_AND_SET, name, *arguments))

    async def compare_and_delete(self, key: str, expected: bytes, *, prefix: bool = False) -> bool:
        """Remove a value, in one step, if it is what is expected; whether it was.

        Raises:
            CacheUnavailableError: It is not known whether it was.
        """
        name = self._settings.key(key)
        arguments = (check_value(expected), int(prefix))
        return bool(await self._run(COMPARE_AND_DELETE, name, *arguments))

    async def aclose(self) -> None:
        """Close the client, if this cache opened it. May be repeated; never raises."""
        self._closed = True
        if self._owned:
            with contextlib.suppress(*DRIVER_ERRORS):
                await self._native.aclose()

    async def _probe(self) -> bool:
        return bool(await self._command("PING"))

    async def _flush(self) -> None:
        if not self._warned:
            self._warned = True
            _LOGGER.warning("clear() without a namespace empties the whole database")
        await self._command("FLUSHDB")

    async def _command(self, *command: Any, repeatable: bool = True) -> Any:
        async def send() -> Any:
            return await self._native.execute_command(*command, **_RAW)

        return await self._attempt(send, repeatable=repeatable)

    async def _run(self, script: Script, *arguments: Any) -> Any:
        async def send() -> Any:
            try:
                return await self._native.execute_command(
                    "EVALSHA", script.sha, 1, *arguments, **_RAW
                )
            except NoScriptError:
                # It was never loaded, or the server restarted; EVAL loads it as well.
                return await self._native.execute_command(
                    "EVAL", script.text, 1, *arguments, **_RAW
                )

        return await self._attempt(send, repeatable=False)

    async def _attempt(self, send: Callable[[], Awaitable[T]], *, repeatable: bool) -> T:
        """Send, and wrap what redis-py raises.

        Raises:
            CacheError: The server is unavailable, or refused.
            RuntimeError: The cache is closed.
        """
        left = self._settings.retries if repeatable else 0
        began = time.monotonic()
        while True:
            self._check_open()
            try:
                return await send()
            except DRIVER_ERRORS as error:
                # What took the whole timeout once would take it again.
                late = time.monotonic() - began >= self._settings.timeout_seconds
                if late or not left or not is_worth_repeating(error):
                    raise cache_error(error) from error
            left -= 1
