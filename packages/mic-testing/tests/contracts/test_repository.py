# Generated from contracts/test_async_repository.py by "make unasync"; edit that file.
"""The suite of repositories passes a good backend, and catches one that breaks a clause."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mic.datastorage import (
    Condition,
    DuplicateRecordError,
    InMemoryRelationalDataStorage,
    InvalidCursorError,
    InvalidQueryError,
    KeysetPage,
    Op,
    Order,
    QuerySpec,
    Repository,
    UnknownFieldError,
    VersionConflictError,
)
from mic.testing.contracts.repository import RepositoryContract


class TestGoodRepository(RepositoryContract):
    """A good backend."""

    @pytest.fixture
    def backend(self) -> Iterator[InMemoryRelationalDataStorage]:
        with InMemoryRelationalDataStorage() as storage:
            yield storage


class Passing(Repository[Any]):
    """Passes everything on to a good repository; a fault overrides one method."""

    def __init__(self, inner: Repository[Any]) -> None:
        super().__init__(inner.record_type, inner.options)
        self.inner = inner

    def get(self, id: Any, *, for_update: bool = False) -> Any | None:
        return self.inner.get(id, for_update=for_update)

    def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return self.inner.find(spec)

    def find_one(self, spec: QuerySpec) -> Any | None:
        return self.inner.find_one(spec)

    def exists(self, spec: QuerySpec) -> bool:
        return self.inner.exists(spec)

    def count(self, spec: QuerySpec | None = None) -> int:
        return self.inner.count(spec)

    def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        return self.inner.page(spec, limit=limit, after=after, with_total=with_total)

    def stream(self, spec: QuerySpec | None = None, *, batch_size: int = 500) -> Iterator[Any]:
        return self.inner.stream(spec, batch_size=batch_size)

    def insert(self, record: Any) -> Any:
        return self.inner.insert(record)

    def insert_many(self, records: Sequence[Any], *, batch_size: int = 1000) -> int:
        return self.inner.insert_many(records, batch_size=batch_size)

    def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        return self.inner.update(record, expected_version=expected_version)

    def upsert(self, record: Any, *, conflict_fields: Sequence[str] = ()) -> Any:
        return self.inner.upsert(record, conflict_fields=conflict_fields)

    def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        return self.inner.delete(id, expected_version=expected_version)

    def delete_where(self, spec: QuerySpec) -> int:
        return self.inner.delete_where(spec)

    def _read(self, plan: Any) -> list[Any]:
        raise NotImplementedError

    def _count(self, where: Any) -> int:
        raise NotImplementedError

    def _delete_where(self, where: Any) -> int:
        raise NotImplementedError

    def _known_fields(self) -> Collection[str] | None:
        return None


class PassingBackend(InMemoryRelationalDataStorage):
    """A good storage with faulty repositories."""

    def __init__(self, fault: type[Passing]) -> None:
        super().__init__()
        self.fault = fault

    def repository(self, record_type: type[Any], **options: Any) -> Repository[Any]:
        return self.fault(super().repository(record_type, **options))


EVERYBODY = QuerySpec(where=(Condition("id", Op.is_null, False),))


class SharesRecords(Passing):
    shared: dict[Any, Any] = {}  # noqa: RUF012  # that is the fault

    def insert(self, record: Any) -> Any:
        return self.shared.setdefault(record.id, super().insert(record))

    def get(self, id: Any, *, for_update: bool = False) -> Any | None:
        return self.shared.get(id)


class LosesFields(Passing):
    def insert(self, record: Any) -> Any:
        super().insert(replace(record, note=None))
        return record


class MakesRecordsUp(Passing):
    def get(self, id: Any, *, for_update: bool = False) -> Any | None:
        return self.record_type(id=id, name="made up")


class Overwrites(Passing):
    def insert(self, record: Any) -> Any:
        return super().upsert(record)


class IgnoresVersions(Passing):
    def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        stored = self.require(record.id)
        return super().update(record, expected_version=stored.version)

    def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        return super().delete(id)


class KeepsTheVersion(Passing):
    def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        super().update(replace(record), expected_version=expected_version)
        return record


class HidesConflicts(Passing):
    def insert(self, record: Any) -> Any:
        try:
            return super().insert(record)
        except DuplicateRecordError:
            return record

    def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        try:
            return super().update(record, expected_version=expected_version)
        except VersionConflictError:
            return record


class TakesUniqueValues(Passing):
    def update(self, record: Any, *, expected_version: int | None = None) -> Any:
        try:
            return super().update(record, expected_version=expected_version)
        except DuplicateRecordError:
            return record

    def upsert(self, record: Any, *, conflict_fields: Sequence[str] = ()) -> Any:
        try:
            return super().upsert(record, conflict_fields=conflict_fields)
        except DuplicateRecordError:
            return record


class UpsertsByIdOnly(Passing):
    def upsert(self, record: Any, *, conflict_fields: Sequence[str] = ()) -> Any:
        self.inner.delete(record.id)
        same = QuerySpec(where=(Condition("name", Op.eq, record.name),))
        self.inner.delete_where(same)
        return super().insert(record)


class InsertsOneByOne(Passing):
    def insert_many(self, records: Sequence[Any], *, batch_size: int = 1000) -> int:
        for record in records:
            super().insert(record)
        return len(records)


class DeletesEverything(Passing):
    def delete_where(self, spec: QuerySpec) -> int:
        return super().delete_where(EVERYBODY)


class IgnoresConditions(Passing):
    def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return super().find(replace(spec or QuerySpec(), where=()))


class IgnoresOrder(Passing):
    def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return super().find(replace(spec or QuerySpec(), order_by=()))


class IgnoresOffset(Passing):
    def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return super().find(replace(spec or QuerySpec(), offset=0))


class Cuts(Passing):
    def find(self, spec: QuerySpec | None = None) -> list[Any]:
        return super().find(replace(spec or QuerySpec(), limit=self.options.max_rows))


class TakesTheFirst(Passing):
    def find_one(self, spec: QuerySpec) -> Any | None:
        return next(iter(self.find(spec)), None)


class IgnoresUnknownFields(Passing):
    def count(self, spec: QuerySpec | None = None) -> int:
        try:
            return super().count(spec)
        except UnknownFieldError:
            return 0


class PagesByOffset(Passing):
    def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        offset = int(after or 0)
        chosen = replace(spec or QuerySpec(), limit=limit + 1, offset=offset)
        records = self.inner.find(chosen)
        cursor = str(offset + limit) if len(records) > limit else None
        return KeysetPage(items=tuple(records[:limit]), next_cursor=cursor)


class PagesTwice(Passing):
    def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        page = super().page(spec, limit=limit, after=after)
        return replace(page, items=page.items * 2)


class AcceptsAnyCursor(Passing):
    def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[Any]:
        try:
            return super().page(spec, limit=limit, after=after, with_total=with_total)
        except (InvalidCursorError, InvalidQueryError, ValueError):
            return super().page(limit=1)


class StreamsOneBatch(Passing):
    def stream(self, spec: QuerySpec | None = None, *, batch_size: int = 500) -> Iterator[Any]:
        chosen = spec or QuerySpec()
        limit = batch_size if chosen.limit is None else min(batch_size, chosen.limit)
        return self.inner.stream(replace(chosen, limit=limit), batch_size=batch_size)


@pytest.mark.parametrize(
    ("fault", "test", "arguments"),
    [
        (SharesRecords, "records_are_values", ()),
        (LosesFields, "a_record_comes_back_as_it_was", ()),
        (MakesRecordsUp, "an_absent_record", ()),
        (MakesRecordsUp, "insert_many_stores_all_or_none", ()),
        (Overwrites, "a_duplicate_is_refused", ()),
        (HidesConflicts, "of_concurrent_inserts_one_wins", ()),
        (IgnoresVersions, "a_stale_update_is_refused", ()),
        (HidesConflicts, "of_concurrent_updates_one_wins", ()),
        (IgnoresVersions, "delete", ()),
        (KeepsTheVersion, "an_update_counts_the_version_up", ()),
        (KeepsTheVersion, "a_rollback_gives_the_version_back", ()),
        (TakesUniqueValues, "an_update_cannot_take_a_unique_value", ()),
        (TakesUniqueValues, "upsert_cannot_take_another_unique_value", ()),
        (UpsertsByIdOnly, "upsert_by_id", ()),
        (UpsertsByIdOnly, "upsert_by_a_unique_field_keeps_the_id", ()),
        (InsertsOneByOne, "insert_many_stores_all_or_none", ()),
        (DeletesEverything, "delete_where", ()),
        (IgnoresConditions, "conditions", ("score", Op.ne, 30, "36")),
        (IgnoresConditions, "conditions_are_anded_and_any_of_is_an_or", ()),
        (IgnoresOrder, "order", ()),
        (IgnoresOffset, "limit_and_offset", ()),
        (Cuts, "find_never_cuts_silently", ()),
        (TakesTheFirst, "find_one", ()),
        (IgnoresUnknownFields, "unknown_fields_are_refused", ()),
        (PagesByOffset, "a_walk_survives_inserts_and_deletes", ()),
        (PagesByOffset, "a_page_of_a_filtered_walk_knows_the_total", ()),
        (PagesTwice, "a_walk_gives_every_record_once_in_order", ((Order("name"),), 3)),
        (PagesTwice, "a_large_walk", ()),
        (AcceptsAnyCursor, "a_foreign_cursor_is_refused", ()),
        (AcceptsAnyCursor, "a_signed_cursor_cannot_be_made_by_others", ()),
        (AcceptsAnyCursor, "bad_pages_are_refused", ()),
        (StreamsOneBatch, "stream", ()),
    ],
)
def test_a_faulty_repository_is_caught(
    fault: type[Passing], test: str, arguments: tuple[Any, ...]
) -> None:
    backend = PassingBackend(fault)
    with pytest.raises((AssertionError, pytest.fail.Exception), match=r"."):
        getattr(RepositoryContract(), f"test_{test}")(backend, *arguments)


def test_every_clause_has_a_fault() -> None:
    (parameters,) = (mark.args[1] for mark in test_a_faulty_repository_is_caught.pytestmark)
    clauses = {name for name in vars(RepositoryContract) if name.startswith("test_")}
    assert {f"test_{test}" for _, test, _ in parameters} == clauses
