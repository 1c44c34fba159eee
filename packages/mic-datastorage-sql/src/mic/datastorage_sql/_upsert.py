"""INSERT or UPDATE in one statement, as each engine spells it: pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Column, Executable, bindparam
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from mic.datastorage.errors import UnsupportedOperationError
from mic.datastorage_sql._mapping import RecordMapping

RETURNING_DIALECTS = frozenset({"postgresql", "sqlite"})
"""Where the statement itself tells the stored id and version."""


def upsert_record(
    mapping: RecordMapping,
    values: Mapping[str, Any],
    conflict: Sequence[Column[Any]],
    *,
    dialect: str,
) -> Executable:
    """Store `values`, or write them over the record that has the same `conflict` columns.

    The id of a stored record stays, and its version is counted up. On MySQL and MariaDB a clash of
    any other unique value counts as the same record, because ON DUPLICATE KEY names no columns.

    Args:
        mapping: The record type.
        values: By column key.
        conflict: Columns that are unique together.
        dialect: SQLAlchemy's name of the dialect.

    Raises:
        UnsupportedOperationError: The dialect has no such statement.
    """
    if dialect in RETURNING_DIALECTS:
        return _on_conflict(mapping, values, conflict, dialect)
    if dialect in {"mysql", "mariadb"}:
        return _on_duplicate_key(mapping, values, conflict)
    if dialect == "oracle":
        return Merge(mapping, values, conflict)
    raise UnsupportedOperationError(message="this engine has no upsert")


def _on_conflict(
    mapping: RecordMapping, values: Mapping[str, Any], conflict: Sequence[Column[Any]], dialect: str
) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(mapping.table).values(dict(values))
    changes: dict[str, Any] = {
        column.key: statement.excluded[column.key] for column in _written(mapping, values, conflict)
    }
    version = mapping.version_column
    if version is not None:
        changes[version.key] = version + 1
    if not changes:  # DO NOTHING would return no row
        changes[conflict[0].key] = statement.excluded[conflict[0].key]
    shown = [mapping.id_column, *([version] if version is not None else [])]
    return statement.on_conflict_do_update(index_elements=list(conflict), set_=changes).returning(
        *shown
    )


def _on_duplicate_key(
    mapping: RecordMapping, values: Mapping[str, Any], conflict: Sequence[Column[Any]]
) -> Executable:
    statement = mysql.insert(mapping.table).values(dict(values))
    changes: dict[str, Any] = {
        column.key: statement.inserted[column.key] for column in _written(mapping, values, conflict)
    }
    version = mapping.version_column
    if version is not None:
        changes[version.key] = version + 1
    if not changes:
        changes[conflict[0].key] = conflict[0]
    return statement.on_duplicate_key_update(changes)


class Merge(Executable, ClauseElement):
    """MERGE of one record, which SQLAlchemy has no construct for.

    Identifiers are quoted by the dialect, and every value is a parameter of its column's type.
    """

    inherit_cache = False

    def __init__(
        self, mapping: RecordMapping, values: Mapping[str, Any], conflict: Sequence[Column[Any]]
    ) -> None:
        self.mapping = mapping
        self.parameters = {
            mapping.table.c[key]: bindparam(f"v_{key}", value, type_=mapping.table.c[key].type)
            for key, value in values.items()
        }
        self.conflict = conflict
        self.written = _written(mapping, values, conflict)


@compiles(Merge)
def compile_merge(element: Merge, compiler: SQLCompiler, **options: Any) -> str:
    """The text of a MERGE (Oracle SQL Language Reference, "MERGE")."""
    names = {column: compiler.preparer.format_column(column) for column in element.parameters}
    source = ", ".join(
        f"{compiler.process(value, **options)} AS {names[column]}"
        for column, value in element.parameters.items()
    )
    same = " AND ".join(f"t.{names[each]} = s.{names[each]}" for each in element.conflict)
    changes = [f"t.{names[each]} = s.{names[each]}" for each in element.written]
    version = element.mapping.version_column
    if version is not None:
        counted = compiler.preparer.format_column(version)
        changes.append(f"t.{counted} = t.{counted} + 1")
    # Identifiers only, quoted above; every value is a parameter.
    changed = ", ".join(changes)
    update = f" WHEN MATCHED THEN UPDATE SET {changed}" if changes else ""  # nosec B608
    table = compiler.preparer.format_table(element.mapping.table)
    inserted = ", ".join(f"s.{name}" for name in names.values())
    return (
        f"MERGE INTO {table} t USING (SELECT {source} FROM DUAL) s ON ({same}){update}"  # nosec B608
        f" WHEN NOT MATCHED THEN INSERT ({', '.join(names.values())}) VALUES ({inserted})"
    )


def _written(
    mapping: RecordMapping, values: Mapping[str, Any], conflict: Sequence[Column[Any]]
) -> list[Column[Any]]:
    """The columns that an existing record gets from the new one."""
    kept = [mapping.id_column, mapping.version_column, *conflict]
    return [
        column
        for column in mapping.columns.values()
        if column.key in values and not any(column is each for each in kept)
    ]
