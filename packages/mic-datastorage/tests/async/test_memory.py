"""What only the in-memory records do; the rest is in the contract suites."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from mic.datastorage import (
    AsyncInMemoryRelationalDataStorage,
    Condition,
    DuplicateRecordError,
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
def storage() -> AsyncInMemoryRelationalDataStorage:
    return AsyncInMemoryRelationalDataStorage(max_records=5)


async def test_missing_ids_and_versions_are_made(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    records = storage.repository(Frozen)
    first = await records.insert(Frozen("a"))
    second = await records.insert(Frozen("b", id=7))
    third = await records.upsert(Frozen("c"))
    assert [(each.id, each.version) for each in (first, second, third)] == [(1, 1), (7, 1), (8, 1)]
    updated = await records.update(replace(first, name="A"))
    assert (updated.name, updated.version, first.version) == ("A", 2, 1)
    assert await records.get(1) == updated


async def test_a_full_store_refuses_and_evicts_nothing(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    records = storage.repository(Unversioned)
    await records.insert_many([Unversioned(str(n)) for n in range(5)])
    with pytest.raises(TransientError, match="full") as caught:
        await records.insert(Unversioned("x"))
    assert (caught.value.code, caught.value.retryable) == ("transient.memory_full", True)
    await records.update(Unversioned("0", text="changed"))
    assert await records.count() == 5


async def test_types_without_versions(storage: AsyncInMemoryRelationalDataStorage) -> None:
    records = storage.repository(Unversioned)
    record = await records.insert(Unversioned("a"))
    record.text = "changed"
    assert await records.update(record) is record
    assert (await records.require("a")).text == "changed"
    assert await records.upsert(Unversioned("a", text="again")) == Unversioned("a", text="again")
    with pytest.raises(ValueError, match="no version field"):
        await records.update(record, expected_version=1)
    with pytest.raises(ValueError, match="no version field"):
        await records.delete("a", expected_version=1)


async def test_types_that_declare_nothing(storage: AsyncInMemoryRelationalDataStorage) -> None:
    records = storage.repository(Bare)
    await records.insert(Bare("a", version=1, text="x"))
    await records.insert(Bare("b", text="y"))
    spec = QuerySpec(where=(Condition("text", Op.eq, "y"),))
    assert [record.id for record in await records.find(spec)] == ["b"]
    with pytest.raises(UnknownFieldError, match="no such field"):
        await records.find(QuerySpec(where=(Condition("nothing", Op.eq, "y"),)))
    with pytest.raises(VersionConflictError, match="somebody else"):
        await records.delete("a", expected_version=2)
    with pytest.raises(ValueError, match="no version field"):
        await records.delete("b", expected_version=1)
    assert not await records.delete("c", expected_version=1)
    assert vars(await records.upsert(Bare("a", version=1, text="z")))["version"] == 2


async def test_null_conflicts_with_nothing(storage: AsyncInMemoryRelationalDataStorage) -> None:
    records = storage.repository(Bare, unique=[["name"]])
    await records.insert(Bare("a", name=None))
    await records.upsert(Bare("b", name=None), conflict_fields=["name"])
    await records.upsert(Bare("c", name="n"), conflict_fields=["name"])
    same = await records.upsert(Bare("d", name="n"), conflict_fields=["name"])
    assert same.id == "c"
    assert await records.count() == 3


async def test_only_read_committed_is_offered(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    async with storage.unit_of_work(isolation="read_committed", timeout_seconds=1) as unit:
        assert unit.session is unit.session
    with pytest.raises(UnsupportedOperationError, match="read_committed only"):
        storage.unit_of_work(isolation="serializable")
    with pytest.raises(ValueError, match="settings"):
        storage.unit_of_work(settings={"app.tenant": "t"})


async def test_options_are_checked_when_the_repository_is_made(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    with pytest.raises(UnknownFieldError, match="no such field"):
        storage.repository(Unversioned, id_field="key")
    with pytest.raises(UnknownFieldError, match="no such field"):
        storage.repository(Unversioned, unique=[["name"]])


async def test_a_unit_of_a_disposed_storage_cannot_go_on(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    async def work() -> None:
        async with storage.unit_of_work() as unit:
            records = unit.repository(Unversioned)
            await records.insert(Unversioned("a"))
            await storage.dispose()
            with pytest.raises(RuntimeError, match="disposed"):
                await records.get("a")

    with pytest.raises(RuntimeError, match="disposed"):
        await work()
    scope = AsyncInMemoryRelationalDataStorage()
    entering = scope.unit_of_work()
    await scope.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        await entering.__aenter__()


async def test_a_cursor_with_keys_of_another_type_is_refused(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    records = storage.repository(Bare)
    await records.insert_many([Bare("a"), Bare("b")])
    numbers = storage.repository(Bare)
    cursor = (await records.page(limit=1)).next_cursor
    await records.delete_where(QuerySpec(where=(Condition("id", Op.is_null, False),)))
    await numbers.insert(Bare(1))
    with pytest.raises(InvalidCursorError, match="cursor"):
        await numbers.page(after=cursor)


async def test_a_duplicate_found_at_commit(storage: AsyncInMemoryRelationalDataStorage) -> None:
    entering = storage.unit_of_work()
    mine = await entering.__aenter__()
    await mine.repository(Unversioned).insert(Unversioned("a"))
    await storage.repository(Unversioned).insert(Unversioned("a"))
    with pytest.raises(DuplicateRecordError, match="unique"):
        await entering.__aexit__(None, None, None)
    assert mine.state == "rolled_back"


async def test_a_version_conflict_found_at_commit(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    stored = await storage.repository(Frozen).insert(Frozen("a"))
    entering = storage.unit_of_work()
    mine = await entering.__aenter__()
    await mine.repository(Frozen).update(stored)
    await storage.repository(Frozen).update(stored)
    with pytest.raises(VersionConflictError, match="somebody else") as caught:
        await entering.__aexit__(None, None, None)
    assert caught.value.details == {"expected": 1, "actual": 2}


async def test_types_are_apart(storage: AsyncInMemoryRelationalDataStorage) -> None:
    async with storage.unit_of_work() as unit:
        await unit.repository(Unversioned).insert(Unversioned("a"))
        await unit.repository(Frozen).insert(Frozen("a"))
        assert await unit.repository(Unversioned).count() == 1
        assert [each.name for each in await unit.repository(Frozen).find()] == ["a"]


async def test_uncommitted_records_are_invisible(
    storage: AsyncInMemoryRelationalDataStorage,
) -> None:
    async with storage.unit_of_work() as unit:
        await unit.repository(Unversioned).insert(Unversioned("a"))
        assert await storage.repository(Unversioned).count() == 0
    assert await storage.repository(Unversioned).find(QuerySpec(order_by=(Order("text"),))) == [
        Unversioned("a")
    ]
