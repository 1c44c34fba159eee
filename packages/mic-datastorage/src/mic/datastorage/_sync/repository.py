# Generated from _async/repository.py by "make unasync"; edit that file.
"""Typed access to the records of one type."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from mic.datastorage._options import (
    ReadPlan,
    RepositoryOptions,
    check_batch,
    check_delete,
    check_page,
    plan_read,
)
from mic.datastorage.errors import InvalidQueryError, RecordNotFoundError, UnboundedResultError
from mic.datastorage.query import (
    AnyOf,
    Condition,
    KeysetPage,
    QuerySpec,
    decode_cursor,
    encode_cursor,
    spec_fingerprint,
)

__all__ = ["Repository"]

T = TypeVar("T")


class Repository(ABC, Generic[T]):
    """The records of one type, in one unit of work or (from a storage) in one for each call.

    Guarantees:
        - Records are values: a changed attribute is written by `update` alone.
        - Field names are checked before anything is sent.
        - Order is total: `order_by`, then the primary key. NULLs come last in both directions,
          text compares by code point, and a comparison with NULL is false.
        - A walk over pages never gives a record twice, and never leaves out one that existed,
          unchanged in its sort keys, during the whole walk.
        - Bounded: `find` without a limit raises rather than cut at `max_rows`.
        - Versions: of N concurrent updates that expect the same version exactly one wins.

    A backend implements the abstract methods; what can be said once is said here.

    Attributes:
        record_type: The class of the records.
        options: The checked options that this repository was made with.
    """

    def __init__(self, record_type: type[T], options: RepositoryOptions) -> None:
        self.record_type = record_type
        self.options = options

    @abstractmethod
    def get(self, id: Any, *, for_update: bool = False) -> T | None:
        """The record with this id, or `None`.

        Args:
            id: The primary key.
            for_update: Keep others from changing it until the unit of work ends (in memory: fail
                the commit if they did).

        Raises:
            UnsupportedOperationError: `for_update` in a read-only unit of work.
        """

    def require(self, id: Any, *, for_update: bool = False) -> T:
        """The record with this id.

        Raises:
            RecordNotFoundError: There is none.
        """
        record = self.get(id, for_update=for_update)
        if record is None:
            raise RecordNotFoundError(message="no record has this id")
        return record

    def find(self, spec: QuerySpec | None = None) -> list[T]:
        """The records that match, in order.

        Raises:
            UnknownFieldError: A field that the record type does not have.
            UnboundedResultError: No limit was given, and more than `max_rows` match.
        """
        plan = self._plan(spec)
        if plan.limit is not None:
            return self._read(plan) if plan.limit else []
        records = self._read(plan.with_limit(self.options.max_rows + 1))
        if len(records) > self.options.max_rows:
            raise UnboundedResultError(
                message=f"more than {self.options.max_rows} records match: give a limit, or use"
                " page() or stream()"
            )
        return records

    def find_one(self, spec: QuerySpec) -> T | None:
        """The only record that matches, or `None`.

        Raises:
            InvalidQueryError: More than one matches.
        """
        limit = 2 if spec.limit is None else min(spec.limit, 2)
        records = self.find(replace(spec, limit=limit))
        if len(records) > 1:
            raise InvalidQueryError(message="more than one record matches")
        return records[0] if records else None

    def exists(self, spec: QuerySpec) -> bool:
        """Whether any record matches; `limit` and `offset` of the spec do not count."""
        plan = self._plan(QuerySpec(where=spec.where))
        return bool(self._read(plan.with_limit(1)))

    def count(self, spec: QuerySpec | None = None) -> int:
        """How many records match; `limit` and `offset` of the spec do not count."""
        return self._count(self._plan(spec).where)

    def page(
        self,
        spec: QuerySpec | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        with_total: bool = False,
    ) -> KeysetPage[T]:
        """One page of a walk over all records that match; costs the same at any depth.

        Args:
            spec: Conditions and order; no limit, no offset.
            limit: The most records of the page, 1 to 1000.
            after: `next_cursor` of the page before.
            with_total: Count all matches as well, at the cost of one more statement.

        Raises:
            ValueError: `limit` is out of its range.
            InvalidCursorError: `after` is no cursor of this query.
            InvalidQueryError: The spec has a limit or an offset, or sorts by a field of a type
                that a cursor cannot hold.
        """
        check_page(spec, limit=limit)
        plan = self._plan(spec)
        mark = spec_fingerprint(plan.where, plan.order, type_name=self.record_type.__qualname__)
        secret = self.options.cursor_secret
        reading = plan
        if after is not None:
            keys = decode_cursor(after, fingerprint=mark, count=len(plan.order), secret=secret)
            reading = plan.behind(self._checked_keys(keys, plan))
        records = self._read(reading.with_limit(limit + 1))
        cursor = None
        if len(records) > limit:
            last = self._keys_of(records[limit - 1], plan)
            cursor = encode_cursor(last, fingerprint=mark, secret=secret)
        total = self._count(plan.where) if with_total else None
        return KeysetPage(items=tuple(records[:limit]), next_cursor=cursor, total=total)

    def stream(self, spec: QuerySpec | None = None, *, batch_size: int = 500) -> Iterator[T]:
        """All records that match, read in batches; at most one batch is held in memory.

        Each batch is a read of its own behind the last record, with the guarantee of a walk over
        pages. From a storage each batch is a unit of work of its own.

        Args:
            spec: Conditions, order, limit and offset.
            batch_size: Records of one read, at least 1.

        Raises:
            ValueError: `batch_size` is out of its range.
            UnknownFieldError: A field that the record type does not have.
        """
        check_batch(batch_size)
        return self._walk(self._plan(spec), batch_size)

    @abstractmethod
    def insert(self, record: T) -> T:
        """Store a new record, at once; returns it with the values that the engine made.

        Raises:
            DuplicateRecordError: The primary key or a unique value exists.
            ConstraintError: The record breaks another rule of the schema.
            UnsupportedOperationError: The unit of work is read-only.
        """

    @abstractmethod
    def insert_many(self, records: Sequence[T], *, batch_size: int = 1000) -> int:
        """Store new records, all or none, many a round trip; returns how many.

        Values that the engine makes are not read back.

        Raises:
            DuplicateRecordError: The primary key or a unique value exists.
            ConstraintError: A record breaks another rule of the schema.
            UnsupportedOperationError: The unit of work is read-only.
        """

    @abstractmethod
    def update(self, record: T, *, expected_version: int | None = None) -> T:
        """Write all fields of an existing record, if nobody changed it meanwhile.

        Args:
            record: The record; its `version` is set to the new one on success.
            expected_version: The version that the change builds on; `None` takes the record's own.

        Returns:
            The record with its new version (a copy when the record is frozen).

        Raises:
            RecordNotFoundError: No record has this id.
            VersionConflictError: The stored version is another one.
            DuplicateRecordError: A unique value exists in another record.
            ConstraintError: The record breaks another rule of the schema.
            ValueError: There is no version to expect.
            UnsupportedOperationError: The unit of work is read-only.
        """

    @abstractmethod
    def upsert(self, record: T, *, conflict_fields: Sequence[str] = ()) -> T:
        """Store a record, or write over the one that has the same `conflict_fields`.

        Args:
            record: The record; id and version are set to the stored ones.
            conflict_fields: Fields that are unique together; `()` is the primary key.

        Raises:
            DuplicateRecordError: Another unique value exists in another record.
            ConstraintError: The record breaks another rule of the schema.
            UnknownFieldError: A field that the record type does not have.
            UnsupportedOperationError: The unit of work is read-only, or the engine has no upsert.
        """

    @abstractmethod
    def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        """Remove a record; False when there is none.

        Raises:
            VersionConflictError: The stored version is not the expected one.
            ValueError: A version is expected of a type without versions.
            UnsupportedOperationError: The unit of work is read-only.
        """

    def delete_where(self, spec: QuerySpec) -> int:
        """Remove all records that match; returns how many.

        Raises:
            InvalidQueryError: `where` is empty, or the spec has more than conditions.
            UnknownFieldError: A field that the record type does not have.
            UnsupportedOperationError: The unit of work is read-only.
        """
        check_delete(spec)
        return self._delete_where(self._plan(spec).where)

    @abstractmethod
    def _read(self, plan: ReadPlan) -> list[T]:
        """For backends: the records of a plan."""

    @abstractmethod
    def _count(self, where: tuple[Condition | AnyOf, ...]) -> int:
        """For backends: how many records fulfil all terms."""

    @abstractmethod
    def _delete_where(self, where: tuple[Condition | AnyOf, ...]) -> int:
        """For backends: remove the records that fulfil all terms."""

    @abstractmethod
    def _known_fields(self) -> Collection[str] | None:
        """For backends: the fields that a query may name; `None` when they are not declared."""

    def _checked_keys(self, keys: tuple[Any, ...], plan: ReadPlan) -> tuple[Any, ...]:
        """For backends: refuse the keys of a cursor that do not fit their fields."""
        del plan
        return keys

    def _plan(self, spec: QuerySpec | None) -> ReadPlan:
        return plan_read(spec, id_field=self.options.id_field, known=self._known_fields())

    def _keys_of(self, record: T, plan: ReadPlan) -> tuple[Any, ...]:
        return tuple(getattr(record, term.field) for term in plan.order)

    def _walk(self, plan: ReadPlan, batch_size: int) -> Iterator[T]:
        wanted = plan.limit
        while wanted is None or wanted > 0:
            size = batch_size if wanted is None else min(batch_size, wanted)
            records = self._read(plan.with_limit(size))
            if len(records) == size:
                # Before the caller gets the last record, and may change it.
                plan = plan.behind(self._keys_of(records[-1], plan))
            yield from records
            if len(records) < size:
                return
            wanted = None if wanted is None else wanted - size
