"""INSERT or UPDATE in one statement, as each engine reads it."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url

from mic.datastorage import UnsupportedOperationError
from mic.datastorage.repository import RepositoryOptions
from mic.datastorage_sql._mapping import map_record
from mic.datastorage_sql._upsert import upsert_record

DIALECTS: dict[str, Any] = {
    name: make_url(f"{name}://").get_dialect()()
    for name in ("sqlite", "postgresql", "mysql", "oracle")
}
DIALECTS["mariadb"] = make_url("mariadb+pymysql://").get_dialect()()
VALUES = {"id": "a", "name": "n", "score": 1, "version": 1}


def _sql(record_type: type[Any], values: dict[str, Any], conflict: str, dialect: str) -> str:
    mapping = map_record(record_type, RepositoryOptions())
    statement: Any = upsert_record(mapping, values, [mapping.columns[conflict]], dialect=dialect)
    return " ".join(str(statement.compile(dialect=DIALECTS[dialect])).split())


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_on_conflict(rows: SimpleNamespace, dialect: str) -> None:
    sql = _sql(rows.Account, VALUES, "name", dialect)
    assert "ON CONFLICT (name) DO UPDATE SET score = excluded.score, version = (" in sql
    returned = sql.partition("RETURNING ")[2].replace("contract_accounts.", "")
    assert returned == "id, version"
    by_id = _sql(rows.Account, VALUES, "id", dialect)
    assert "ON CONFLICT (id) DO UPDATE SET name = excluded.name, score = excluded.score" in by_id
    key = _sql(rows.KeyOnly, {"id": "a"}, "id", dialect)
    assert "ON CONFLICT (id) DO UPDATE SET id = excluded.id" in key


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_on_duplicate_key(rows: SimpleNamespace, dialect: str) -> None:
    sql = _sql(rows.Account, VALUES, "name", dialect)
    updates = sql.partition("ON DUPLICATE KEY UPDATE ")[2]
    assert updates.startswith("score = ")
    assert "version = (contract_accounts.version + " in updates
    key = _sql(rows.KeyOnly, {"id": "a"}, "id", dialect)
    assert key.endswith("ON DUPLICATE KEY UPDATE id = key_only.id")


def test_merge(rows: SimpleNamespace) -> None:
    assert _sql(rows.Account, VALUES, "name", "oracle") == (
        "MERGE INTO contract_accounts t USING (SELECT :v_id AS id, :v_name AS name,"
        " :v_score AS score, :v_version AS version FROM DUAL) s ON (t.name = s.name)"
        " WHEN MATCHED THEN UPDATE SET t.score = s.score, t.version = t.version + 1"
        " WHEN NOT MATCHED THEN INSERT (id, name, score, version)"
        " VALUES (s.id, s.name, s.score, s.version)"
    )
    assert _sql(rows.KeyOnly, {"id": "a"}, "id", "oracle") == (
        "MERGE INTO key_only t USING (SELECT :v_id AS id FROM DUAL) s ON (t.id = s.id)"
        " WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)"
    )


def test_other_engines_have_none(rows: SimpleNamespace) -> None:
    mapping = map_record(rows.Account, RepositoryOptions())
    with pytest.raises(UnsupportedOperationError, match="no upsert"):
        upsert_record(mapping, VALUES, [mapping.id_column], dialect="mssql")
