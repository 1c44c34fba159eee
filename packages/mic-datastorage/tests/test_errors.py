"""The errors of storage."""

import pickle
from typing import Any

import pytest

from mic.datastorage import errors
from mic.model import ConflictError, DomainError, NotFoundError, TransientError


@pytest.mark.parametrize(
    ("name", "parent", "code", "status"),
    [
        ("RecordNotFoundError", NotFoundError, "storage.not_found", 404),
        ("DuplicateRecordError", ConflictError, "storage.conflict", 409),
        ("VersionConflictError", ConflictError, "storage.version_conflict", 409),
        ("ConstraintError", DomainError, "storage.constraint", 422),
        ("InvalidQueryError", DomainError, "storage.invalid_query", 400),
        ("UnknownFieldError", errors.InvalidQueryError, "storage.unknown_field", 400),
        ("InvalidCursorError", errors.InvalidQueryError, "storage.invalid_cursor", 400),
        ("UnboundedResultError", errors.InvalidQueryError, "storage.unbounded_result", 400),
        ("UnsupportedOperationError", DomainError, "storage.unsupported", 501),
        ("CommitUnknownError", TransientError, "transient.commit_unknown", 503),
    ],
)
def test_each_error_has_its_code_and_status(
    name: str, parent: type[DomainError], code: str, status: int
) -> None:
    error_class = getattr(errors, name)
    arguments: dict[str, Any] = {"message": "what happened"}
    if name == "VersionConflictError":
        arguments |= {"expected": 1, "actual": 2}
    error = error_class(**arguments)
    assert isinstance(error, parent)
    assert (error.code, error.http_status_code, error.retryable) == (code, status, False)
    assert name in errors.__all__


@pytest.mark.parametrize("error_class", [errors.DuplicateRecordError, errors.ConstraintError])
def test_names_of_the_schema_are_attributes_and_no_details(
    error_class: type[errors.DuplicateRecordError | errors.ConstraintError],
) -> None:
    error = error_class(constraint="items_name_key", table="items")
    again = pickle.loads(pickle.dumps(error))
    for each in (error, again):
        assert (each.constraint, each.table, each.details) == ("items_name_key", "items", {})
        assert "items" not in each.message


def test_a_version_conflict_says_what_was_expected() -> None:
    error = errors.VersionConflictError(expected=1, actual=None)
    assert error.details == {"expected": 1, "actual": None}


def test_an_unknown_commit_has_a_message_of_its_own() -> None:
    assert "not known" in errors.CommitUnknownError().message
