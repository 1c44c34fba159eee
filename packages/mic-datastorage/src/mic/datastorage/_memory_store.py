"""Tables in memory with transactions: read committed, first committer wins. No I/O, no waiting.

A transaction keeps its changes to itself. Each change remembers the revision of the committed row
that it was built on; COMMIT applies all changes under one lock, or none when one of those rows has
another revision by then.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mic.datastorage.errors import DuplicateRecordError, VersionConflictError
from mic.model import DomainError, TransientError

SERIALIZATION_CODE = "transient.memory_serialization"

RowKey = tuple[type, Any]
"""Record type and id."""
Group = tuple[str, ...]
"""Fields that are unique together."""
UniqueKey = tuple[type, Group, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A committed record; never changed in place."""

    record: Any
    revision: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction does to one row.

    Attributes:
        record: The new record; `None` deletes, or leaves an absent row absent.
        base: Revision of the committed row that this is built on; `None`: there was none.
        expected: The version that the caller expected, for the error of a lost race.
        actual_version: Reads the version of a record, for the same error.
        locked: The caller wants nobody else to change the row meanwhile.
        lock_only: That is all: `record` is what the row was, and is not written.
    """

    record: Any | None
    base: int | None
    expected: int | None = None
    actual_version: Callable[[Any], Any] | None = None
    locked: bool = False
    lock_only: bool = False


class MemoryDatabase:
    """The committed state, shared by all transactions of a storage. Safe for threads."""

    def __init__(self, *, max_records: int) -> None:
        if max_records < 1:
            raise ValueError("max_records must be at least 1")
        self.max_records = max_records
        self._lock = threading.Lock()
        self._tables: dict[type, dict[Any, Row]] = {}
        self._groups: dict[type, frozenset[Group]] = {}
        self._unique: dict[UniqueKey, Any] = {}
        self._sequences: dict[type, int] = {}
        self._revision = 0
        self._count = 0

    @property
    def count(self) -> int:
        """How many records are committed."""
        return self._count

    def register(self, record_type: type, groups: frozenset[Group]) -> frozenset[Group]:
        """Make groups of fields unique; returns all groups of the type.

        Raises:
            DuplicateRecordError: The records that exist are not unique in a new group.
        """
        with self._lock:
            known = self._groups.get(record_type, frozenset())
            fresh: dict[UniqueKey, Any] = {}
            for group in groups - known:
                for at, row in self._tables.get(record_type, {}).items():
                    key = unique_key(record_type, group, row.record)
                    if key is not None and fresh.setdefault(key, at) != at:
                        raise DuplicateRecordError
            self._unique |= fresh
            self._groups[record_type] = known | groups
            return self._groups[record_type]

    def groups(self, record_type: type) -> frozenset[Group]:
        """The groups of fields that are unique together."""
        return self._groups.get(record_type, frozenset())

    def row(self, key: RowKey) -> Row | None:
        """The committed row, or `None`."""
        with self._lock:
            return self._tables.get(key[0], {}).get(key[1])

    def rows(self, record_type: type) -> dict[Any, Row]:
        """All committed rows of a type, by id."""
        with self._lock:
            return dict(self._tables.get(record_type, {}))

    def holder(self, key: UniqueKey) -> Any | None:
        """The id of the committed record with these unique values, or `None`."""
        with self._lock:
            return self._unique.get(key)

    def next_id(self, record_type: type) -> int:
        """The next whole number, as an autoincrement column gives it; never given twice."""
        with self._lock:
            number = self._sequences.get(record_type, 0) + 1
            self._sequences[record_type] = number
            return number

    def apply(self, changes: dict[RowKey, Change]) -> None:
        """Commit all changes, or none.

        Raises:
            VersionConflictError: A row that the caller expected in one version has another.
            DuplicateRecordError: An id or a unique value was taken meanwhile.
            TransientError: A row was changed meanwhile, or the store is full.
        """
        with self._lock:
            for key, change in changes.items():
                self._check_base(key, change)
            writes = {key: each for key, each in changes.items() if not each.lock_only}
            growth = self._growth(writes)
            self._check_unique(writes)
            if growth > 0 and self._count + growth > self.max_records:
                raise memory_full()
            self._revision += 1
            self._count += growth
            for key, change in writes.items():
                self._write(key, change.record)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._tables.clear()
            self._unique.clear()
            self._count = 0

    def _check_base(self, key: RowKey, change: Change) -> None:
        row = self._tables.get(key[0], {}).get(key[1])
        if (None if row is None else row.revision) != change.base:
            raise lost_race(change, row)

    def _growth(self, writes: dict[RowKey, Change]) -> int:
        return sum(
            (change.record is not None) - (key[1] in self._tables.get(key[0], {}))
            for key, change in writes.items()
        )

    def _check_unique(self, writes: dict[RowKey, Change]) -> None:
        taken: set[UniqueKey] = set()
        for (record_type, _), change in writes.items():
            for key in self._unique_keys(record_type, change.record):
                holder = self._unique.get(key)
                held = holder is not None and (record_type, holder) not in writes
                if held or key in taken:
                    raise DuplicateRecordError
                taken.add(key)

    def _write(self, key: RowKey, record: Any | None) -> None:
        record_type, at = key
        table = self._tables.setdefault(record_type, {})
        old = table.pop(at, None)
        for unique in self._unique_keys(record_type, old and old.record):
            # Another change of this commit may have taken the value over already.
            if self._unique.get(unique) == at:
                del self._unique[unique]
        if record is None:
            return
        table[at] = Row(record, self._revision)
        for unique in self._unique_keys(record_type, record):
            self._unique[unique] = at
        if isinstance(at, int):
            self._sequences[record_type] = max(self._sequences.get(record_type, 0), at)

    def _unique_keys(self, record_type: type, record: Any | None) -> Iterator[UniqueKey]:
        if record is None:
            return
        for group in self.groups(record_type):
            key = unique_key(record_type, group, record)
            if key is not None:
                yield key


class MemoryTransaction:
    """Changes that nobody else sees yet. Used by one unit of work at a time."""

    __slots__ = ("_changes", "_database", "_growth", "_unique")

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._changes: dict[RowKey, Change] = {}
        self._unique: dict[UniqueKey, Any] = {}
        self._growth = 0

    def read(self, key: RowKey) -> Any | None:
        """The record as this transaction sees it, not copied; `None` when there is none."""
        change = self._changes.get(key)
        if change is not None:
            return change.record
        row = self._database.row(key)
        return None if row is None else row.record

    def scan(self, record_type: type) -> list[Any]:
        """All records of a type as this transaction sees them, not copied."""
        records = {at: row.record for at, row in self._database.rows(record_type).items()}
        for (changed_type, at), change in self._changes.items():
            if changed_type is record_type:
                records[at] = change.record
        return [record for record in records.values() if record is not None]

    def lock(self, key: RowKey) -> None:
        """Keep the row as it is now, and let the commit fail when somebody changes it meanwhile."""
        if key not in self._changes:
            row = self._database.row(key)
            record, base = (None, None) if row is None else (row.record, row.revision)
            self._changes[key] = Change(record, base, locked=True, lock_only=True)

    def stage(
        self,
        key: RowKey,
        record: Any | None,
        *,
        expected: int | None = None,
        actual_version: Callable[[Any], Any] | None = None,
    ) -> None:
        """Put a record, or with `None` remove it.

        Raises:
            DuplicateRecordError: Another record has the same unique values.
            TransientError: The store is full.
        """
        before = self.read(key)
        growth = (record is not None) - (before is not None)
        if growth > 0 and self._database.count + self._growth + growth > self._database.max_records:
            raise memory_full()
        self._check_unique(key, record)
        known = self._changes.get(key)
        change = Change(record, self._base(key), expected, actual_version)
        if known is not None:
            change = replace(change, base=known.base, locked=known.locked)
        self._changes[key] = change
        self._growth += growth
        self._index(key, before, record)

    def savepoint(self) -> "MemorySavepoint":
        """A mark to which `restore` goes back."""
        return MemorySavepoint(dict(self._changes), dict(self._unique), self._growth)

    def restore(self, mark: "MemorySavepoint") -> None:
        """Forget what was done since the mark."""
        self._changes, self._unique = dict(mark.changes), dict(mark.unique)
        self._growth = mark.growth

    def commit(self) -> None:
        """Make all changes visible at once; raises as `MemoryDatabase.apply` does."""
        if self._changes:
            self._database.apply(self._changes)

    def _base(self, key: RowKey) -> int | None:
        row = self._database.row(key)
        return None if row is None else row.revision

    def _check_unique(self, key: RowKey, record: Any | None) -> None:
        record_type, at = key
        if record is None:
            return
        for group in self._database.groups(record_type):
            unique = unique_key(record_type, group, record)
            if unique is None:
                continue
            mine = self._unique.get(unique)
            holder = self._database.holder(unique)
            other = holder is not None and holder != at and self._still_holds(holder, unique)
            if (mine is not None and mine != at) or other:
                raise DuplicateRecordError

    def _still_holds(self, holder: Any, unique: UniqueKey) -> bool:
        """Whether the committed holder of a unique value has it in this transaction as well."""
        record = self.read((unique[0], holder))
        return record is not None and unique_key(unique[0], unique[1], record) == unique

    def _index(self, key: RowKey, before: Any | None, record: Any | None) -> None:
        record_type, at = key
        for group in self._database.groups(record_type):
            if before is not None:
                old = unique_key(record_type, group, before)
                if old is not None and self._unique.get(old) == at:
                    del self._unique[old]
            if record is not None:
                new = unique_key(record_type, group, record)
                if new is not None:
                    self._unique[new] = at


@dataclass(frozen=True, slots=True)
class MemorySavepoint:
    """The changes of a transaction at one moment."""

    changes: dict[RowKey, Change]
    unique: dict[UniqueKey, Any]
    growth: int


def unique_key(record_type: type, group: Group, record: Any) -> UniqueKey | None:
    """The unique values of a record; `None` when one is NULL, which is equal to nothing."""
    values = tuple(getattr(record, name) for name in group)
    return None if any(value is None for value in values) else (record_type, group, values)


def lost_race(change: Change, row: Row | None) -> DomainError:
    """The error for a change whose row was changed by somebody else first."""
    if change.base is None and not change.lock_only:
        return DuplicateRecordError()
    if not change.locked and change.expected is not None and change.actual_version is not None:
        actual = None if row is None else change.actual_version(row.record)
        return VersionConflictError(expected=change.expected, actual=actual)
    return TransientError(
        code=SERIALIZATION_CODE, message="another transaction changed the same record first"
    )


def memory_full() -> TransientError:
    """The error of a store that holds as much as it may."""
    return TransientError(code="transient.memory_full", message="the in-memory store is full")
