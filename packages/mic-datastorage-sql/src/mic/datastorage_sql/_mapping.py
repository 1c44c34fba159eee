"""How a record type is stored: its table, columns, id and version. Read once a type; no I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Column, Enum, String, Table, inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeDecorator, TypeEngine

from mic.datastorage.errors import InvalidCursorError
from mic.datastorage.repository import RepositoryOptions, check_fields

S = TypeVar("S")
_MAX_INTEGER = 2**63
_MAX_KNOWN = 1024
_known: "dict[tuple[type[Any], str, str], RecordMapping]" = {}
_NUMBERS = (int, float, Decimal)


@dataclass(frozen=True, slots=True)
class RecordMapping:
    """The columns behind the attributes of a record type.

    Attributes:
        record_type: The class.
        table: Its table.
        columns: By the name of the attribute.
        id_field: The attribute that is the primary key.
        version_field: The attribute that counts changes; `None` for a type without versions.
    """

    record_type: type[Any]
    table: Table
    columns: Mapping[str, Column[Any]] = field(hash=False)
    id_field: str
    version_field: str | None
    _prepared: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def prepared(self, name: str, build: Callable[[], S]) -> S:
        """A statement that is always the same, built once: the engine finds it compiled."""
        statement: S | None = self._prepared.get(name)
        if statement is None:
            statement = self._prepared[name] = build()
        return statement

    @property
    def id_column(self) -> Column[Any]:
        """The primary key."""
        return self.columns[self.id_field]

    @property
    def version_column(self) -> Column[Any] | None:
        """The column that counts changes."""
        return None if self.version_field is None else self.columns[self.version_field]

    def values_of(self, record: Any) -> dict[str, Any]:
        """The values of a record by column key, without those that the engine makes."""
        values = {}
        for name, column in self.columns.items():
            value = getattr(record, name)
            if value is None and (column is self.id_column or _has_default(column)):
                continue
            values[column.key] = value
        return values

    def made_by_engine(self, values: Mapping[str, Any]) -> dict[str, Column[Any]]:
        """The attributes that `values_of` left to the engine, with their columns."""
        return {name: col for name, col in self.columns.items() if col.key not in values}


def map_record(record_type: type[Any], options: RepositoryOptions) -> RecordMapping:
    """How a record type is stored.

    Raises:
        TypeError: The class is not mapped to one table.
        UnknownFieldError: `id_field` is no attribute.
        ValueError: `id_field` is not the whole primary key.
    """
    key = (record_type, options.id_field, options.version_field)
    known = _known.get(key)
    if known is None:
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        known = _known[key] = _mapped(record_type, options)
    return known


def _mapped(record_type: type[Any], options: RepositoryOptions) -> RecordMapping:
    table, columns = _inspected(record_type)
    check_fields({options.id_field}, known=columns)
    if list(table.primary_key.columns) != [columns[options.id_field]]:
        raise ValueError(f"{record_type.__name__}: id_field must be the whole primary key")
    version = options.version_field if options.version_field in columns else None
    return RecordMapping(record_type, table, columns, options.id_field, version)


def _inspected(record_type: type[Any]) -> tuple[Table, Mapping[str, Column[Any]]]:
    try:
        mapper = inspect(record_type)
    except NoInspectionAvailable:
        mapper = None
    if not isinstance(mapper, Mapper) or not isinstance(mapper.local_table, Table):
        raise TypeError(f"{record_type.__name__} is not an SQLModel table class")
    if len(mapper.tables) != 1:
        raise TypeError(f"{record_type.__name__} is mapped to several tables")
    columns = {
        attribute.key: attribute.columns[0]
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0], Column)
    }
    return mapper.local_table, columns


def is_text(column: Column[Any]) -> bool:
    """Whether a column holds text that a collation orders."""
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    return isinstance(kind, String) and not isinstance(kind, Enum)


def check_key(column: Column[Any], value: Any) -> None:
    """Refuse the key of a cursor that this column cannot hold.

    Raises:
        InvalidCursorError: It has another type, or is out of range.
    """
    if value is None and column.nullable:
        return
    try:
        expected = column.type.python_type
    except NotImplementedError:
        return
    if issubclass(expected, _NUMBERS) and expected is not bool:
        fits = isinstance(value, _NUMBERS) and not isinstance(value, bool)
        fits = fits and abs(value) < _MAX_INTEGER
    else:
        fits = isinstance(value, expected)
    if not fits:
        raise InvalidCursorError(message="the cursor is not one of this query")


def _has_default(column: Column[Any]) -> bool:
    return column.default is not None or column.server_default is not None
