"""The records of an SQLModel table class."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert, select

from mic.datastorage.errors import RecordNotFoundError, VersionConflictError
from mic.datastorage.query import AnyOf, Condition
from mic.datastorage.repository import (
    AsyncRepository,
    ReadPlan,
    RepositoryOptions,
    check_batch,
    check_fields,
    version_to_expect,
)
from mic.datastorage_sql import _statements
from mic.datastorage_sql._mapping import RecordMapping, check_key
from mic.datastorage_sql._statements import ID_PARAMETER, VERSION_PARAMETER
from mic.datastorage_sql._upsert import RETURNING_DIALECTS, upsert_record

if TYPE_CHECKING:
    from mic.datastorage_sql._async.unit import AsyncSqlUnitOfWork

__all__ = ["AsyncSqlRepository"]

T = TypeVar("T")


class AsyncSqlRepository(AsyncRepository[T]):
    """The records of one table in one unit of work.

    What is read belongs to no session: attributes stay readable after the end, and a relationship
    raises instead of loading lazily. Writes are sent at once.
    """

    def __init__(
        self,
        unit: AsyncSqlUnitOfWork,
        record_type: type[T],
        options: RepositoryOptions,
        mapping: RecordMapping,
    ) -> None:
        super().__init__(record_type, options)
        self._unit = unit
        self._mapping = mapping
        self._dialect = unit.storage.dialect

    async def get(self, id: Any, *, for_update: bool = False) -> T | None:
        statement = _statements.select_by_id(self._mapping, for_update=for_update)
        records = await self._unit._load(statement, {ID_PARAMETER: id}, locking=for_update)
        return records[0] if records else None

    async def insert(self, record: T) -> T:
        record = self._with_version(record)
        mapping = self._mapping
        values = mapping.values_of(record)
        made = mapping.made_by_engine(values)
        if not made:
            await self._unit._run(insert(mapping.table), values, writing=True)
            return record
        if self._unit.storage._can_return:
            statement = insert(mapping.table).returning(*made.values())
            result = await self._unit._run(statement, values, writing=True)
            return self._unit._with_fields(record, **dict(zip(made, result.one(), strict=True)))
        result = await self._unit._run(insert(mapping.table), values, writing=True)
        key = (result.inserted_primary_key or (None,))[0]
        stored = await self._unit._run(
            select(*made.values()).where(mapping.id_column == key), writing=False
        )
        return self._unit._with_fields(record, **dict(zip(made, stored.one(), strict=True)))

    async def insert_many(self, records: Sequence[T], *, batch_size: int = 1000) -> int:
        check_batch(batch_size)
        rows = [self._mapping.values_of(self._with_version(record)) for record in records]
        # Rows of one statement have the same columns.
        for _, same in groupby(rows, key=lambda row: row.keys()):
            alike = list(same)
            for start in range(0, len(alike), batch_size):
                batch = alike[start : start + batch_size]
                await self._unit._run(insert(self._mapping.table), batch, writing=True)
        return len(rows)

    async def update(self, record: T, *, expected_version: int | None = None) -> T:
        mapping = self._mapping
        expected = version_to_expect(
            record, version_field=mapping.version_field, expected=expected_version
        )
        key = getattr(record, mapping.id_field)
        parameters = {
            f"v_{column.key}": getattr(record, name)
            for name, column in mapping.columns.items()
            if name not in {mapping.id_field, mapping.version_field}
        }
        parameters |= {ID_PARAMETER: key}
        if expected is not None:
            parameters |= {VERSION_PARAMETER: expected}
        statement = _statements.update_record(mapping)
        result = await self._unit._run(statement, parameters, writing=True)
        if not result.rowcount:
            stored = await self._stored_version(key)
            if stored is None:
                raise RecordNotFoundError(message="no record has this id")
            raise VersionConflictError(expected=expected, actual=stored[0])
        if mapping.version_field is None or expected is None:
            return record
        return self._unit._with_fields(record, **{mapping.version_field: expected + 1})

    async def upsert(self, record: T, *, conflict_fields: Sequence[str] = ()) -> T:
        mapping = self._mapping
        fields = tuple(conflict_fields) or (mapping.id_field,)
        check_fields(fields, known=mapping.columns)
        record = self._with_version(record)
        values = mapping.values_of(record)
        conflict = [mapping.columns[name] for name in fields]
        if any(values.get(column.key) is None for column in conflict):
            return await self.insert(record)  # NULL is equal to nothing
        statement = upsert_record(mapping, values, conflict, dialect=self._dialect)
        result = await self._unit._run(statement, writing=True)
        if self._dialect not in RETURNING_DIALECTS:
            same = [column == values[column.key] for column in conflict]
            shown = select(*self._identity().values()).where(*same)
            result = await self._unit._run(shown, writing=False)
        stored = dict(zip(self._identity(), result.one(), strict=True))
        return self._unit._with_fields(record, **stored)

    async def delete(self, id: Any, *, expected_version: int | None = None) -> bool:
        mapping = self._mapping
        versioned = expected_version is not None
        if versioned and mapping.version_field is None:
            raise ValueError("expected_version: this record type has no version field")
        parameters = {ID_PARAMETER: id}
        if versioned:
            parameters |= {VERSION_PARAMETER: expected_version}
        statement = _statements.delete_record(mapping, versioned=versioned)
        result = await self._unit._run(statement, parameters, writing=True)
        if not result.rowcount and versioned:
            stored = await self._stored_version(id)
            if stored is not None:
                raise VersionConflictError(expected=expected_version, actual=stored[0])
        return bool(result.rowcount)

    async def _read(self, plan: ReadPlan) -> list[T]:
        statement = _statements.select_records(self._mapping, plan, dialect=self._dialect)
        return await self._unit._load(statement)

    async def _count(self, where: tuple[Condition | AnyOf, ...]) -> int:
        statement = _statements.count_records(self._mapping, where, dialect=self._dialect)
        result = await self._unit._run(statement, writing=False)
        return int(result.scalar_one())

    async def _delete_where(self, where: tuple[Condition | AnyOf, ...]) -> int:
        statement = _statements.delete_records(self._mapping, where, dialect=self._dialect)
        result = await self._unit._run(statement, writing=True)
        return result.rowcount

    def _known_fields(self) -> Collection[str]:
        return self._mapping.columns.keys()

    def _checked_keys(self, keys: tuple[Any, ...], plan: ReadPlan) -> tuple[Any, ...]:
        for term, key in zip(plan.order, keys, strict=True):
            check_key(self._mapping.columns[term.field], key)
        return keys

    def _identity(self) -> dict[str, Any]:
        """The attributes that an upsert may change, with their columns."""
        mapping = self._mapping
        names = [mapping.id_field, *([mapping.version_field] if mapping.version_field else [])]
        return {name: mapping.columns[name] for name in names}

    def _with_version(self, record: T) -> T:
        field = self._mapping.version_field
        if field is None or getattr(record, field) is not None:
            return record
        return self._unit._with_fields(record, **{field: 1})

    async def _stored_version(self, id: Any) -> tuple[Any, ...] | None:
        statement = _statements.select_version(self._mapping)
        row = (await self._unit._run(statement, {ID_PARAMETER: id}, writing=False)).one_or_none()
        return None if row is None else tuple(row)
