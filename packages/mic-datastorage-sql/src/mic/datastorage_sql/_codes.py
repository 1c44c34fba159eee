"""The tables behind `classify`: SQLSTATEs and vendors' codes."""

from collections.abc import Mapping

from mic.datastorage_sql._kinds import ErrorKind

# PostgreSQL documentation, appendix A. A state wins over its class (the first two characters).
POSTGRES_STATES: Mapping[str, ErrorKind] = {
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
POSTGRES_CLASSES: Mapping[str, ErrorKind] = {
    "0A": ErrorKind.rejected,
    "22": ErrorKind.data,
    "23": ErrorKind.constraint,
    "28": ErrorKind.rejected,
    "3D": ErrorKind.rejected,
    "3F": ErrorKind.rejected,
    "42": ErrorKind.rejected,
}
# sqlite.org, "Result and Error Codes"; extended codes first where they differ from their primary.
SQLITE: Mapping[int, ErrorKind] = {
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
MYSQL: Mapping[int, ErrorKind] = {
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
ORACLE: Mapping[int, ErrorKind] = {
    1: ErrorKind.duplicate,
    **dict.fromkeys((1400, 1407, 2290, 2291, 2292), ErrorKind.constraint),
    **dict.fromkeys((1401, 1438, 1722, 12899), ErrorKind.data),
    **dict.fromkeys((60, 8177), ErrorKind.serialization),
    **dict.fromkeys((54, 1013, 30006), ErrorKind.timeout),
    **dict.fromkeys((900, 904, 942, 1005, 1017, 1031, 1045, 28000, 28001), ErrorKind.rejected),
    1456: ErrorKind.read_only,
}
