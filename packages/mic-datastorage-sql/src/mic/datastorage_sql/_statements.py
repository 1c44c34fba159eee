"""The statements of a repository: pure functions of a mapping and a plan."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import raiseload

from mic.datastorage.query import AnyOf, Condition, Direction, Op, Order
from mic.datastorage.repository import ReadPlan
from mic.datastorage_sql._mapping import RecordMapping, is_text

BINARY_COLLATIONS: Mapping[str, str] = {
    "sqlite": "BINARY",
    "postgresql": "C",
    "mysql": "utf8mb4_bin",
    "mariadb": "utf8mb4_bin",
}
"""Collations that compare by code point; a dialect that is not here has it by default."""

_ROW_VALUES = frozenset({"sqlite", "postgresql"})
"""Dialects that compare row values, and use an index for it."""
_POSITIONAL = frozenset({"sqlite", "oracle"})
"""Dialects whose LIKE ignores case or treats text otherwise: they search by position."""

ID_PARAMETER = "mic_id"
VERSION_PARAMETER = "mic_version"
Where = Sequence[Condition | AnyOf]


def select_by_id(mapping: RecordMapping, *, for_update: bool) -> Select[Any]:
    """The record with the id in the parameter `mic_id`."""
    return mapping.prepared(f"get {for_update}", lambda: _select_by_id(mapping, for_update))


def _select_by_id(mapping: RecordMapping, for_update: bool) -> Select[Any]:
    statement = _select_records(mapping).where(mapping.id_column == bindparam(ID_PARAMETER))
    return statement.with_for_update() if for_update else statement


def select_records(mapping: RecordMapping, plan: ReadPlan, *, dialect: str) -> Select[Any]:
    """The records of a plan, in order."""
    statement = _select_records(mapping).where(*_terms(mapping, plan.where, dialect))
    if plan.after is not None:
        statement = statement.where(_behind(mapping, plan.order, plan.after, dialect))
    for term in plan.order:
        statement = statement.order_by(*_sorted_by(mapping, term, dialect))
    if plan.limit is not None:
        statement = statement.limit(plan.limit)
    return statement.offset(plan.offset) if plan.offset else statement


def count_records(mapping: RecordMapping, where: Where, *, dialect: str) -> Select[Any]:
    """How many records fulfil all terms."""
    statement = select(func.count()).select_from(mapping.table)
    return statement.where(*_terms(mapping, where, dialect))


def select_version(mapping: RecordMapping) -> Select[Any]:
    """The version (else the id) of the record with the id in the parameter `mic_id`."""
    return mapping.prepared("version", lambda: _select_version(mapping))


def _select_version(mapping: RecordMapping) -> Select[Any]:
    column = mapping.version_column
    shown = mapping.id_column if column is None else column
    return select(shown).where(mapping.id_column == bindparam(ID_PARAMETER))


def update_record(mapping: RecordMapping) -> Update:
    """All columns but the key, from parameters named `v_` and the column's key."""
    return mapping.prepared("update", lambda: _update_record(mapping))


def _update_record(mapping: RecordMapping) -> Update:
    values: dict[Column[Any], Any] = {
        column: bindparam(f"v_{column.key}", type_=column.type)
        for column in mapping.columns.values()
        if column is not mapping.id_column and column is not mapping.version_column
    }
    version = mapping.version_column
    statement = update(mapping.table).where(mapping.id_column == bindparam(ID_PARAMETER))
    if version is not None:
        statement = statement.where(version == bindparam(VERSION_PARAMETER))
        values[version] = version + 1
    # A record that is nothing but its key is touched, so that its absence is seen.
    return statement.values(values or {mapping.id_column: mapping.id_column})


def delete_record(mapping: RecordMapping, *, versioned: bool) -> Delete:
    """The record with the id in the parameter `mic_id`, and the version in `mic_version`."""
    return mapping.prepared(f"delete {versioned}", lambda: _delete_record(mapping, versioned))


def _delete_record(mapping: RecordMapping, versioned: bool) -> Delete:
    statement = delete(mapping.table).where(mapping.id_column == bindparam(ID_PARAMETER))
    version = mapping.version_column
    if versioned and version is not None:
        statement = statement.where(version == bindparam(VERSION_PARAMETER))
    return statement


def delete_records(mapping: RecordMapping, where: Where, *, dialect: str) -> Delete:
    """All records that fulfil all terms."""
    return delete(mapping.table).where(*_terms(mapping, where, dialect))


def _select_records(mapping: RecordMapping) -> Select[Any]:
    return select(mapping.record_type).options(raiseload("*"))


