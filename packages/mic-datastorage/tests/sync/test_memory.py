# Generated from async/test_memory.py by "make unasync"; edit that file.
"""What only the in-memory records do; the rest is in the contract suites."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from mic.datastorage import (
    Condition,
    DuplicateRecordError,
    InMemoryRelationalDataStorage,
    InvalidCursorError,
    Op,
    Order,
    QuerySpec,
    UnknownFieldError,
    UnsupportedOperationError,
    VersionConflictError,
)
from mic.model import TransientError


@dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    id: int | None = None
    version: int | None = None


@dataclass
class Unversioned:
    id: str
    text: str = ""


class Bare:
    """A class that declares nothing."""

    def __init__(self, id: Any, **fields: Any) -> None:
        self.id = id
        vars(self).update(fields)


@pytest.fixture
def storage() -> InMemoryRelationalDataStorage:
    return InMemoryRelationalDataStorage(max_records=5)


def test_missing_ids_and_versions_are_made(
    storage: InMemoryRelationalDataStorage,
) -> None:
    records = storage.repository(Frozen)
    first = records.insert(Frozen("a"))
    second = records.insert(Frozen("b", id=7))
    third = records.upsert(Frozen("c"))
    assert [(each.id, each.version) for each in (first, second, third)] == [(1, 1), (7, 1), (8, 1)]
    updated = records.update(replace(first, name="A"))
    assert (updated.name, updated.version, first.version) == ("A", 2, 1)
    assert records.get(1) == updated


def test_a_full_store_refuses_and_evicts_nothing(
    storage: InMemoryRelationalDataStorage,
) -> None:
    records = storage.repository(Unversioned)
    records.insert_many([Unversioned(str(n)) for n in range(5)])
    with pytest.raises(TransientError, match="full") as caught:
        records.insert(Unversioned("x"))
    assert (caught.value.code, caught.value.retryable) == ("transient.memory_full", True)
    records.update(Unversioned("0", text="changed"))
    assert records.count() == 5


def test_types_without_versions(storage: InMemoryRelationalDataStorage) -> None:
    records = storage.repository(Unversioned)
    record = records.insert(Unversioned("a"))
    record.text = "changed"
    assert records.update(record) is record
    assert (records.require("a")).text == "changed"
    assert records.upsert(Unversioned("a", text="again")) == Unversioned("a", text="again")
    with pytest.raises(ValueError, match="no version field"):
        records.update(record, expected_version=1)
    with pytest.raises(ValueError, match="no version field"):
        records.delete("a", expected_version=1)


def test_types_that_declare_nothing(storage: InMemoryRelationalDataStorage) -> None:
    records = storage.repository(Bare)
    records.insert(Bare("a", version=1, text="x"))
    records.insert(Bare("b", text="y"))
    spec = QuerySpec(where=(Condition("text", Op.eq, "y"),))
    assert [record.id for record in records.find(spec)] == ["b"]
    with pytest.raises(UnknownFieldError, match="no such field"):
        records.find(QuerySpec(where=(Condition("nothing", Op.eq, "y"),)))
    with pytest.raises(VersionConflictError, match="somebody else"):
        records.delete("a", expected_version=2)
    with pytest.raises(ValueError, match="no version field"):
        records.delete("b", expected_version=1)
    assert not records.delete("c", expected_version=1)
    assert vars(records.upsert(Bare("a", version=1, text="z")))["version"] == 2


def test_null_conflicts_with_nothing(storage: InMemoryRelationalDataStorage) -> None:
    records = storage.repository(Bare, unique=[["name"]])
    records.insert(Bare("a", name=None))
    records.upsert(Bare("b", name=None), conflict_fields=["name"])
    records.upsert(Bare("c", name="n"), conflict_fields=["name"])
    same = records.upsert(Bare("d", name="n"), conflict_fields=["name"])
    assert same.id == "c"
    assert records.count() == 3


def test_only_read_committed_is_offered(
    storage: InMemoryRelationalDataStorage,
) -> None:
    with storage.unit_of_work(isolation="read_committed", timeout_seconds=1) as unit:
        assert unit.session is unit.session
    with pytest.raises(UnsupportedOperationError, match="read_committed only"):
        storage.unit_of_work(isolation="serializable")
    with pytest.raises(ValueError, match="settings"):
        storage.unit_of_work(settings={"app.tenant": "t"})


def test_options_are_checked_when_the_repository_is_made(
    storage: InMemoryRelationalDataStorage,
) -> None:
    with pytest.raises(UnknownFieldError, match="no such field"):
        storage.repository(Unversioned, id_field="key")
    with pytest.raises(UnknownFieldError, match="no such field"):
        storage.repository(Unversioned, unique=[["name"]])


def test_a_unit_of_a_disposed_storage_cannot_go_on(
    storage: InMemoryRelationalDataStorage,
) -> None:
    def work() -> None:
        with storage.unit_of_work() as unit:
            records = unit.repository(Unversioned)
            records.insert(Unversioned("a"))
            storage.dispose()
            with pytest.raises(RuntimeError, match="disposed"):
                records.get("a")

    with pytest.raises(RuntimeError, match="disposed"):
        work()
    scope = InMemoryRelationalDataStorage()
    entering = scope.unit_of_work()
    scope.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        entering.__enter__()


def test_a_cursor_with_keys_of_another_type_is_refused(
    storage: InMemoryRelationalDataStorage,
) -> None:
    records = storage.repository(Bare)
    records.insert_many([Bare("a"), Bare("b")])
    numbers = storage.repository(Bare)
    cursor = (records.page(limit=1)).next_cursor
    records.delete_where(QuerySpec(where=(Condition("id", Op.is_null, False),)))
    numbers.insert(Bare(1))
    with pytest.raises(InvalidCursorError, match="cursor"):
        numbers.page(after=cursor)


def test_a_duplicate_found_at_commit(storage: InMemoryRelationalDataStorage) -> None:
    entering = storage.unit_of_work()
    mine = entering.__enter__()
    mine.repository(Unversioned).insert(Unversioned("a"))
    storage.repository(Unversioned).insert(Unversioned("a"))
    with pytest.raises(DuplicateRecordError, match="unique"):
        entering.__exit__(None, None, None)
    assert mine.state == "rolled_back"


def test_a_version_conflict_found_at_commit(
    storage: InMemoryRelationalDataStorage,
) -> None:
    stored = storage.repository(Frozen).insert(Frozen("a"))
    entering = storage.unit_of_work()
    mine = entering.__enter__()
    mine.repository(Frozen).update(stored)
    storage.repository(Frozen).update(stored)
    with pytest.raises(VersionConflictError, match="somebody else") as caught:
        entering.__exit__(None, None, None)
    assert caught.value.details == {"expected": 1, "actual": 2}


def test_types_are_apart(storage: InMemoryRelationalDataStorage) -> None:
    with storage.unit_of_work() as unit:
        unit.repository(Unversioned).insert(Unversioned("a"))
        unit.repository(Frozen).insert(Frozen("a"))
        assert unit.repository(Unversioned).count() == 1
        assert [each.name for each in unit.repository(Frozen).find()] == ["a"]


def test_uncommitted_records_are_invisible(
    storage: InMemoryRelationalDataStorage,
) -> None:
    with storage.unit_of_work() as unit:
        unit.repository(Unversioned).insert(Unversioned("a"))
        assert storage.repository(Unversioned).count() == 0
    assert storage.repository(Unversioned).find(QuerySpec(order_by=(Order("text"),))) == [
        Unversioned("a")
    ]
