"""What a client takes from others: small protocols, so that it needs no distribution for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Protocol, TypeVar

__all__ = [
    "AsyncBreaker",
    "Breaker",
    "ClientObserver",
    "Propagator",
    "RetryBudget",
    "TokenSigner",
]

T = TypeVar("T")

Propagator = Callable[[MutableMapping[str, str]], None]
"""Writes headers, such as `traceparent`, into the mapping that it is given. It never waits."""


class TokenSigner(Protocol):
    """Makes the token that says who calls. It never waits, and may be used from any thread.

    Where the object has `token(*, audience, subject, scopes)`, that is called instead: it may give
    a token again. `mic.auth.ServiceAuthSigner` fits.
    """

    def sign(self, *, audience: str, subject: str | None = None) -> str:
        """Make a token; with scopes, and without `token`, it is called with `scopes=` too."""
        ...


class Breaker(Protocol):
    """Decides whether a call may be made, and learns how it ended; may be used from any thread.

    What is raised inside is a failure of the other service (a 5xx, or none reached us) and nothing
    else; whatever the breaker itself raises reaches the caller unchanged and is not repeated.
    """

    def call(self, fn: Callable[[], T], /) -> T:
        """Call `fn`, or raise instead."""
        ...


class AsyncBreaker(Protocol):
    """`Breaker`, for coroutines."""

    async def async_call(self, coro_fn: Callable[[], Awaitable[T]], /) -> T:
        """Await `coro_fn()`, or raise instead."""
        ...


class RetryBudget(Protocol):
    """Keeps retries a share of calls; may be used from any thread, and never waits."""

    def deposit(self) -> None:
        """A call begins."""
        ...

    def withdraw(self) -> bool:
        """Whether one more attempt may be made; it then has been paid for."""
        ...


class ClientObserver(Protocol):
    """Is told of every attempt that was sent; what it raises is logged and dropped."""

    def attempt(
        self,
        *,
        method: str,
        origin: str,
        attempt: int,
        status: int | None,
        outcome: str,
        duration_seconds: float,
    ) -> None:
        """An attempt has ended.

        Args:
            method: In upper case.
            origin: Scheme, host and port; never a path, which would be a label without bounds.
            attempt: Which one of its call, from 1.
            status: Of the answer, `None` where there was none.
            outcome: `ok`, `client_error`, `server_error`, `invalid` (an answer nobody can read, or
                a redirect that is not followed), `timeout`, `saturated`, `network`, `refused` (by
                ourselves, before it was sent), `cancelled`.
            duration_seconds: On the clock of the client.
        """
        ...
