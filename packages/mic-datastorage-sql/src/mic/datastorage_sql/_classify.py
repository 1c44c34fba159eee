"""From a SQLSTATE or a vendor's code to what the error means: pure.

A doubt never turns an outage into a permanent error: what is not recognised is `unavailable`.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

__all__ = ["ErrorKind", "classify"]


class ErrorKind(StrEnum):
    """What an engine's error means for the caller."""

    duplicate = "duplicate"
    """A unique value exists."""
    constraint = "constraint"
    """Foreign key, not null, check, exclusion."""
    data = "data"
    """A value is too long, out of range, or of the wrong type."""
    serialization = "serialization"
    """Transactions collided: the whole may be run again."""
    timeout = "timeout"
    """A statement or a lock took too long."""
    rejected = "rejected"
    """Wrong password, unknown database, no permission, no such table: waiting does not help."""
    read_only = "read_only"
    """A write where only reads are allowed."""
    aborted = "aborted"
    """A statement after one that failed in the same transaction."""
    unavailable = "unavailable"
    """Refused, lost, overloaded, starting up; and everything that is not known."""


# PostgreSQL documentation, appendix A. A state wins over its class (the first two characters).
_POSTGRES_STATES: Mapping[str, ErrorKind] = {
    "22P01": ErrorKind.data,
    "23505": ErrorKind.duplicate,
    "25006": ErrorKind.read_only,
    "25P02": ErrorKind.aborted,
    "25P03": ErrorKind.timeout,  # idle_in_transaction_session_timeout
    "25P04": ErrorKind.timeout,  # transaction_timeout
    "40001": ErrorKind.serialization,
    "40P01": ErrorKind.serialization,
    "55P03": ErrorKind.timeout,  # lock_not_available
    "57014": ErrorKind.timeout,  # query_canceled
}
_POSTGRES_CLASSES: Mapping[str, ErrorKind] = {
    "0A": ErrorKind.rejected,
    "22": ErrorKind.data,
    "23": ErrorKind.constraint,
    "28": ErrorKind.rejected,
    "3D": ErrorKind.rejected,
    "3F": ErrorKind.rejected,
    "42": ErrorKind.rejected,
}
# sqlite.org, "Result and Error Codes"; extended codes first where they differ from their primary.
_SQLITE: Mapping[int, ErrorKind] = {
    1555: ErrorKind.duplicate,  # CONSTRAINT_PRIMARYKEY
    2067: ErrorKind.duplicate,  # CONSTRAINT_UNIQUE
    2579: ErrorKind.duplicate,  # CONSTRAINT_ROWID
    526: ErrorKind.rejected,  # CANTOPEN_ISDIR
    1: ErrorKind.rejected,  # ERROR: no such table, bad SQL
    3: ErrorKind.rejected,  # PERM
    5: ErrorKind.serialization,  # BUSY, BUSY_SNAPSHOT
    6: ErrorKind.serialization,  # LOCKED
    8: ErrorKind.read_only,
    9: ErrorKind.timeout,  # INTERRUPT
    18: ErrorKind.data,  # TOOBIG
    19: ErrorKind.constraint,
    20: ErrorKind.data,  # MISMATCH
    23: ErrorKind.rejected,  # AUTH
    25: ErrorKind.data,  # RANGE
    26: ErrorKind.rejected,  # NOTADB
}
# MySQL error reference and MariaDB error codes; both servers speak the same numbers below 2000.
_MYSQL: Mapping[int, ErrorKind] = {
    **dict.fromkeys((1062, 1586), ErrorKind.duplicate),
    **dict.fromkeys((1048, 1216, 1217, 1364, 1451, 1452, 3819, 4025), ErrorKind.constraint),
    **dict.fromkeys((1264, 1265, 1292, 1366, 1406, 1690), ErrorKind.data),
    **dict.fromkeys((1205, 1213), ErrorKind.serialization),
    **dict.fromkeys((1317, 1969, 3024), ErrorKind.timeout),
    **dict.fromkeys(
        (1044, 1045, 1049, 1054, 1064, 1142, 1143, 1146, 1193, 1227, 1251, 1698),
        ErrorKind.rejected,
    ),
    1792: ErrorKind.read_only,
}
# Oracle Database error messages (ORA-).
_ORACLE: Mapping[int, ErrorKind] = {
    1: ErrorKind.duplicate,
    **dict.fromkeys((1400, 1407, 2290, 2291, 2292), ErrorKind.constraint),
    **dict.fromkeys((1401, 1438, 1722, 12899), ErrorKind.data),
    **dict.fromkeys((60, 8177), ErrorKind.serialization),
    **dict.fromkeys((54, 1013, 30006), ErrorKind.timeout),
    **dict.fromkeys((900, 904, 942, 1005, 1017, 1031, 1045, 28000, 28001), ErrorKind.rejected),
    1456: ErrorKind.read_only,
}
_VENDOR_TABLES: Mapping[str, Mapping[int, ErrorKind]] = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "oracle": _ORACLE,
}
# libpq hands out no SQLSTATE when a connection fails; these fragments mean "rejected", in English.
_LIBPQ_REJECTED = re.compile(
    r"password authentication failed|no pg_hba\.conf entry|(?:role|database) \".*\" does not exist"
)


def classify(
    dialect: str, *, sqlstate: str | None = None, code: int | None = None, message: str = ""
) -> ErrorKind:
    """The kind of an engine's error.

    Args:
        dialect: SQLAlchemy's name of the dialect.
        sqlstate: The five characters of the SQL standard, where the engine has them (PostgreSQL).
        code: The vendor's number: SQLite's extended result code, MySQL's and Oracle's error number.
        message: Looked at only for PostgreSQL without a SQLSTATE.

    Returns:
        The kind; `unavailable` for everything that is not known.
    """
    if dialect == "sqlite":
        return _sqlite_kind(code)
    if dialect in _VENDOR_TABLES:
        return _VENDOR_TABLES[dialect].get(code or 0, ErrorKind.unavailable)
    if sqlstate is None:
        rejected = _LIBPQ_REJECTED.search(message) is not None
        return ErrorKind.rejected if rejected else ErrorKind.unavailable
    by_state = _POSTGRES_STATES.get(sqlstate)
    return by_state or _POSTGRES_CLASSES.get(sqlstate[:2], ErrorKind.unavailable)


def _sqlite_kind(code: int | None) -> ErrorKind:
    if code is None:
        return ErrorKind.unavailable
    # An extended code has its primary code in the low byte (sqlite.org, "Result and Error Codes").
    return _SQLITE.get(code) or _SQLITE.get(code & 0xFF, ErrorKind.unavailable)
