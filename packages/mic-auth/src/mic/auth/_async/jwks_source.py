"""The keys of another service, fetched over HTTPS: `AsyncJwksSource`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import httpx

from mic.auth._clients_async import open_client
from mic.auth._flight_async import AsyncFlight
from mic.auth._jwks import KeySet, Limits, read_document
from mic.auth._jwks_url import checked_url
from mic.auth._material import asymmetric
from mic.auth.errors import jwks_unavailable
from mic.auth.keys import Algorithm, ServiceKey

__all__ = ["AsyncJwksSource"]

_log = logging.getLogger("mic.auth.jwks")


class AsyncJwksSource:
    """Fetches the key set of an issuer (RFC 7517) when it is needed, and keeps it.

    Guarantees: one fetch at a time, whoever asks. A set younger than `refresh_seconds` is served as
    it is; an older one is served while it is fetched anew, so an outage of up to `stale_seconds`
    is not noticed; after that there are no keys but by a fetch. Unknown names cause at most one
    fetch in `cooldown_seconds`. A document that is not acceptable changes nothing. Only https, only
    status 200, no redirects, no content coding, and never more than `max_bytes` in memory. Nothing
    is fetched before a key is asked for.

    Args:
        url: Where the key set is. It holds no user name and no password.
        algorithms: Of which keys are accepted: EdDSA, ES256.
        refresh_seconds: From which age on the set is fetched anew, above 0.
        stale_seconds: How much longer the set is believed when that fails.
        cooldown_seconds: The least time between two fetches for unknown names, and between two
            tries to fetch a set that is still believed.
        timeout_seconds: For connecting, for every read, and for the whole document.
        max_keys: A set with more is refused.
        max_bytes: A document with more is refused.
        allow_insecure_url: Also take http, for tests.
        client: A client to use; it is not closed here.
        time_fn: Monotonic seconds.

    Raises:
        ImportError: `mic-auth[oidc]` is not installed.
        ValueError: The URL is not acceptable, or a value is out of its range.
    """

    __slots__ = (
        "_client",
        "_closed",
        "_flight",
        "_limits",
        "_owns_client",
        "_set",
        "_time_fn",
        "_url",
    )

    performs_io = True

    def __init__(
        self,
        url: str,
        *,
        algorithms: Sequence[Algorithm] = ("EdDSA", "ES256"),
        refresh_seconds: float = 300.0,
        stale_seconds: float = 86_400.0,
        cooldown_seconds: float = 30.0,
        timeout_seconds: float = 5.0,
        max_keys: int = 64,
        max_bytes: int = 262_144,
        allow_insecure_url: bool = False,
        client: httpx.AsyncClient | None = None,
        time_fn: Callable[[], float] = time.monotonic,
    ) -> None:
        owner = type(self).__name__
        asymmetric(owner)
        self._url = checked_url(url, f"{owner}: url", allow_insecure=allow_insecure_url)
        self._limits = Limits(
            owner=owner,
            algorithms=algorithms,
            refresh_seconds=refresh_seconds,
            stale_seconds=stale_seconds,
            cooldown_seconds=cooldown_seconds,
            timeout_seconds=timeout_seconds,
            max_keys=max_keys,
            max_bytes=max_bytes,
        )
        self._time_fn = time_fn
        self._set = KeySet(self._limits, time_fn)
        self._owns_client = client is None
        self._client = client
        self._closed = False
        # A bit more than the deadline that the fetch itself keeps.
        self._flight = AsyncFlight(self._fetch, limit_seconds=2 * timeout_seconds + 1)

    @property
    def version(self) -> int:
        """Changes whenever a key is added, replaced or removed, and while a fetch is due."""
        return self._set.version

    async def candidates(self, kid: str | None) -> tuple[ServiceKey, ...]:
        """Give the key of that name; none for a token that names none.

        Raises:
            TransientError: There is no set that may be believed; code `transient.jwks_unavailable`.
        """
        if kid is None:
            return ()
        if self._set.is_unusable():
            await self._flight.share(self._set.is_unusable)
            if self._set.is_unusable():
                raise jwks_unavailable()
        elif self._set.is_due():
            await self._flight.kick(self._set.is_due)
        key = self._set.find(kid)
        if key is None:
            await self._flight.share(self._set.may_ask)
            key = self._set.find(kid)
        return () if key is None else (key,)

    async def refresh(self) -> None:
        """Fetch the key set now, or share the fetch under way.

        Raises:
            TransientError: There is no set that may be believed afterwards.
        """
        await self._flight.share(lambda: True)
        if self._set.is_unusable():
            raise jwks_unavailable()

    async def aclose(self) -> None:
        """Stop fetching, and close the client if it was opened here."""
        self._closed = True
        await self._flight.aclose()
        if self._owns_client and self._client is not None:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self._url.host!r})"

    async def _fetch(self) -> None:
        began = self._set.begin()
        try:
            body = await self._download(began + self._limits.timeout_seconds)
            keys = read_document(
                body, algorithms=self._limits.algorithms, max_keys=self._limits.max_keys
            )
        except Exception as error:  # whatever it was: the old set stays
            if self._set.may_report():
                # Never its text, which may quote what was sent.
                _log.warning("no key set from %s: %s", self._url.host, type(error).__name__)
            return
        self._set.store(keys, began)

    async def _download(self, deadline: float) -> bytes:
        if self._closed:
            raise RuntimeError("closed")
        if self._client is None:  # nobody else is here: there is one fetch at a time
            self._client = await open_client()
        async with self._client.stream(
            "GET",
            self._url,
            headers={
                "accept": "application/jwk-set+json, application/json",
                "accept-encoding": "identity",
            },
            timeout=self._limits.timeout_seconds,
            follow_redirects=False,
        ) as response:
            if response.status_code != 200:
                raise ValueError("not 200")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise ValueError("a content coding")  # a small one may hold a large document
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._limits.max_bytes:
                    raise ValueError("too large")
                if self._time_fn() > deadline:
                    raise TimeoutError
            return bytes(body)
