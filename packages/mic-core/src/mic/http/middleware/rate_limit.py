"""The small rate limit, by client address. The distribution mic-ratelimit has the full one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol

from mic.http._calls import Call
from mic.http._request import route_path
from mic.http._types import ASGIApp, Receive, Scope, Send
from mic.http.client_address import PRIVATE_NETWORKS, TrustedProxies, forwarded_hops
from mic.http.middleware._refusals import LOGGER, exact_paths, refuse
from mic.http.options import DEFAULT_OPTIONS
from mic.model import RateLimitedError, TransientError

_NOBODY = "unknown"


class RequestLimiter(Protocol):
    """Counts requests; the limiters of `mic.ratelimit` fit, synchronous and asynchronous ones.

    A synchronous one runs in a worker thread, unless its attribute `nonblocking` is True.
    """

    def try_consume(self, identity: str, /) -> Any:
        """Count one request of `identity`; give an object with `allowed` and
        `retry_after_seconds`, or a coroutine of one.
        """
        ...


class RateLimitMiddleware:
    """ASGI middleware that answers 429 when a client sends too much.

    Guarantees: a client can not choose its identity. It is the peer's address, or, when the peer is
    a trusted proxy, the hop that many places from the right of `X-Forwarded-For` which the
    outermost of the `trusted_proxy_count` proxies wrote; when there are fewer hops, or that hop is
    no address, the peer's. When the limiter can not tell (`TransientError`) the request passes;
    that is logged at most once a minute. WebSockets are not counted.

    Args:
        app: The app behind it.
        limiter: Counts.
        public_paths: Exact paths (decoded, less the mount point) that are not counted.
        trusted_proxy_count: How many proxies of your own stand in front; 0: the peer counts.
        trusted_proxies: Networks of the proxies, or `unix`.

    Raises:
        ValueError: `trusted_proxy_count` is below 0, or a network is none.
        TypeError: `public_paths` or `trusted_proxies` is one text.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limiter: RequestLimiter,
        public_paths: frozenset[str],
        trusted_proxy_count: int = 1,
        trusted_proxies: tuple[str, ...] = PRIVATE_NETWORKS,
    ) -> None:
        if trusted_proxy_count < 0:
            msg = "trusted_proxy_count must be at least 0"
            raise ValueError(msg)
        self._app = app
        inline = getattr(limiter, "nonblocking", False) is True
        self._consume = Call(limiter.try_consume, inline=inline)
        self._public_paths = exact_paths("public_paths", public_paths)
        self._hop = trusted_proxy_count
        self._proxies = TrustedProxies(trusted_proxies)
        self._may_log = Once(60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or answer 429."""
        if scope["type"] == "http" and route_path(scope) not in self._public_paths:
            refusal = await self._count(self._identity(scope))
            if refusal is not None:
                await refuse(scope, receive, send, refusal)
                return
        await self._app(scope, receive, send)

    async def _count(self, identity: str) -> RateLimitedError | None:
        try:
            decision = await self._consume(DEFAULT_OPTIONS.workers, identity)
        except TransientError:
            if self._may_log():
                LOGGER.exception("the rate limiter can not tell; requests pass")
            return None
        if decision.allowed:
            return None
        return RateLimitedError(
            code="rate_limit_exceeded",
            message="request rate exceeded",
            retry_after_seconds=_seconds(getattr(decision, "retry_after_seconds", None)),
        )

    def _identity(self, scope: Scope) -> str:
        client = scope.get("client")
        peer: str | None = client[0] if client else None
        if self._hop and peer in self._proxies:
            hops = forwarded_hops(scope["headers"], "x-forwarded-for")
            hop = next(islice(hops, self._hop - 1, None), None)
            if hop is not None:
                return hop
        return peer or _NOBODY


class Once:
    """Says yes at most once in a period."""

    __slots__ = ("_next", "_period", "_time_fn")

    def __init__(
        self, period_seconds: float, *, time_fn: Callable[[], float] = time.monotonic
    ) -> None:
        self._period = period_seconds
        self._time_fn = time_fn
        self._next = -math.inf

    def __call__(self) -> bool:
        """Whether a period has passed since the last yes."""
        now = self._time_fn()
        if now < self._next:
            return False
        self._next = now + self._period
        return True


def _seconds(value: Any) -> float | None:
    usable = isinstance(value, int | float) and 0 <= value < math.inf
    return float(value) if usable else None
