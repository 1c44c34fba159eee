"""When a call is repeated: `HttpRetryPolicy`, the budget, and the decision itself."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from mic.client.protocols import RetryBudget

__all__ = ["HttpRetryPolicy"]

_MOST_ATTEMPTS = 10
_OWNER = "HttpRetryPolicy"


@dataclass(frozen=True, slots=True)
class HttpRetryPolicy:
    """How often, how soon and after what a call is repeated.

    Guarantees: only a call that may be repeated is: GET, HEAD, OPTIONS, or one with an idempotency
    key, whose body is at hand. Repeated are transport failures, these statuses, and what the other
    service calls retryable; never what it calls not retryable.

    Attributes:
        max_attempts: The first included, 1 to 10.
        base_delay_seconds: The delay before attempt n + 1 is
            `random() * min(max_delay_seconds, base_delay_seconds * 2 ** (n - 1))`, and at least
            what `Retry-After` says. Finite, not negative.
        max_delay_seconds: The longest delay of ours. Finite, not negative.
        statuses: Each 400 to 599.
        max_retry_after_seconds: Whoever asks for more patience gets none. Not negative.
        budget: Shared between clients where it is given. `None`: each client has its own, which
            starts with 10 tokens, gets a tenth of one for each call, holds at most 100, and pays
            one for each retry; so that a service that is down sees little more than the calls.

    Raises:
        ValueError: A value is out of its range.
    """

    max_attempts: int = 3
    base_delay_seconds: float = 0.1
    max_delay_seconds: float = 5.0
    statuses: frozenset[int] = frozenset({408, 425, 429, 502, 503, 504})
    max_retry_after_seconds: float = 30.0
    budget: RetryBudget | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.max_attempts <= _MOST_ATTEMPTS:
            raise ValueError(f"{_OWNER}: max_attempts must be from 1 to {_MOST_ATTEMPTS}")
        for name in ("base_delay_seconds", "max_delay_seconds"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{_OWNER}: {name} must be finite and not negative")
        if not self.max_retry_after_seconds >= 0:
            raise ValueError(f"{_OWNER}: max_retry_after_seconds must not be negative")
        if not all(400 <= status <= 599 for status in self.statuses):
            raise ValueError(f"{_OWNER}: statuses must be from 400 to 599")
        object.__setattr__(self, "statuses", frozenset(self.statuses))


class TokenBudget:
    """The budget of a client that was given none; thread-safe.

    It counts in tenths of a token, so that a thousand calls add up to exactly a hundred.
    """

    __slots__ = ("_lock", "_tenths")

    _START, _MOST, _PRICE = 100, 1_000, 10

    def __init__(self) -> None:
        self._tenths = self._START
        self._lock = threading.Lock()

    def deposit(self) -> None:
        """A call begins."""
        with self._lock:
            self._tenths = min(self._MOST, self._tenths + 1)

    def withdraw(self) -> bool:
        """Pay for a retry, where that is possible."""
        with self._lock:
            if self._tenths < self._PRICE:
                return False
            self._tenths -= self._PRICE
            return True


@dataclass(frozen=True, slots=True)
class Retrying:
    """A policy with its budget and its chance."""

    policy: HttpRetryPolicy
    budget: RetryBudget
    random_fn: Callable[[], float]

    def delay_after(
        self, attempts: int, *, left: float, retry_after: float | None = None
    ) -> float | None:
        """The seconds before the next attempt, which is then paid for; `None`: no more.

        Args:
            attempts: How many were made.
            left: The seconds that the call has.
            retry_after: The seconds that the other service asks for.
        """
        policy = self.policy
        if attempts >= policy.max_attempts:
            return None
        longest: float = min(
            policy.max_delay_seconds, policy.base_delay_seconds * 2 ** (attempts - 1)
        )
        delay = self.random_fn() * longest
        if retry_after is not None:
            if retry_after > policy.max_retry_after_seconds:
                return None
            delay = max(delay, retry_after)
        if delay >= left or not self.budget.withdraw():
            return None
        return delay
