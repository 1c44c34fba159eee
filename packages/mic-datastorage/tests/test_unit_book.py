"""The state of a unit of work."""

import pytest

from mic.datastorage import CommitUnknownError
from mic.datastorage._settlement import Settlement
from mic.datastorage._unit_book import UnitBook


def _entered() -> UnitBook:
    book = UnitBook()
    book.enter()
    return book


def test_it_is_entered_once_and_used_only_then() -> None:
    book = UnitBook()
    with pytest.raises(RuntimeError, match="not entered"):
        book.check_active()
    book.enter()
    book.check_active()
    book.check_usable()
    with pytest.raises(RuntimeError, match="entered once"):
        book.enter()


@pytest.mark.parametrize(
    ("commit", "state", "hooks"),
    [
        (None, "rolled_back", ["rolled back"]),
        (Settlement(), "committed", ["committed"]),
        (Settlement(error=LookupError()), "rolled_back", ["rolled back"]),
        (Settlement(error=CommitUnknownError()), "unknown", []),
        (Settlement(pending=True), "unknown", []),
    ],
)
def test_the_end(commit: Settlement | None, state: str, hooks: list[str]) -> None:
    book = _entered()
    book.after_commit.append(lambda: "committed")
    book.after_rollback.append(lambda: "rolled back")
    assert [hook() for hook in book.conclude(commit)] == hooks
    assert book.state == state
    with pytest.raises(RuntimeError, match=f"is {state}"):
        book.check_active()


def test_a_failure_concerns_its_level() -> None:
    book = _entered()
    book.open_level()
    book.open_level()
    book.fail()
    with pytest.raises(RuntimeError, match="savepoint"):
        book.check_usable()
    assert book.close_level()
    book.check_usable()
    levels = [book.close_level(), book.must_roll_back]
    book.fail()
    assert [*levels, book.must_roll_back] == [False, False, True]
    with pytest.raises(RuntimeError, match="savepoint"):
        book.check_usable()


def test_rollback_only() -> None:
    book = _entered()
    book.rollback_only = True
    assert book.must_roll_back
    book.check_usable()
