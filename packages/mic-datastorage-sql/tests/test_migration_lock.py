"""How each engine makes processes take turns."""

import pytest

from mic.datastorage_sql._migration_lock import MigrationLock, migration_lock


@pytest.mark.parametrize(
    ("dialect", "acquire", "granted"),
    [
        ("postgresql", "SELECT pg_advisory_lock(7883941669449066354)", None),
        ("mysql", "SELECT GET_LOCK('mic.migrations', 300)", 1),
        ("mariadb", "SELECT GET_LOCK('mic.migrations', 300)", 1),
    ],
)
def test_servers_have_locks_of_the_session(dialect: str, acquire: str, granted: int | None) -> None:
    lock = migration_lock(dialect)
    assert (lock.acquire, lock.granted, lock.begin) == (acquire, granted, None)
    assert any("timeout" in statement for statement in lock.prepare)


def test_the_key_of_postgresql_is_a_signed_64_bit_number() -> None:
    acquire = migration_lock("postgresql").acquire or ""
    key = int(acquire.partition("(")[2].rstrip(")"))
    assert key < 2**63
    assert key.to_bytes(8, "big") == b"mic-migr"


def test_oracle_fails_when_it_does_not_get_the_lock() -> None:
    acquire = migration_lock("oracle").acquire or ""
    assert "DBMS_LOCK.REQUEST(handle, DBMS_LOCK.X_MODE, 300, FALSE)" in acquire
    assert "RAISE_APPLICATION_ERROR" in acquire


def test_sqlite_locks_by_its_transaction() -> None:
    lock = migration_lock("sqlite")
    assert (lock.begin, lock.verify) == ("BEGIN IMMEDIATE", "PRAGMA foreign_key_check")
    assert "PRAGMA foreign_keys=OFF" in lock.prepare


def test_an_unknown_engine_has_none() -> None:
    assert migration_lock("mssql") == MigrationLock()
