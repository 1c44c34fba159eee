# Generated from _async/memory.py by "make unasync"; edit that file.
"""Records in memory: the embedded default, and the reference for every other backend."""

import heapq
from collections.abc import Collection, Sequence
from functools import cmp_to_key
from typing import Any, ClassVar, TypeVar

from mic.datastorage._matching import comes_after, matches, ordering
from mic.datastorage._memory_store import (
    SERIALIZATION_CODE,
    MemoryDatabase,
    MemorySavepoint,
    MemoryTransaction,
    RowKey,
)
from mic.datastorage._options import (
    ReadPlan,
    RepositoryOptions,
    UnitOptions,
    check_batch,
    check_fields,
    version_to_expect,
)
from mic.datastorage._records import copied, declared_fields, field_of, with_fields
from mic.datastorage._sync.repository import Repository
from mic.datastorage._sync.transactional import TransactionalDataStorage
from mic.datastorage._sync.uow import UnitOfWork
from mic.datastorage.errors import (
    DuplicateRecordError,
    InvalidCursorError,
    InvalidQueryError,
    RecordNotFoundError,
    UnsupportedOperationError,
    VersionConflictError,
)
from mic.datastorage.query import AnyOf, Condition
from mic.model import DomainError

__all__ = ["InMemoryRelationalDataStorage"]

T = TypeVar("T")


class InMemoryRelationalDataStorage(TransactionalDataStorage):
    """Records of any class with attributes, in the memory of this process.

    Guarantees:
        - Read committed; of two transactions that write the same record the first to commit wins,
          and the other gets `VersionConflictError` (versioned), `DuplicateRecordError` (inserts),
          or `TransientError` `transient.memory_serialization`, which `run_in_transaction` reruns.
        - Records are copied on the way in and out.
        - An `id` of `None` is given the next whole number, as an autoincrement column does.
        - Bounded: a full store refuses with `TransientError` `transient.memory_full`; nothing is
          evicted.
        - Safe for threads. Nothing ever waits. Everything is lost with the process, or `dispose()`.

    `timeout_seconds` of a unit of work has nothing to limit here.

    Args:
        max_records: The most records of all types together, at least 1.

    Raises:
        ValueError: `max_records` is out of its range.
    """

    _rerun_codes: ClassVar[frozenset[str]] = frozenset({SERIALIZATION_CODE})

    def __init__(self, *, max_records: int = 100_000) -> None:
        self._database = MemoryDatabase(max_records=max_records)

    def check_health(self) -> bool:
        """True until the storage is disposed."""
        return not self.disposed

    def dispose(self) -> None:
        """Forget all records. May be called any number of times; never raises."""
        self._mark_disposed()
        self._database.clear()

    def _new_unit(self, options: UnitOptions) -> UnitOfWork:
        if options.isolation not in {None, "read_committed"}:
            raise UnsupportedOperationError(message="memory offers read_committed only")
        if options.settings:
            raise ValueError("settings: memory has no variables of a transaction")
        return _MemoryUnit(self, options)

    def _known_fields(
        self, record_type: type[Any], options: RepositoryOptions
    ) -> Collection[str] | None:
        known = declared_fields(record_type)
        if not known:
            return None
        check_fields(
            {options.id_field, *(f for group in options.unique for f in group)}, known=known
        )
        return known


class _MemoryUnit(UnitOfWork):
    """A unit of work on the in-memory tables."""

    def __init__(self, storage: InMemoryRelationalDataStorage, options: UnitOptions) -> None:
        super().__init__(options)
        self.storage = storage
        self._transaction = MemoryTransaction(storage._database)

    @property
    def session(self) -> MemoryTransaction:
        self._book.check_active()
        return self._transaction

    def _repository(self, record_type: type[T], options: RepositoryOptions) -> Repository[T]:
        return _MemoryRepository(self, record_type, options)

    def _check(self, *, writing: bool = False) -> MemoryTransaction:
        """The transaction, for a statement."""
        self._book.check_usable()
        self.storage._check_alive()
        if writing and self.read_only:
            raise UnsupportedOperationError(message="the unit of work is read-only")
        return self._transaction

    def _begin(self) -> None:
        self.storage._check_alive()

    def _flush(self) -> None:
        """Nothing is ever held back."""

    def _commit(self) -> None:
        self.storage._check_alive()
        self._transaction.commit()

    def _rollback(self) -> None:
        """What nobody saw needs no undoing."""

    def _release(self) -> None:
        """There is no connection."""

    def _set_savepoint(self) -> MemorySavepoint:
        return self._transaction.savepoint()

    def _release_savepoint(self, mark: MemorySavepoint) -> None:
        """The changes stay where they are."""

    def _rollback_to(self, mark: MemorySavepoint) -> None:
        self._transaction.restore(mark)


