"""Exponential backoff."""

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.model import Backoff


def test_the_delay_doubles_up_to_the_maximum() -> None:
    backoff = Backoff(jitter=0)
    assert [backoff(attempt) for attempt in (1, 2, 3, 9, 10, 5000)] == [1, 2, 4, 256, 300, 300]


def test_all_parameters_count() -> None:
    backoff = Backoff(0.5, 3.0, 10.0, 0.0)
    assert [backoff(attempt) for attempt in (1, 2, 3, 4)] == [0.5, 1.5, 4.5, 10.0]


def test_jitter_takes_a_share_away() -> None:
    backoff = Backoff(initial=10, jitter=0.4)
    random.seed(7)
    share = random.Random(7).random()
    assert backoff(1) == pytest.approx(10 * (1 - 0.4 * share))


@given(attempt=st.integers(1, 10**6), jitter=st.floats(0, 1), factor=st.floats(1, 1e6))
def test_the_delay_stays_within_bounds(attempt: int, jitter: float, factor: float) -> None:
    assert 0 <= Backoff(factor=factor, jitter=jitter)(attempt) <= 300


def test_no_delay_stays_none_however_many_attempts() -> None:
    assert Backoff(initial=0, jitter=0)(1) == 0
    assert Backoff(initial=0, jitter=0)(10**6) == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"initial": -1}, "initial must be finite"),
        ({"initial": float("inf")}, "initial must be finite"),
        ({"initial": float("nan")}, "initial must be finite"),
        ({"factor": 0.9}, "factor must be finite and at least 1"),
        ({"factor": float("inf")}, "factor must be finite and at least 1"),
        ({"maximum": -1}, "maximum must be finite"),
        ({"maximum": float("inf")}, "maximum must be finite"),
        ({"jitter": -0.1}, "jitter must be between 0 and 1"),
        ({"jitter": 1.1}, "jitter must be between 0 and 1"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Backoff(**values)


def test_the_first_attempt_is_one() -> None:
    with pytest.raises(ValueError, match="attempt must be at least 1"):
        Backoff()(0)


def test_it_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="initial"):
        Backoff().initial = 2  # type: ignore[misc]  # that it cannot be set is the point
