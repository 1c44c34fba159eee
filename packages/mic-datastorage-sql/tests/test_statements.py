"""The statements of a repository, as each engine reads them."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url

from mic.datastorage import Condition, Direction, Op, Order
from mic.datastorage.repository import ReadPlan, RepositoryOptions
from mic.datastorage_sql import _statements
from mic.datastorage_sql._mapping import RecordMapping, map_record

DIALECTS: dict[str, Any] = {
    name: make_url(f"{name}://").get_dialect()()
    for name in ("sqlite", "postgresql", "mysql", "oracle")
}
DIALECTS["mariadb"] = make_url("mariadb+pymysql://").get_dialect()()
ID = Order("id")
NAME = Order("name")


@pytest.fixture
def mapping(rows: SimpleNamespace) -> RecordMapping:
    return map_record(rows.Account, RepositoryOptions())


def _sql(statement: Any, dialect: str) -> str:
    compiled = statement.compile(dialect=DIALECTS[dialect], compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())


def _read(mapping: RecordMapping, dialect: str, **plan: Any) -> str:
    plan = {"where": (), "order": (ID,), **plan}
    sql = _sql(_statements.select_records(mapping, ReadPlan(**plan), dialect=dialect), dialect)
    return sql.partition("FROM contract_accounts")[2].replace("contract_accounts.", "").strip()


@pytest.mark.parametrize(
    ("dialect", "collation"),
    [
        ("sqlite", 'id COLLATE "BINARY"'),
        ("postgresql", 'id COLLATE "C"'),
        ("mysql", "id COLLATE utf8mb4_bin"),
        ("mariadb", "id COLLATE utf8mb4_bin"),
        ("oracle", "id"),
    ],
)
def test_text_is_sorted_by_code_point(mapping: RecordMapping, dialect: str, collation: str) -> None:
    assert _read(mapping, dialect) == f"ORDER BY {collation} ASC"


def test_nulls_are_last_and_cost_nothing_where_there_are_none(mapping: RecordMapping) -> None:
    order = (Order("score", Direction.desc), Order("version"), ID)
    assert _read(mapping, "oracle", order=order) == (
        "ORDER BY CASE WHEN (score IS NULL) THEN 1 ELSE 0 END, score DESC, version ASC, id ASC"
    )


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("direction", "sign"), [("asc", ">"), ("desc", "<")])
def test_row_values_where_an_index_serves_them(
    mapping: RecordMapping, dialect: str, direction: Direction, sign: str
) -> None:
    order = (Order("version", direction), Order("id", direction))
    sql = _read(mapping, dialect, order=order, after=(3, "k"), limit=2)
    assert "WHERE (version, id COLLATE" in sql
    assert f") {sign} (3, 'k') ORDER BY" in sql


def test_else_the_place_is_spelled_out(mapping: RecordMapping) -> None:
    order = (Order("version", Direction.desc), ID)
    assert _read(mapping, "oracle", order=order, after=(3, "k")).startswith(
        "WHERE version <= 3 AND (version < 3 OR version = 3 AND id > 'k') ORDER BY"
    )
    ascending = (Order("version"), ID)
    assert "WHERE version >= 3 AND (version > 3" in _read(
        mapping, "mysql", order=ascending, after=(3, "k")
    )
    assert _read(mapping, "oracle", after=("k",)) == "WHERE id > 'k' ORDER BY id ASC"


def test_a_place_among_nulls(mapping: RecordMapping) -> None:
    order = (Order("score"), ID)
    assert _read(mapping, "oracle", order=order, after=(5, "k")).startswith(
        "WHERE score > 5 OR score IS NULL OR score = 5 AND id > 'k' ORDER BY"
    )
    assert _read(mapping, "oracle", order=order, after=(None, "k")).startswith(
        "WHERE score IS NULL AND id > 'k' ORDER BY"
    )


@pytest.mark.parametrize(
    ("dialect", "op", "sql"),
    [
        ("sqlite", Op.starts_with, "substr(note, 1, 3) = 'a%_'"),
        ("sqlite", Op.contains, "instr(note, 'a%_') > 0"),
        ("oracle", Op.starts_with, "substr(note, 1, 3) = 'a%_'"),
        ("postgresql", Op.starts_with, "((note COLLATE \"C\") LIKE 'a/%/_' || '%' ESCAPE '/')"),
        ("postgresql", Op.contains, "((note COLLATE \"C\") LIKE '%' || 'a/%/_' || '%' ESCAPE '/')"),
        (
            "mysql",
            Op.starts_with,
            "((note COLLATE utf8mb4_bin) LIKE concat('a/%/_', '%') ESCAPE '/')",
        ),
    ],
)
def test_search_is_literal_and_minds_case(
    mapping: RecordMapping, dialect: str, op: Op, sql: str
) -> None:
    read = _read(mapping, dialect, where=(Condition("note", op, "a%_"),))
    assert read.replace("%%", "%").startswith(f"WHERE {sql} ORDER BY")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("op", [Op.starts_with, Op.contains])
def test_an_empty_text_is_in_every_text(mapping: RecordMapping, dialect: str, op: Op) -> None:
    read = _read(mapping, dialect, where=(Condition("note", op, ""),))
    assert read.startswith("WHERE note IS NOT NULL ORDER BY")


def test_not_in_nothing_leaves_null_out(mapping: RecordMapping) -> None:
    where = (Condition("score", Op.not_in, ()),)
    assert _read(mapping, "sqlite", where=where).startswith("WHERE score IS NOT NULL AND (")


def test_limit_and_offset(mapping: RecordMapping) -> None:
    assert _read(mapping, "postgresql", limit=3, offset=2).endswith("LIMIT 3 OFFSET 2")
    assert "LIMIT" not in _read(mapping, "postgresql")


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "oracle"])
def test_for_update(mapping: RecordMapping, dialect: str) -> None:
    assert str(
        _statements.select_by_id(mapping, for_update=True).compile(dialect=DIALECTS[dialect])
    ).endswith("FOR UPDATE")
    assert "FOR UPDATE" not in str(_statements.select_by_id(mapping, for_update=False))


def test_an_update_is_one_statement(mapping: RecordMapping, rows: SimpleNamespace) -> None:
    assert " ".join(str(_statements.update_record(mapping)).split()) == (
        "UPDATE contract_accounts SET name=:v_name, note=:v_note, score=:v_score, at=:v_at,"
        " version=(contract_accounts.version + :version_1)"
        " WHERE contract_accounts.id = :mic_id AND contract_accounts.version = :mic_version"
    )
    key_only = map_record(rows.KeyOnly, RepositoryOptions())
    assert str(_statements.update_record(key_only)).split() == (
        ["UPDATE", "key_only", "SET", "id=key_only.id", "WHERE", "key_only.id", "=", ":mic_id"]
    )


def test_deletions_and_versions(mapping: RecordMapping, rows: SimpleNamespace) -> None:
    versioned = str(_statements.delete_record(mapping, versioned=True))
    assert versioned.endswith("id = :mic_id AND contract_accounts.version = :mic_version")
    assert str(_statements.delete_record(mapping, versioned=False)).endswith("id = :mic_id")
    where = (Condition("score", Op.eq, 3),)
    assert _sql(_statements.delete_records(mapping, where, dialect="sqlite"), "sqlite") == (
        "DELETE FROM contract_accounts WHERE contract_accounts.score = 3"
    )
    assert str(_statements.select_version(mapping)).startswith("SELECT contract_accounts.version")
    parents = map_record(rows.Parent, RepositoryOptions())
    assert str(_statements.select_version(parents)).startswith("SELECT parents.id")


def test_a_count_needs_no_order(mapping: RecordMapping) -> None:
    assert _sql(_statements.count_records(mapping, (), dialect="sqlite"), "sqlite") == (
        "SELECT count(*) AS count_1 FROM contract_accounts"
    )