class _MemoryRepository(Repository[T]):
    """The records of one type in one unit of work."""

    def __init__(self, unit: _MemoryUnit, record_type: type[T], options: RepositoryOptions) -> None:
        super().__init__(record_type, options)
        self._unit = unit
        self._fields = unit.storage._known_fields(record_type, options)
        groups = frozenset(tuple(group) for group in options.unique)
        unit.storage._database.register(record_type, groups)

    def get(self, id: Any, *, for_update: bool = False) -> T | None:
        transaction = self._unit._check(writing=for_update)
        if for_update:
            transaction.lock(self._key(id))
        record: T | None = transaction.read(self._key(id))
        return None if record is None else copied(record)

    def insert(self, record: T) -> T:
        transaction = self._unit._check(writing=True)
        record = self._completed(record)
        key = self._key_of(record)
        if transaction.read(key) is not None:
            raise self._failed(DuplicateRecordError())
        self._stage(key, copied(record))
        return record

    def insert_many(self, records: Sequence[T], *, batch_size: int = 1000) -> int:
        check_batch(batch_size)
        self._unit._check(writing=True)
        for record in records:
            self.insert(record)
        return len(records)

    def update(self, record: T, *, expected_version: int | None = None) -> T:
        transaction = self._unit._check(writing=True)
        field = self._version_field(record)
        expected = version_to_expect(record, version_field=field, expected=expected_version)
        key = self._key_of(record)
        stored = transaction.read(key)
        if stored is None:
            raise RecordNotFoundError(message="no record has this id")
        if field is None or expected is None:
            self._stage(key, copied(record))
            return record
        self._check_version(stored, field, expected)
        changed = with_fields(copied(record), **{field: expected + 1})
        self._stage(key, changed, expected=expected)
        return self._unit._with_fields(record, **{field: expected + 1})

    def upsert(self, record: T, *, conflict_fields: Sequence[str] = ()) -> T:
        transaction = self._unit._check(writing=True)
        fields = tuple(conflict_fields) or (self.options.id_field,)
        if self._fields is not None:
            check_fields(fields, known=self._fields)
        stored = self._same_in(transaction, record, fields)
        if stored is None:
            return self.insert(record)
        values = {self.options.id_field: field_of(stored, self.options.id_field)}
        if (field := self._version_field(record)) is not None:
            values[field] = field_of(stored, field) + 1
        record = self._unit._with_fields(record, **values)
        self._stage(self._key_of(record), copied(record))
        return record

    def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        transaction = self._unit._check(writing=True)
        stored = transaction.read(self._key(id))
        if expected_version is not None:
            field = self._version_field(stored)
            if field is None:
                raise ValueError("expected_version: this record type has no version field")
            if stored is not None:
                self._check_version(stored, field, expected_version)
        if stored is None:
            return False
        self._stage(self._key(id), None, expected=expected_version)
        return True

    def _read(self, plan: ReadPlan) -> list[T]:
        found = self._matching(plan.where)
        if plan.after is not None:
            place = plan.after
            try:
                found = [
                    each
                    for each in found
                    if comes_after(each, place, plan.order, field_of=field_of)
                ]
            except InvalidQueryError as error:
                raise InvalidCursorError(message="the cursor is not one of this query") from error
        by_order = cmp_to_key(ordering(plan.order, field_of=field_of))
        wanted = len(found) if plan.limit is None else plan.offset + plan.limit
        chosen = heapq.nsmallest(wanted, found, key=by_order)
        return [copied(record) for record in chosen[plan.offset :]]

    def _count(self, where: tuple[Condition | AnyOf, ...]) -> int:
        return len(self._matching(where))

    def _delete_where(self, where: tuple[Condition | AnyOf, ...]) -> int:
        self._unit._check(writing=True)
        gone = self._matching(where)
        for record in gone:
            self._stage(self._key_of(record), None)
        return len(gone)

    def _known_fields(self) -> Collection[str] | None:
        return self._fields

    def _matching(self, where: tuple[Condition | AnyOf, ...]) -> list[T]:
        records = self._unit._check().scan(self.record_type)
        return [each for each in records if matches(each, where, field_of=field_of)]

    def _same_in(
        self, transaction: MemoryTransaction, record: T, fields: Sequence[str]
    ) -> T | None:
        """The stored record that has the same values in these fields."""
        if tuple(fields) == (self.options.id_field,):
            same: T | None = transaction.read(self._key_of(record))
            return same
        wanted = [field_of(record, name) for name in fields]
        if None in wanted:
            return None
        for stored in transaction.scan(self.record_type):
            if [field_of(stored, name) for name in fields] == wanted:
                found: T = stored
                return found
        return None

    def _completed(self, record: T) -> T:
        """The record with an id and a version."""
        values: dict[str, Any] = {}
        if field_of(record, self.options.id_field) is None:
            number = self._unit.storage._database.next_id(self.record_type)
            values[self.options.id_field] = number
        field = self._version_field(record)
        if field is not None and field_of(record, field) is None:
            values[field] = 1
        return self._unit._with_fields(record, **values) if values else record

    def _stage(self, key: RowKey, record: T | None, *, expected: int | None = None) -> None:
        try:
            self._unit._check(writing=True).stage(
                key, record, expected=expected, actual_version=self._version_of
            )
        except DomainError as error:
            raise self._failed(error) from error.__cause__

    def _failed(self, error: DomainError) -> DomainError:
        self._unit._book.fail()
        return error

    def _check_version(self, stored: T, field: str, expected: int) -> None:
        actual = field_of(stored, field)
        if actual != expected:
            raise VersionConflictError(expected=expected, actual=actual)

    def _version_field(self, record: T | None) -> str | None:
        name = self.options.version_field
        if self._fields is not None:
            return name if name in self._fields else None
        # A type that declares nothing shows by its records whether it has versions.
        return name if record is None or hasattr(record, name) else None

    def _version_of(self, record: T) -> Any:
        return getattr(record, self.options.version_field, None)

    def _key(self, id: Any) -> RowKey:
        return (self.record_type, id)

    def _key_of(self, record: T) -> RowKey:
        return self._key(field_of(record, self.options.id_field))
