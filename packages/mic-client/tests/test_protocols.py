"""What fits the protocols, as type checkers see it and as it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mic.client import AsyncBreaker, Breaker, ClientObserver, RetryBudget, TokenSigner
from mic.client.retry import TokenBudget
from mic.testing import FakeSigner

T = TypeVar("T")


class BothBreakers:
    def call(self, fn: Callable[[], T], /) -> T:
        return fn()

    async def async_call(self, coro_fn: Callable[[], Awaitable[T]], /) -> T:
        return await coro_fn()


class Counting:
    def __init__(self) -> None:
        self.count = 0

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
        self.count += attempt


async def test_what_fits() -> None:
    signer: TokenSigner = FakeSigner()
    assert signer.sign(audience="stock").startswith("fake-token.stock")
    budget: RetryBudget = TokenBudget()
    budget.deposit()
    assert budget.withdraw()
    breaker: Breaker = BothBreakers()
    assert breaker.call(lambda: 1) == 1
    asynchronous: AsyncBreaker = BothBreakers()

    async def one() -> int:
        return 1

    assert await asynchronous.async_call(one) == 1
    observer: ClientObserver = Counting()
    observer.attempt(
        method="GET", origin="o", attempt=1, status=None, outcome="ok", duration_seconds=0.0
    )
