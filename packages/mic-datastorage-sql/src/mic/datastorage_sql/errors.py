"""From what an engine says to what a caller handles.

`classify` is pure: a SQLSTATE or a vendor's code in, an `ErrorKind` out. `translate` wraps a
driver's exception once. A doubt never turns an outage into a permanent error: what is not
recognised is `unavailable`, and retryable.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import exc

from mic.datastorage.errors import (
    ConstraintError,
    DuplicateRecordError,
    InvalidQueryError,
    UnsupportedOperationError,
)
from mic.datastorage_sql._classify import ErrorKind, classify
from mic.model import ConfigurationError, DomainError, TransientError

__all__ = [
    "SERIALIZATION_CODE",
    "TIMEOUT_CODE",
    "UNAVAILABLE_CODE",
    "ErrorContext",
    "ErrorKind",
    "classify",
    "is_outage",
    "raise_translated",
    "reason_of",
    "translate",
]

SERIALIZATION_CODE = "transient.sql_serialization"
TIMEOUT_CODE = "transient.sql_timeout"
UNAVAILABLE_CODE = "transient.sql_unavailable"
_SQLITE_COLUMNS = re.compile(r"constraint failed: (?P<table>[^.\s]+)\.")
_TRANSIENT_MESSAGES = {
    UNAVAILABLE_CODE: "the database is unavailable",
    TIMEOUT_CODE: "the database did not finish in time",
    SERIALIZATION_CODE: "the transaction collided with another one",
}


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """Where an error happened.

    Attributes:
        dialect: SQLAlchemy's name of the dialect.
        place: The redacted URL, or `(injected engine)`; goes into `details`.
        writing: Whether the statement wrote; tells a bad record from a bad query.
        read_only: Whether the unit of work was read-only.
        connecting: Whether nothing but connecting was tried, so that a `TypeError` is the driver's
            answer to an unknown option.
    """

    dialect: str
    place: str
    writing: bool = False
    read_only: bool = False
    connecting: bool = False


def translate(error: BaseException, context: ErrorContext) -> BaseException:
    """What a caller gets for an exception of SQLAlchemy or a driver; others are given back.

    The result is to be raised `from` the original, which stays its cause.
    """
    if isinstance(error, exc.TimeoutError | OSError):
        return _transient(UNAVAILABLE_CODE, context)
    if isinstance(error, exc.DBAPIError):
        return _from_driver(error, context)
    if isinstance(error, exc.StatementError | OverflowError):
        return _from_value(error, context)
    unknown_option = context.connecting and isinstance(error, TypeError)
    if unknown_option or isinstance(error, exc.ArgumentError | ImportError):
        return _rejected("the database driver is missing or does not know an option", context)
    return error


def raise_translated(error: Exception, context: ErrorContext) -> NoReturn:
    """Raise what a caller gets for an exception; the original stays its cause."""
    outcome = translate(error, context)
    if outcome is error:
        raise error
    raise outcome from error


def reason_of(error: Exception, context: ErrorContext) -> str:
    """Why a health probe failed, as the code of a `HealthReport`."""
    if isinstance(error, exc.TimeoutError):
        return "pool_exhausted"
    outcome = translate(error, context)
    if isinstance(outcome, ConfigurationError):
        return "auth"
    timed_out = isinstance(outcome, TransientError) and outcome.code == TIMEOUT_CODE
    return "timeout" if timed_out else "refused"


def is_outage(outcome: BaseException) -> bool:
    """Whether the connection was lost, or never came to be."""
    return isinstance(outcome, TransientError) and outcome.code == UNAVAILABLE_CODE


def _from_driver(error: exc.DBAPIError, context: ErrorContext) -> BaseException:
    driver_error = error.orig
    kind = classify(
        context.dialect,
        sqlstate=_sqlstate_of(driver_error),
        code=_code_of(driver_error),
        message=str(driver_error),
    )
    if isinstance(driver_error, OverflowError):
        kind = ErrorKind.data
    match kind:
        case ErrorKind.duplicate:
            constraint, table = _names_of(driver_error)
            return DuplicateRecordError(constraint=constraint, table=table)
        case ErrorKind.constraint:
            constraint, table = _names_of(driver_error)
            return ConstraintError(constraint=constraint, table=table)
        case ErrorKind.data:
            return _bad_value(context)
        case ErrorKind.serialization:
            return _transient(SERIALIZATION_CODE, context)
        case ErrorKind.timeout:
            return _transient(TIMEOUT_CODE, context)
        case ErrorKind.rejected:
            return _rejected("the database rejects the connection or the statement", context)
        case ErrorKind.read_only:
            return _read_only(context)
        case ErrorKind.aborted:
            return RuntimeError(
                "a statement of this transaction failed, it can only be rolled back"
            )
    return _transient(UNAVAILABLE_CODE, context)


def _from_value(error: exc.StatementError | OverflowError, context: ErrorContext) -> BaseException:
    """A value that never reached the engine, because its column type refused it."""
    refused = error.orig if isinstance(error, exc.StatementError) else error
    if context.writing and isinstance(refused, ValueError):
        return ValueError("a value does not fit the type of its column")
    return _bad_value(context)


def _bad_value(context: ErrorContext) -> DomainError:
    if context.writing:
        return ConstraintError(message="a value does not fit the type of its column")
    return InvalidQueryError(message="a value does not fit the type of its field")


def _read_only(context: ErrorContext) -> DomainError:
    if context.read_only:
        return UnsupportedOperationError(message="the unit of work is read-only")
    if context.dialect == "sqlite":
        return _rejected("the database file is read-only", context)
    # A server that became a replica in a failover.
    return _transient(UNAVAILABLE_CODE, context)


def _transient(code: str, context: ErrorContext) -> TransientError:
    return TransientError(
        code=code, message=_TRANSIENT_MESSAGES[code], details={"url": context.place}
    )


def _rejected(message: str, context: ErrorContext) -> ConfigurationError:
    return ConfigurationError(
        code="config.storage_rejected", message=message, details={"url": context.place}
    )


def _sqlstate_of(error: BaseException | None) -> str | None:
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


def _code_of(error: BaseException | None) -> int | None:
    """The vendor's number, wherever the driver keeps it."""
    extended = getattr(error, "sqlite_errorcode", None)
    if isinstance(extended, int):
        return extended
    first: Any = error.args[0] if error is not None and error.args else None
    code = getattr(first, "code", first)  # python-oracledb has an object with `code`
    return code if isinstance(code, int) else None


def _names_of(error: BaseException | None) -> tuple[str | None, str | None]:
    """Constraint and table, where the driver tells them."""
    diagnostics = getattr(error, "diag", None)  # psycopg
    if diagnostics is not None:
        return diagnostics.constraint_name, diagnostics.table_name
    found = _SQLITE_COLUMNS.search(str(error))
    return None, found["table"] if found else None
