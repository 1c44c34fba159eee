"""Tables in memory with transactions."""

from types import SimpleNamespace
from typing import Any

import pytest

from mic.datastorage import DuplicateRecordError, VersionConflictError
from mic.datastorage._memory_store import MemoryDatabase, MemoryTransaction
from mic.model import TransientError

NAME = frozenset({("name",)})


class Thing(SimpleNamespace):
    """A record: name and version."""


def _thing(name: str | None = "n", **values: Any) -> Thing:
    return Thing(name=name, **values)


def _database(*, max_records: int = 10) -> MemoryDatabase:
    database = MemoryDatabase(max_records=max_records)
    database.register(Thing, NAME)
    return database


def _put(database: MemoryDatabase, key: Any, record: Thing | None) -> None:
    transaction = MemoryTransaction(database)
    transaction.stage((Thing, key), record)
    transaction.commit()


def _names(database: MemoryDatabase) -> dict[Any, str]:
    return {key: row.record.name for key, row in database.rows(Thing).items()}


def test_it_is_bounded() -> None:
    with pytest.raises(ValueError, match="max_records"):
        MemoryDatabase(max_records=0)
    database = _database(max_records=2)
    _put(database, 1, _thing("a"))
    one, other = MemoryTransaction(database), MemoryTransaction(database)
    one.stage((Thing, 2), _thing("b"))
    other.stage((Thing, 3), _thing("c"))
    with pytest.raises(TransientError, match="full") as caught:
        one.stage((Thing, 4), _thing("d"))
    assert caught.value.code == "transient.memory_full"
    one.commit()
    with pytest.raises(TransientError, match="full"):
        other.commit()
    assert _names(database) == {1: "a", 2: "b"}
    swap = MemoryTransaction(database)
    swap.stage((Thing, 1), None)
    swap.stage((Thing, 5), _thing("e"))
    swap.commit()
    assert _names(database) == {2: "b", 5: "e"}
    assert database.count == 2


def test_a_transaction_sees_its_own_changes_and_what_is_committed() -> None:
    database = _database()
    _put(database, 1, _thing("a"))
    mine = MemoryTransaction(database)
    mine.stage((Thing, 2), _thing("b"))
    mine.stage((Thing, 1), None)
    _put(database, 3, _thing("c"))
    assert sorted(each.name for each in mine.scan(Thing)) == ["b", "c"]
    assert mine.read((Thing, 1)) is None
    assert mine.read((Thing, 3)) == _thing("c")
    assert _names(database) == {1: "a", 3: "c"}


@pytest.mark.parametrize("locked", [False, True])
def test_the_first_committer_wins(locked: bool) -> None:
    database = _database()
    _put(database, 1, _thing("a", version=1))
    mine = MemoryTransaction(database)
    if locked:
        mine.lock((Thing, 1))
        mine.lock((Thing, 1))
    mine.stage((Thing, 1), _thing("mine"))
    _put(database, 1, _thing("theirs"))
    assert mine.read((Thing, 1)) == _thing("mine")
    with pytest.raises(TransientError, match="first") as caught:
        mine.commit()
    assert (caught.value.code, caught.value.retryable) == ("transient.memory_serialization", True)
    assert _names(database) == {1: "theirs"}


def test_a_lock_alone_protects_and_writes_nothing() -> None:
    database = _database()
    _put(database, 1, _thing("a"))
    mine = MemoryTransaction(database)
    mine.lock((Thing, 1))
    mine.lock((Thing, 2))
    assert [each.name for each in mine.scan(Thing)] == ["a"]
    mine.commit()
    again = MemoryTransaction(database)
    again.lock((Thing, 1))
    again.lock((Thing, 2))
    _put(database, 2, _thing("b"))
    with pytest.raises(TransientError, match="first"):
        again.commit()
    assert _names(database) == {1: "a", 2: "b"}


@pytest.mark.parametrize("gone", [False, True])
def test_a_lost_versioned_race_is_a_version_conflict(gone: bool) -> None:
    database = _database()
    _put(database, 1, _thing("a", version=1))
    mine = MemoryTransaction(database)
    mine.stage(
        (Thing, 1),
        _thing("mine", version=2),
        expected=1,
        actual_version=lambda record: record.version,
    )
    _put(database, 1, None if gone else _thing("theirs", version=2))
    with pytest.raises(VersionConflictError, match="somebody else") as caught:
        mine.commit()
    assert caught.value.details == {"expected": 1, "actual": None if gone else 2}


def test_a_lost_insert_is_a_duplicate() -> None:
    database = _database()
    mine = MemoryTransaction(database)
    mine.stage((Thing, 1), _thing("mine"))
    _put(database, 1, _thing("theirs"))
    with pytest.raises(DuplicateRecordError, match="unique"):
        mine.commit()


