import asyncio
import time

import pytest

from mic.http._deadline import deadline_of, within
from mic.model import DeadlineExceededError


@pytest.mark.parametrize(
    ("patience", "timeout", "seconds"),
    [
        (None, None, None),
        (None, 5.0, 5.0),
        (b"2000", None, 2.0),
        (b"2000", 5.0, 2.0),
        (b"9000", 5.0, 5.0),
        (b"", 5.0, 5.0),
        (b"-1", 5.0, 5.0),
        (b"1.5", 5.0, 5.0),
        (b"2000, 1", 5.0, 5.0),
        (b"1" * 11, 5.0, 5.0),
        (b"0", 5.0, 0.0),
    ],
)
def test_the_sooner_limit_counts_and_what_is_no_number_does_not(
    patience: bytes | None, timeout: float | None, seconds: float | None
) -> None:
    before = time.monotonic()
    deadline = deadline_of(patience, timeout)
    if seconds is None:
        assert deadline is None
    else:
        assert deadline is not None
        assert before + seconds <= deadline <= time.monotonic() + seconds


async def test_work_gives_its_result_within_the_deadline() -> None:
    async def work(one: int, *, two: int) -> int:
        return one + two

    assert await within(time.monotonic() + 60, work, 1, two=2) == 3


async def test_work_whose_time_is_up_is_not_begun() -> None:
    begun: list[bool] = []

    async def work() -> None:
        begun.append(True)

    with pytest.raises(DeadlineExceededError, match="the deadline of the request has passed"):
        await within(time.monotonic(), work)
    assert begun == []


async def test_work_that_takes_longer_is_cancelled() -> None:
    cancelled: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(DeadlineExceededError, match="the deadline of the request has passed"):
        await within(time.monotonic() + 0.01, work)
    assert cancelled == [True]


async def test_a_timeout_of_the_work_itself_stays_what_it_is() -> None:
    async def work() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await within(time.monotonic() + 60, work)
