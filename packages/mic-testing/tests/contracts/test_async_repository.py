"""The suite of repositories passes a good backend, and catches one that breaks a clause."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mic.datastorage import (
    AsyncInMemoryRelationalDataStorage,
    AsyncRepository,
    Condition,
    DuplicateRecordError,
    InvalidCursorError,
    InvalidQueryError,
    KeysetPage,
    Op,
    Order,
    QuerySpec,
    UnknownFieldError,
    VersionConflictError,
)
from mic.testing.contracts.repository import AsyncRepositoryContract


class TestAsyncGoodRepository(AsyncRepositoryContract):
    """A good backend."""

    @pytest.fixture
    async def backend(self) -> AsyncIterator[AsyncInMemoryRelationalDataStorage]:
        async with AsyncInMemoryRelationalDataStorage() as storage:
            yield storage


class AsyncPassing(AsyncRepository[Any]):
    """Passes everything on to a good repository; a fault overrides one method."""

    def __init__(self, inner: AsyncRepository[Any]) -> None:
        super().__init__(inner.record_type, inner.options)
        self.inner = inner

    async def get(self, id: Any, *, for_update: bool = False) -> Any | None:
        return await self.inner.get(id, for_update=for_update)

    async def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return await self.inner.find(spec)

    async def find_one(self, spec: QuerySpec) -> Any | None:
        return await self.inner.find_one(spec)

    async def exists(self, spec: QuerySpec) -> bool:
        return await self.inner.exists(spec)

    async def count(self, spec: QuerySpec | None = None) -> int:
        return await self.inner.count(spec)

    async def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        return await self.inner.page(spec, limit=limit, after=after, with_total=with_total)

    def stream(self, spec: QuerySpec | None = None, *, batch_size: int = 500) -> AsyncIterator[Any]:
        return self.inner.stream(spec, batch_size=batch_size)

    async def insert(self, record: Any) -> Any:
        return await self.inner.insert(record)

    async def insert_many(self, records: Sequence[Any], *, batch_size: int = 1000) -> int:
        return await self.inner.insert_many(records, batch_size=batch_size)

    async def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        return await self.inner.update(record, expected_version=expected_version)

    async def upsert(self, record: Any, *, conflict_fields: Sequence[str] = ()) -> Any:
        return await self.inner.upsert(record, conflict_fields=conflict_fields)

    async def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        return await self.inner.delete(id, expected_version=expected_version)

    async def delete_where(self, spec: QuerySpec) -> int:
        return await self.inner.delete_where(spec)

    async def _read(self, plan: Any) -> list[Any]:
        raise NotImplementedError

    async def _count(self, where: Any) -> int:
        raise NotImplementedError

    async def _delete_where(self, where: Any) -> int:
        raise NotImplementedError

    def _known_fields(self) -> Collection[str] | None:
        return None


class AsyncPassingBackend(AsyncInMemoryRelationalDataStorage):
    """A good storage with faulty repositories."""

    def __init__(self, fault: type[AsyncPassing]) -> None:
        super().__init__()
        self.fault = fault

    def repository(self, record_type: type[Any], **options: Any) -> AsyncRepository[Any]:
        return self.fault(super().repository(record_type, **options))


EVERYBODY = QuerySpec(where=(Condition("id", Op.is_null, False),))


class AsyncSharesRecords(AsyncPassing):
    shared: dict[Any, Any] = {}  # noqa: RUF012  # that is the fault

    async def insert(self, record: Any) -> Any:
        return self.shared.setdefault(record.id, await super().insert(record))

    async def get(self, id: Any, *, for_update: bool = False) -> Any | None:
        return self.shared.get(id)


class AsyncLosesFields(AsyncPassing):
    async def insert(self, record: Any) -> Any:
        await super().insert(replace(record, note=None))
        return record


class AsyncMakesRecordsUp(AsyncPassing):
    async def get(self, id: Any, *, for_update: bool = False) -> Any | None:
        return self.record_type(id=id, name="made up")


class AsyncOverwrites(AsyncPassing):
    async def insert(self, record: Any) -> Any:
        return await super().upsert(record)


class AsyncIgnoresVersions(AsyncPassing):
    async def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        stored = await self.require(record.id)
        return await super().update(record, expected_version=stored.version)

    async def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        return await super().delete(id)


class AsyncKeepsTheVersion(AsyncPassing):
    async def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        await super().update(replace(record), expected_version=expected_version)
        return record


class AsyncHidesConflicts(AsyncPassing):
    async def insert(self, record: Any) -> Any:
        try:
            return await super().insert(record)
        except DuplicateRecordError:
            return record

    async def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        try:
            return await super().update(record, expected_version=expected_version)
        except VersionConflictError:
            return record


class AsyncTakesUniqueValues(AsyncPassing):
    async def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        try:
            return await super().update(record, expected_version=expected_version)
        except DuplicateRecordError:
            return record

    async def upsert(self, record: Any, *, conflict_fields: Sequence[str] = ()) -> Any:
        try:
            return await super().upsert(record, conflict_fields=conflict_fields)
        except DuplicateRecordError:
            return record


class AsyncUpsertsByIdOnly(AsyncPassing):
    async def upsert(self, record: Any, *, conflict_fields: Sequence[str] = ()) -> Any:
        await self.inner.delete(record.id)
        same = QuerySpec(where=(Condition("name", Op.eq, record.name),))
        await self.inner.delete_where(same)
        return await super().insert(record)


class AsyncInsertsOneByOne(AsyncPassing):
    async def insert_many(self, records: Sequence[Any], *, batch_size: int = 1000) -> int:
        for record in records:
            await super().insert(record)
        return len(records)


class AsyncDeletesEverything(AsyncPassing):
    async def delete_where(self, spec: QuerySpec) -> int:
        return await super().delete_where(EVERYBODY)


class AsyncIgnoresConditions(AsyncPassing):
    async def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return await super().find(replace(spec or QuerySpec(), where=()))


class AsyncIgnoresOrder(AsyncPassing):
    async def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return await super().find(replace(spec or QuerySpec(), order_by=()))


class AsyncIgnoresOffset(AsyncPassing):
    async def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return await super().find(replace(spec or QuerySpec(), offset=0))


class AsyncCuts(AsyncPassing):
    async def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return await super().find(replace(spec or QuerySpec(), limit=self.options.max_rows))


class AsyncTakesTheFirst(AsyncPassing):
    async def find_one(self, spec: QuerySpec) -> Any | None:
        return next(iter(await self.find(spec)), None)


class AsyncIgnoresUnknownFields(AsyncPassing):
    async def count(self, spec: QuerySpec | None = None) -> int:
        try:
            return await super().count(spec)
        except UnknownFieldError:
            return 0


class AsyncPagesByOffset(AsyncPassing):
    async def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        offset = int(after or 0)
        chosen = replace(spec or QuerySpec(), limit=limit + 1, offset=offset)
        records = await self.inner.find(chosen)
        cursor = str(offset + limit) if len(records) > limit else None
        return KeysetPage(items=tuple(records[:limit]), next_cursor=cursor)


class AsyncPagesTwice(AsyncPassing):
    async def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        page = await super().page(spec, limit=limit, after=after)
        return replace(page, items=page.items * 2)


class AsyncAcceptsAnyCursor(AsyncPassing):
    async def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        try:
            return await super().page(spec, limit=limit, after=after, with_total=with_total)
        except (InvalidCursorError, InvalidQueryError, ValueError):
            return await super().page(limit=1)


class AsyncStreamsOneBatch(AsyncPassing):
    def stream(self, spec: QuerySpec | None = None, *, batch_size: int = 500) -> AsyncIterator[Any]:
        chosen = spec or QuerySpec()
        limit = batch_size if chosen.limit is None else min(batch_size, chosen.limit)
        return self.inner.stream(replace(chosen, limit=limit), batch_size=batch_size)


@pytest.mark.parametrize(
    ("fault", "test", "arguments"),
    [
        (AsyncSharesRecords, "records_are_values", ()),
        (AsyncLosesFields, "a_record_comes_back_as_it_was", ()),
        (AsyncMakesRecordsUp, "an_absent_record", ()),
        (AsyncMakesRecordsUp, "insert_many_stores_all_or_none", ()),
        (AsyncOverwrites, "a_duplicate_is_refused", ()),
        (AsyncHidesConflicts, "of_concurrent_inserts_one_wins", ()),
        (AsyncIgnoresVersions, "a_stale_update_is_refused", ()),
        (AsyncHidesConflicts, "of_concurrent_updates_one_wins", ()),
        (AsyncIgnoresVersions, "delete", ()),
        (AsyncKeepsTheVersion, "an_update_counts_the_version_up", ()),
        (AsyncKeepsTheVersion, "a_rollback_gives_the_version_back", ()),
        (AsyncTakesUniqueValues, "an_update_cannot_take_a_unique_value", ()),
        (AsyncTakesUniqueValues, "upsert_cannot_take_another_unique_value", ()),
        (AsyncUpsertsByIdOnly, "upsert_by_id", ()),
        (AsyncUpsertsByIdOnly, "upsert_by_a_unique_field_keeps_the_id", ()),
        (AsyncInsertsOneByOne, "insert_many_stores_all_or_none", ()),
        (AsyncDeletesEverything, "delete_where", ()),
        (AsyncIgnoresConditions, "conditions", ("score", Op.ne, 30, "36")),
        (AsyncIgnoresConditions, "conditions_are_anded_and_any_of_is_an_or", ()),
        (AsyncIgnoresOrder, "order", ()),
        (AsyncIgnoresOffset, "limit_and_offset", ()),
        (AsyncCuts, "find_never_cuts_silently", ()),
        (AsyncTakesTheFirst, "find_one", ()),
        (AsyncIgnoresUnknownFields, "unknown_fields_are_refused", ()),
        (AsyncPagesByOffset, "a_walk_survives_inserts_and_deletes", ()),
        (AsyncPagesByOffset, "a_page_of_a_filtered_walk_knows_the_total", ()),
        (AsyncPagesTwice, "a_walk_gives_every_record_once_in_order", ((Order("name"),), 3)),
        (AsyncPagesTwice, "a_large_walk", ()),
        (AsyncAcceptsAnyCursor, "a_foreign_cursor_is_refused", ()),
        (AsyncAcceptsAnyCursor, "a_signed_cursor_cannot_be_made_by_others", ()),
        (AsyncAcceptsAnyCursor, "bad_pages_are_refused", ()),
        (AsyncStreamsOneBatch, "stream", ()),
    ],
)
async def test_a_faulty_repository_is_caught(
    fault: type[AsyncPassing], test: str, arguments: tuple[Any, ...]
) -> None:
    backend = AsyncPassingBackend(fault)
    with pytest.raises((AssertionError, pytest.fail.Exception), match=r"."):
        await getattr(AsyncRepositoryContract(), f"test_{test}")(backend, *arguments)


def test_every_clause_has_a_fault() -> None:
    (parameters,) = (mark.args[1] for mark in test_a_faulty_repository_is_caught.pytestmark)
    clauses = {name for name in vars(AsyncRepositoryContract) if name.startswith("test_")}
    assert {f"test_{test}" for _, test, _ in parameters} == clauses