def _terms(mapping: RecordMapping, where: Where, dialect: str) -> list[ColumnElement[bool]]:
    return [_term(mapping, term, dialect) for term in where]


def _term(mapping: RecordMapping, term: Condition | AnyOf, dialect: str) -> ColumnElement[bool]:
    if isinstance(term, AnyOf):
        return or_(*_terms(mapping, term.conditions, dialect))
    return _OPERATIONS[term.op](mapping.columns[term.field], term.value, dialect)


def _is_null(column: Column[Any], value: bool, _: str) -> ColumnElement[bool]:
    return column.is_(None) if value else column.is_not(None)


def _not_in(column: Column[Any], value: Any, _: str) -> ColumnElement[bool]:
    # NOT IN of nothing would be true for NULL as well.
    return and_(column.is_not(None), column.not_in(value))


def _starts_with(column: Column[Any], value: str, dialect: str) -> ColumnElement[bool]:
    if not value:
        return column.is_not(None)
    if dialect in _POSITIONAL:
        return func.substr(column, 1, len(value)) == value
    return _binary(column, dialect).startswith(value, autoescape=True)


def _contains(column: Column[Any], value: str, dialect: str) -> ColumnElement[bool]:
    if not value:
        return column.is_not(None)
    if dialect in _POSITIONAL:
        return func.instr(column, value) > 0
    return _binary(column, dialect).contains(value, autoescape=True)


_OPERATIONS: Mapping[Op, Callable[[Column[Any], Any, str], ColumnElement[bool]]] = {
    Op.eq: lambda column, value, _: column == value,
    Op.ne: lambda column, value, _: column != value,
    Op.lt: lambda column, value, _: column < value,
    Op.lte: lambda column, value, _: column <= value,
    Op.gt: lambda column, value, _: column > value,
    Op.gte: lambda column, value, _: column >= value,
    Op.in_: lambda column, value, _: column.in_(value),
    Op.not_in: _not_in,
    Op.is_null: _is_null,
    Op.starts_with: _starts_with,
    Op.contains: _contains,
}


def _binary(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """The column, compared by code point."""
    collation = BINARY_COLLATIONS.get(dialect)
    return column.collate(collation) if collation and is_text(column) else column


def _sorted_by(mapping: RecordMapping, term: Order, dialect: str) -> tuple[ColumnElement[Any], ...]:
    column = mapping.columns[term.field]
    key = _binary(column, dialect)
    ordered = key.desc() if term.direction is Direction.desc else key.asc()
    if not column.nullable:
        return (ordered,)
    # NULLS LAST is not understood everywhere. A column without NULLs keeps the use of its index.
    return (case((column.is_(None), 1), else_=0), ordered)


def _behind(
    mapping: RecordMapping, order: Sequence[Order], keys: Sequence[Any], dialect: str
) -> ColumnElement[bool]:
    """Records behind a place: as row values where an index serves that, else spelled out."""
    columns = [mapping.columns[term.field] for term in order]
    places = [_binary(column, dialect) for column in columns]
    directions = {term.direction for term in order}
    plain = not any(column.nullable for column in columns)
    if plain and len(directions) == 1 and len(order) > 1 and dialect in _ROW_VALUES:
        bounds = [
            bindparam(None, key, type_=column.type)
            for key, column in zip(keys, columns, strict=True)
        ]
        here, there = tuple_(*places), tuple_(*bounds)
        return here < there if Direction.desc in directions else here > there
    return _spelled_out(order, columns, places, keys)


def _spelled_out(
    order: Sequence[Order],
    columns: Sequence[Column[Any]],
    places: Sequence[ColumnElement[Any]],
    keys: Sequence[Any],
) -> ColumnElement[bool]:
    """`a > x OR (a = x AND b > y) ...`, and `a >= x` once more, which an index can serve."""
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for term, column, place, key in zip(order, columns, places, keys, strict=True):
        if key is not None:  # NULLs come last: nothing is behind them
            alternatives.append(and_(*same, _is_behind(term, column, place, key)))
        same.append(column.is_(None) if key is None else place == key)
    anywhere = or_(*alternatives)
    first, column, place, key = order[0], columns[0], places[0], keys[0]
    if column.nullable or len(order) == 1:
        return anywhere
    return and_(place <= key if first.direction is Direction.desc else place >= key, anywhere)


def _is_behind(
    term: Order, column: Column[Any], place: ColumnElement[Any], key: Any
) -> ColumnElement[bool]:
    behind = place < key if term.direction is Direction.desc else place > key
    return or_(behind, column.is_(None)) if column.nullable else behind
