"""What a unit of work tells each engine."""

from typing import Any

import pytest

from mic.datastorage import UnsupportedOperationError
from mic.datastorage.uow import UnitOptions
from mic.datastorage_sql._unit_plan import UnitPlan, plan_unit

SERVERS = ["postgresql", "mysql", "mariadb", "oracle", "mssql"]


def _plan(dialect: str, **options: Any) -> UnitPlan:
    return plan_unit(dialect, UnitOptions(**options))


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_plain_unit_sends_nothing(dialect: str) -> None:
    assert _plan(dialect) == UnitPlan({}, ())


@pytest.mark.parametrize("isolation", [None, "read_committed", "repeatable_read", "serializable"])
def test_sqlite_begins_as_it_is_used(isolation: Any) -> None:
    assert _plan("sqlite", isolation=isolation) == UnitPlan(
        {"mic_begin": "BEGIN IMMEDIATE", "mic_read_only": False}
    )
    assert _plan("sqlite", isolation=isolation, read_only=True) == UnitPlan(
        {"mic_begin": "BEGIN", "mic_read_only": True}
    )


def test_isolation() -> None:
    for dialect in SERVERS:
        plan = _plan(dialect, isolation="serializable")
        assert plan.execution_options == {"isolation_level": "SERIALIZABLE"}
    with pytest.raises(UnsupportedOperationError, match="Oracle"):
        _plan("oracle", isolation="repeatable_read")


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("postgresql", "SET TRANSACTION READ ONLY"),
        ("oracle", "SET TRANSACTION READ ONLY"),
        ("mysql", "START TRANSACTION READ ONLY"),
        ("mariadb", "START TRANSACTION READ ONLY"),
    ],
)
def test_read_only(dialect: str, statement: str) -> None:
    assert _plan(dialect, read_only=True).statements == ((statement, {}),)


def test_postgresql_knows_timeouts_and_settings() -> None:
    plan = _plan(
        "postgresql", read_only=True, timeout_seconds=0.25, settings={"app.tenant": "'; DROP"}
    )
    assert plan.statements == (
        ("SET TRANSACTION READ ONLY", {}),
        ("SET LOCAL statement_timeout = 250", {}),
        ("SELECT set_config(:name, :value, true)", {"name": "app.tenant", "value": "'; DROP"}),
    )
    assert _plan("mysql", timeout_seconds=1).statements == ()


@pytest.mark.parametrize("dialect", ["sqlite", "mysql", "mariadb", "oracle", "mssql"])
def test_only_postgresql_has_settings(dialect: str) -> None:
    with pytest.raises(ValueError, match="settings"):
        _plan(dialect, settings={"app.tenant": "t"})
