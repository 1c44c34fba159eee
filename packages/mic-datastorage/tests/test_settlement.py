"""The outcome of a step that must not be abandoned."""

import asyncio

import pytest

from mic.datastorage import CommitUnknownError
from mic.datastorage._settlement import Settlement


def test_success() -> None:
    settlement = Settlement()
    assert (settlement.succeeded, settlement.unknown) == (True, False)
    settlement.raise_cancellation()
    settlement.raise_outcome()


@pytest.mark.parametrize(
    ("settlement", "unknown"),
    [
        (Settlement(error=LookupError("x")), False),
        (Settlement(error=CommitUnknownError()), True),
        (Settlement(error=KeyboardInterrupt()), True),
        (Settlement(pending=True), True),
    ],
)
def test_failure(settlement: Settlement, unknown: bool) -> None:
    assert (settlement.succeeded, settlement.unknown) == (False, unknown)


def test_what_is_raised() -> None:
    with pytest.raises(LookupError, match="of the step"):
        Settlement(error=LookupError("of the step")).raise_outcome()
    with pytest.raises(CommitUnknownError, match="not known"):
        Settlement(pending=True).raise_outcome()
    cancelled = asyncio.CancelledError("stop")
    for settlement in (
        Settlement(cancelled=cancelled),
        Settlement(cancelled=cancelled, error=LookupError("of the step")),
        Settlement(cancelled=cancelled, pending=True),
    ):
        with pytest.raises(asyncio.CancelledError, match="stop"):
            settlement.raise_outcome()
