"""From what an engine says to what a caller handles."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import exc

from mic.datastorage import (
    ConstraintError,
    DuplicateRecordError,
    InvalidQueryError,
    UnsupportedOperationError,
)
from mic.datastorage_sql.errors import (
    ErrorContext,
    is_outage,
    raise_translated,
    reason_of,
    translate,
)
from mic.model import ConfigurationError, DomainError, TransientError


class DriverError(Exception):
    """What a driver raises."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args)
        vars(self).update(attributes)


def _wrapped(error: BaseException) -> exc.DBAPIError:
    return exc.DBAPIError("SELECT secret", {"password": "canary"}, error)


def _context(dialect: str = "postgresql", **options: bool) -> ErrorContext:
    return ErrorContext(dialect=dialect, place="postgresql://h/db", **options)


@pytest.mark.parametrize(
    ("state", "error_class", "code"),
    [
        ("23505", DuplicateRecordError, "storage.conflict"),
        ("23503", ConstraintError, "storage.constraint"),
        ("22001", InvalidQueryError, "storage.invalid_query"),
        ("40001", TransientError, "transient.sql_serialization"),
        ("57014", TransientError, "transient.sql_timeout"),
        ("08006", TransientError, "transient.sql_unavailable"),
        ("28P01", ConfigurationError, "config.storage_rejected"),
        ("25006", TransientError, "transient.sql_unavailable"),
    ],
)
def test_outcomes(state: str, error_class: type[DomainError], code: str) -> None:
    outcome = translate(_wrapped(DriverError("canary", sqlstate=state)), _context())
    assert type(outcome) is error_class
    assert outcome.code == code
    assert outcome.retryable == code.startswith("transient")
    if error_class in {TransientError, ConfigurationError}:
        assert outcome.details == {"url": "postgresql://h/db"}
    assert "canary" not in f"{outcome} {outcome.details}"


def test_a_bad_value_is_a_bad_record_when_it_is_written() -> None:
    too_long = _wrapped(DriverError(sqlstate="22001"))
    assert isinstance(translate(too_long, _context(writing=True)), ConstraintError)
    for error in (
        OverflowError("int too large"),
        _wrapped(OverflowError("int too large")),
        exc.StatementError("m", "SELECT", {}, TypeError("canary")),
    ):
        assert isinstance(translate(error, _context(writing=True)), ConstraintError)
        assert isinstance(translate(error, _context()), InvalidQueryError)
    refused = exc.StatementError("m", "SELECT", {}, ValueError("canary"))
    outcome = translate(refused, _context(writing=True))
    assert type(outcome) is ValueError
    assert "canary" not in str(outcome)
    assert isinstance(translate(refused, _context()), InvalidQueryError)


def test_a_write_where_only_reads_are_allowed() -> None:
    refused = _wrapped(DriverError(sqlstate="25006"))
    outcome = translate(refused, _context(read_only=True))
    assert isinstance(outcome, UnsupportedOperationError)
    on_sqlite = _wrapped(DriverError(sqlite_errorcode=8))
    assert isinstance(translate(on_sqlite, _context("sqlite")), ConfigurationError)
    outcome = translate(on_sqlite, _context("sqlite", read_only=True))
    assert isinstance(outcome, UnsupportedOperationError)


def test_a_statement_after_a_failure() -> None:
    outcome = translate(_wrapped(DriverError(sqlstate="25P02")), _context())
    assert isinstance(outcome, RuntimeError)


def test_codes_are_found_where_drivers_keep_them() -> None:
    mysql = _wrapped(DriverError(1062, "Duplicate entry 'canary'"))
    assert isinstance(translate(mysql, _context("mysql")), DuplicateRecordError)
    oracle = _wrapped(DriverError(SimpleNamespace(code=1, message="canary")))
    assert isinstance(translate(oracle, _context("oracle")), DuplicateRecordError)
    sqlite = _wrapped(DriverError("UNIQUE constraint failed: t.a, t.b", sqlite_errorcode=2067))
    outcome = translate(sqlite, _context("sqlite"))
    assert isinstance(outcome, DuplicateRecordError)
    assert (outcome.table, outcome.constraint) == ("t", None)
    nothing = _wrapped(DriverError())
    assert is_outage(translate(nothing, _context("mysql")))


def test_names_of_the_schema_come_from_the_driver() -> None:
    diagnostics = SimpleNamespace(constraint_name="items_name_key", table_name="items")
    for state in ("23505", "23503"):
        error = _wrapped(DriverError(sqlstate=state, diag=diagnostics))
        outcome = translate(error, _context())
        assert isinstance(outcome, DuplicateRecordError | ConstraintError)
        assert (outcome.constraint, outcome.table) == ("items_name_key", "items")
        assert outcome.details == {}


def test_what_is_no_error_of_the_engine_is_given_back() -> None:
    for error in (LookupError("x"), DuplicateRecordError(), exc.NoResultFound()):
        assert translate(error, _context()) is error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (exc.TimeoutError("QueuePool limit"), "pool_exhausted"),
        (_wrapped(DriverError(sqlstate="28P01")), "auth"),
        (ImportError("psycopg"), "auth"),
        (exc.ArgumentError("bad"), "auth"),
        (_wrapped(DriverError(sqlstate="57014")), "timeout"),
        (_wrapped(DriverError(sqlstate="08006")), "refused"),
        (ConnectionRefusedError(), "refused"),
        (LookupError(), "refused"),
    ],
)
def test_reasons_of_health(error: Exception, reason: str) -> None:
    assert reason_of(error, _context()) == reason


def test_what_is_raised_keeps_its_cause() -> None:
    refused = _wrapped(DriverError(sqlstate="28P01"))
    with pytest.raises(ConfigurationError, match="rejects") as caught:
        raise_translated(refused, _context())
    assert caught.value.__cause__ is refused
    with pytest.raises(LookupError, match="of the caller") as untouched:
        raise_translated(LookupError("of the caller"), _context())
    assert untouched.value.__cause__ is None


def test_a_type_error_while_connecting_is_an_unknown_option() -> None:
    error = TypeError("'colour' is an invalid keyword argument")
    assert isinstance(translate(error, _context(connecting=True)), ConfigurationError)
    assert translate(error, _context()) is error


def test_outages() -> None:
    assert is_outage(translate(exc.TimeoutError("QueuePool limit"), _context()))
    assert is_outage(translate(ConnectionResetError(), _context()))
    assert not is_outage(translate(_wrapped(DriverError(sqlstate="57014")), _context()))
    assert not is_outage(LookupError())
