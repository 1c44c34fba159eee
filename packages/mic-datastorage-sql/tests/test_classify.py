"""From a SQLSTATE or a vendor's code to what the error means."""

import sqlite3

import pytest

from mic.datastorage_sql.errors import ErrorKind, classify


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("23505", "duplicate"),
        ("23503", "constraint"),
        ("23502", "constraint"),
        ("23514", "constraint"),
        ("23P01", "constraint"),
        ("22001", "data"),
        ("22P02", "data"),
        ("40001", "serialization"),
        ("40P01", "serialization"),
        ("57014", "timeout"),
        ("55P03", "timeout"),
        ("25P03", "timeout"),
        ("28P01", "rejected"),
        ("28000", "rejected"),
        ("3D000", "rejected"),
        ("42P01", "rejected"),
        ("42501", "rejected"),
        ("0A000", "rejected"),
        ("25006", "read_only"),
        ("25P02", "aborted"),
        ("08006", "unavailable"),
        ("57P01", "unavailable"),
        ("57P03", "unavailable"),
        ("53300", "unavailable"),
        ("XX000", "unavailable"),
        ("?????", "unavailable"),
    ],
)
def test_sqlstates(state: str, kind: str) -> None:
    assert classify("postgresql", sqlstate=state) == kind


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ('FATAL:  password authentication failed for user "u"', "rejected"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4"', "rejected"),
        ('FATAL:  role "u" does not exist', "rejected"),
        ('FATAL:  database "d" does not exist', "rejected"),
        ("connection refused", "unavailable"),
        ("FATAL:  the database system is starting up", "unavailable"),
        ("FATAL:  sorry, too many clients already", "unavailable"),
        ('FATAL:  Passwort-Authentifizierung für Benutzer "u" fehlgeschlagen', "unavailable"),
        ('relation "x" does not exist', "unavailable"),
        ("", "unavailable"),
    ],
)
def test_messages_of_libpq(message: str, kind: str) -> None:
    assert classify("postgresql", message=message) == kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "duplicate"),
        (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, "duplicate"),
        (sqlite3.SQLITE_CONSTRAINT_ROWID, "duplicate"),
        (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "constraint"),
        (sqlite3.SQLITE_CONSTRAINT_NOTNULL, "constraint"),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, "constraint"),
        (sqlite3.SQLITE_BUSY, "serialization"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "serialization"),
        (sqlite3.SQLITE_BUSY_RECOVERY, "serialization"),
        (sqlite3.SQLITE_LOCKED, "serialization"),
        (sqlite3.SQLITE_INTERRUPT, "timeout"),
        (sqlite3.SQLITE_READONLY, "read_only"),
        (sqlite3.SQLITE_TOOBIG, "data"),
        (sqlite3.SQLITE_MISMATCH, "data"),
        (sqlite3.SQLITE_ERROR, "rejected"),
        (sqlite3.SQLITE_NOTADB, "rejected"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "rejected"),
        (sqlite3.SQLITE_CANTOPEN, "unavailable"),
        (sqlite3.SQLITE_IOERR, "unavailable"),
        (sqlite3.SQLITE_FULL, "unavailable"),
        (None, "unavailable"),
    ],
)
def test_codes_of_sqlite(code: int | None, kind: str) -> None:
    assert classify("sqlite", code=code) == kind


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1062, "duplicate"),
        (1452, "constraint"),
        (1048, "constraint"),
        (1406, "data"),
        (1205, "serialization"),
        (1213, "serialization"),
        (3024, "timeout"),
        (1969, "timeout"),
        (1045, "rejected"),
        (1049, "rejected"),
        (1146, "rejected"),
        (1792, "read_only"),
        (2003, "unavailable"),
        (2013, "unavailable"),
        (1040, "unavailable"),
        (None, "unavailable"),
    ],
)
def test_codes_of_mysql(dialect: str, code: int | None, kind: str) -> None:
    assert classify(dialect, code=code) == kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1, "duplicate"),
        (2291, "constraint"),
        (12899, "data"),
        (8177, "serialization"),
        (60, "serialization"),
        (54, "timeout"),
        (1017, "rejected"),
        (942, "rejected"),
        (1456, "read_only"),
        (3113, "unavailable"),
        (12541, "unavailable"),
    ],
)
def test_codes_of_oracle(code: int, kind: str) -> None:
    assert classify("oracle", code=code) == kind


def test_an_unknown_dialect_is_unavailable() -> None:
    assert classify("mssql", code=2627) is ErrorKind.unavailable