def test_a_unique_value_taken_meanwhile_is_a_duplicate_and_nothing_is_written() -> None:
    database = _database()
    mine = MemoryTransaction(database)
    mine.stage((Thing, 1), _thing("other"))
    mine.stage((Thing, 2), _thing("same"))
    _put(database, 3, _thing("same"))
    with pytest.raises(DuplicateRecordError, match="unique"):
        mine.commit()
    assert _names(database) == {3: "same"}


def test_unique_values_within_one_transaction() -> None:
    database = _database()
    _put(database, 1, _thing("a"))
    mine = MemoryTransaction(database)
    with pytest.raises(DuplicateRecordError, match="unique"):
        mine.stage((Thing, 2), _thing("a"))
    mine.stage((Thing, 2), _thing("b"))
    with pytest.raises(DuplicateRecordError, match="unique"):
        mine.stage((Thing, 3), _thing("b"))
    mine.stage((Thing, 1), _thing("c"))
    mine.stage((Thing, 2), _thing("a"))
    mine.stage((Thing, 3), _thing("b"))
    mine.stage((Thing, 1), None)
    mine.stage((Thing, 4), _thing("c"))
    mine.commit()
    assert _names(database) == {2: "a", 3: "b", 4: "c"}
    late = MemoryTransaction(database)
    with pytest.raises(DuplicateRecordError, match="unique"):
        late.stage((Thing, 9), _thing("b"))


def test_two_records_swap_a_unique_value() -> None:
    database = _database()
    _put(database, 1, _thing("a"))
    _put(database, 2, _thing("b"))
    mine = MemoryTransaction(database)
    mine.stage((Thing, 1), _thing("between"))
    mine.stage((Thing, 2), _thing("a"))
    mine.stage((Thing, 1), _thing("b"))
    mine.commit()
    assert _names(database) == {1: "b", 2: "a"}
    for name in ("a", "b"):
        with pytest.raises(DuplicateRecordError, match="unique"):
            MemoryTransaction(database).stage((Thing, 3), _thing(name))


def test_two_changes_to_the_same_unique_value_by_way_of_restore() -> None:
    database = _database()
    mine = MemoryTransaction(database)
    mark = mine.savepoint()
    mine.stage((Thing, 1), _thing("a"))
    mine.restore(mark)
    mine.stage((Thing, 2), _thing("a"))
    mine.commit()
    assert _names(database) == {2: "a"}


def test_null_is_equal_to_nothing() -> None:
    database = _database()
    mine = MemoryTransaction(database)
    mine.stage((Thing, 1), _thing(None))
    mine.stage((Thing, 2), _thing(None))
    mine.stage((Thing, 1), _thing("a"))
    mine.stage((Thing, 1), _thing(None))
    mine.commit()
    _put(database, 1, _thing("b"))
    assert database.count == 2


def test_a_group_may_become_unique_later_unless_it_is_not() -> None:
    database = MemoryDatabase(max_records=10)
    for key, name in ((1, "a"), (2, "a"), (3, None)):
        _put(database, key, _thing(name))
    with pytest.raises(DuplicateRecordError, match="unique"):
        database.register(Thing, NAME)
    assert database.groups(Thing) == frozenset()
    _put(database, 2, _thing("b"))
    assert database.register(Thing, NAME) == NAME
    assert database.register(Thing, frozenset()) == NAME
    with pytest.raises(DuplicateRecordError, match="unique"):
        _put(database, 4, _thing("b"))


def test_ids_are_counted_up_and_never_given_twice() -> None:
    database = _database()
    assert [database.next_id(Thing), database.next_id(Thing)] == [1, 2]
    _put(database, 40, _thing("a"))
    _put(database, 7, _thing("b"))
    _put(database, "text", _thing("c"))
    _put(database, 40, None)
    assert database.next_id(Thing) == 41


def test_two_writes_of_one_commit_may_not_share_a_unique_value() -> None:
    database = MemoryDatabase(max_records=10)
    mine = MemoryTransaction(database)
    mine.stage((Thing, 1), _thing("a"))
    mine.stage((Thing, 2), _thing("a"))
    database.register(Thing, NAME)
    with pytest.raises(DuplicateRecordError, match="unique"):
        mine.commit()
    assert database.count == 0


def test_clear_forgets_everything() -> None:
    database = _database()
    _put(database, 1, _thing("a"))
    database.clear()
    assert (database.count, database.rows(Thing), database.row((Thing, 1))) == (0, {}, None)
    _put(database, 2, _thing("a"))
    assert database.count == 1


def test_an_empty_commit_changes_nothing() -> None:
    database = _database()
    MemoryTransaction(database).commit()
    assert database.count == 0
