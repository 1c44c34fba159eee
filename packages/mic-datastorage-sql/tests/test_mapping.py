"""How a record type is stored."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Enum,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Uuid,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column
from sqlalchemy.types import TypeEngine, UserDefinedType
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from mic.datastorage import InvalidCursorError, UnknownFieldError
from mic.datastorage.repository import RepositoryOptions
from mic.datastorage_sql import LongText, UtcDateTime, _mapping
from mic.datastorage_sql._mapping import check_key, is_text, map_record


class Odd(UserDefinedType[Any]):
    """A type that says nothing about its values in Python."""

    @property
    def python_type(self) -> type[Any]:
        raise NotImplementedError


class Base(DeclarativeBase):
    """Classes of SQLAlchemy's own."""


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column("person_name")
    shout = column_property(name + "!")


class Employee(Person):
    __tablename__ = "employees"

    id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


class Subquery(Base):
    __table__ = select(Person.__table__).subquery()
    __mapper_args__ = {"primary_key": [__table__.c.id]}  # noqa: RUF012  # as SQLAlchemy reads it


def test_columns_by_attribute() -> None:
    mapping = map_record(Person, RepositoryOptions())
    assert {name: column.name for name, column in mapping.columns.items()} == {
        "id": "id",
        "name": "person_name",
    }
    assert (mapping.id_column.name, mapping.version_column) == ("id", None)
    assert map_record(Person, RepositoryOptions(max_rows=3)) is mapping


def test_what_is_known_of_types_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mapping, "_MAX_KNOWN", 1)
    one = map_record(Person, RepositoryOptions())
    other = map_record(Person, RepositoryOptions(version_field="name"))
    assert (one.version_field, other.version_field) == (None, "name")
    assert len(_mapping._known) == 1


def test_values_and_what_is_left_to_the_engine(rows: SimpleNamespace) -> None:
    mapping = map_record(rows.Counted, RepositoryOptions())
    assert mapping.version_column is not None
    values = mapping.values_of(rows.Counted(name="a"))
    assert values == {"name": "a", "amount": 0, "payload": None, "version": None}
    assert set(mapping.made_by_engine(values)) == {"id", "made"}
    full = mapping.values_of(rows.Counted(id=1, name="a", made="m", version=2))
    assert mapping.made_by_engine(full) == {}


@pytest.mark.parametrize("record_type", [int, SimpleNamespace, SQLModel, Subquery])
def test_what_is_no_table_class(record_type: type[Any]) -> None:
    with pytest.raises(TypeError, match="not an SQLModel table class"):
        map_record(record_type, RepositoryOptions())


def test_what_repositories_do_not_serve(rows: SimpleNamespace) -> None:
    with pytest.raises(TypeError, match="several tables"):
        map_record(Employee, RepositoryOptions())
    with pytest.raises(ValueError, match="whole primary key"):
        map_record(rows.Pair, RepositoryOptions())
    with pytest.raises(ValueError, match="whole primary key"):
        map_record(rows.Account, RepositoryOptions(id_field="name"))
    with pytest.raises(UnknownFieldError, match="no such field"):
        map_record(rows.Account, RepositoryOptions(id_field="key"))


def test_text_is_what_a_collation_orders() -> None:
    texts: list[TypeEngine[Any]] = [String(), AutoString(), LongText()]
    others: list[TypeEngine[Any]] = [Integer(), Enum("a"), UtcDateTime(), LargeBinary()]
    assert [is_text(Column("c", kind)) for kind in texts] == [True] * 3
    assert [is_text(Column("c", kind)) for kind in others] == [False] * 4


AWARE = datetime(2024, 1, 1, tzinfo=UTC)
NAIVE = AWARE.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Integer(), [1, -(2**63) + 1, 1.5], ["1", True, 2**63, 10**30, AWARE]),
        (Float(), [1, 1.5], ["1", False]),
        (Numeric(), [Decimal("1.5"), 2], ["1", True]),
        (Boolean(), [True, False], [1, "true"]),
        (String(), ["a"], [1, b"a"]),
        (UtcDateTime(), [AWARE, NAIVE], ["2024-01-01", 1]),
        (Uuid(), [UUID(int=1)], ["1", 1]),
        (LargeBinary(), [b"a"], ["a"]),
        (Odd(), [1, "a", None], []),
    ],
)
def test_keys_of_cursors(kind: Any, good: list[Any], bad: list[Any]) -> None:
    column: Column[Any] = Column("c", kind, nullable=False)
    for value in good:
        check_key(column, value)
    refused = bad if isinstance(kind, Odd) else [*bad, None]
    for value in refused:
        with pytest.raises(InvalidCursorError, match="not one of this query"):
            check_key(column, value)
    check_key(Column("c", kind, nullable=True), None)
