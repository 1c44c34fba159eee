from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.client import HttpRetryPolicy
from mic.client.retry import Retrying, TokenBudget


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"max_attempts": 0}, "max_attempts must be from 1 to 10"),
        ({"max_attempts": 11}, "max_attempts must be from 1 to 10"),
        ({"base_delay_seconds": -1}, "base_delay_seconds must be finite"),
        ({"base_delay_seconds": float("nan")}, "base_delay_seconds must be finite"),
        ({"max_delay_seconds": float("inf")}, "max_delay_seconds must be finite"),
        ({"max_retry_after_seconds": -1}, "max_retry_after_seconds must not be negative"),
        ({"max_retry_after_seconds": float("nan")}, "max_retry_after_seconds must not be"),
        ({"statuses": frozenset({200})}, "statuses must be from 400 to 599"),
    ],
)
def test_a_policy_is_checked(wrong: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        HttpRetryPolicy(**wrong)


def test_a_policy_keeps_its_own_statuses() -> None:
    statuses: Any = {503}
    policy = HttpRetryPolicy(statuses=statuses)
    statuses.add(500)
    assert policy.statuses == frozenset({503})


def test_a_budget_starts_with_ten_and_holds_a_hundred() -> None:
    budget = TokenBudget()
    assert [budget.withdraw() for _ in range(11)] == [True] * 10 + [False]
    for _ in range(9):
        budget.deposit()
    assert not budget.withdraw()
    budget.deposit()
    assert budget.withdraw()
    for _ in range(5_000):
        budget.deposit()
    assert sum(budget.withdraw() for _ in range(200)) == 100


def test_a_budget_among_threads() -> None:
    budget = TokenBudget()
    got: list[bool] = []

    def work() -> None:
        for _ in range(1_000):
            budget.deposit()
            got.append(budget.withdraw())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 390 <= sum(got) <= 410


@given(
    attempts=st.integers(1, 10),
    chance=st.floats(0, 1),
    left=st.floats(0, 100),
    asked=st.none() | st.floats(0, 100),
    base=st.floats(0, 10),
    most=st.floats(0, 10),
)
def test_a_delay_is_within_its_bounds(
    attempts: int, chance: float, left: float, asked: float | None, base: float, most: float
) -> None:
    policy = HttpRetryPolicy(max_attempts=10, base_delay_seconds=base, max_delay_seconds=most)
    retrying = Retrying(policy, TokenBudget(), lambda: chance)
    delay = retrying.delay_after(attempts, left=left, retry_after=asked)
    if attempts >= 10 or (asked is not None and (asked > 30 or asked >= left)):
        assert delay is None
    if delay is not None:
        assert (asked or 0) <= delay < left
        assert delay <= max(asked or 0, most, 0)


def test_what_does_not_fit_is_not_paid_for() -> None:
    budget = TokenBudget()
    retrying = Retrying(HttpRetryPolicy(), budget, lambda: 1.0)
    for _ in range(100):
        assert retrying.delay_after(1, left=0.1) is None
    assert retrying.delay_after(1, left=0.2) == 0.1
