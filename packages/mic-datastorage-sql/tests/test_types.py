"""Column types that mean the same on every engine."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Column, Dialect, MetaData, Table, create_engine, insert, make_url, select
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

from mic.datastorage_sql import JsonDocument, LongText, UtcDateTime

DIALECTS: dict[str, Any] = {
    name: make_url(f"{name}://").get_dialect()()
    for name in ("sqlite", "postgresql", "mysql", "oracle")
}


@pytest.mark.parametrize(
    ("column_type", "dialect", "ddl"),
    [
        (UtcDateTime, "sqlite", "VARCHAR(32)"),
        (UtcDateTime, "postgresql", "TIMESTAMP WITH TIME ZONE"),
        (UtcDateTime, "mysql", "DATETIME(6)"),
        (UtcDateTime, "oracle", "TIMESTAMP WITH TIME ZONE"),
        (JsonDocument, "sqlite", "TEXT"),
        (JsonDocument, "postgresql", "JSONB"),
        (JsonDocument, "mysql", "JSON"),
        (JsonDocument, "oracle", "CLOB"),
        (LongText, "sqlite", "TEXT"),
        (LongText, "postgresql", "TEXT"),
        (LongText, "mysql", "LONGTEXT"),
        (LongText, "oracle", "CLOB"),
    ],
)
def test_ddl(column_type: type[TypeEngine[Any]], dialect: str, ddl: str) -> None:
    table = Table("t", MetaData(), Column("c", column_type))
    assert f"c {ddl}" in str(CreateTable(table).compile(dialect=DIALECTS[dialect]))


MOMENT = datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("dialect", "bound"),
    [
        ("sqlite", "2024-01-02T01:04:05.000006+00:00"),
        ("postgresql", MOMENT),
        ("mysql", MOMENT.astimezone(UTC).replace(tzinfo=None)),
        ("oracle", MOMENT),
    ],
)
def test_a_moment_is_bound_in_utc_and_comes_back_aware(dialect: str, bound: Any) -> None:
    kind, engine = UtcDateTime(), DIALECTS[dialect]
    value = kind.process_bind_param(MOMENT, engine)
    assert value == bound
    back = kind.process_result_value(value, engine)
    assert back == MOMENT
    assert back is not None
    assert back.tzinfo is UTC
    assert kind.process_bind_param(None, engine) is None
    assert kind.process_result_value(None, engine) is None


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(MOMENT.replace(tzinfo=None), DIALECTS["sqlite"])
    assert UtcDateTime().python_type is datetime


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, [], "", 0, False, None])
def test_documents_come_back(dialect: str, value: Any) -> None:
    kind, engine = JsonDocument(), DIALECTS[dialect]
    assert kind.process_result_value(kind.process_bind_param(value, engine), engine) == value


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("value", [object(), float("nan"), {1: {2}}])
def test_what_json_cannot_hold_is_refused(dialect: str, value: Any) -> None:
    engine: Dialect = DIALECTS[dialect]
    with pytest.raises(ValueError, match="JSON"):
        JsonDocument().process_bind_param(value, engine)


def test_values_in_a_real_database() -> None:
    table = Table(
        "t",
        MetaData(),
        Column("at", UtcDateTime),
        Column("document", JsonDocument),
        Column("text", LongText),
    )
    long = "ü" * 100_000
    earlier = MOMENT - timedelta(microseconds=1)
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(
            insert(table),
            [
                {"at": MOMENT, "document": {"k": "v"}, "text": long},
                {"at": earlier, "document": None, "text": None},
            ],
        )
        rows = connection.execute(select(table).order_by(table.c.at)).all()
        assert [tuple(row) for row in rows] == [
            (earlier, None, None),
            (MOMENT, {"k": "v"}, long),
        ]
        assert connection.execute(select(table.c.at).where(table.c.at > earlier)).all() == [
            (MOMENT,)
        ]
    engine.dispose()
