"""The outcomes of storage that a caller handles; the same classes for every backend.

```
NotFoundError        RecordNotFoundError        storage.not_found
ConflictError        DuplicateRecordError       storage.conflict
                     VersionConflictError       storage.version_conflict
DomainError          ConstraintError            storage.constraint
                     UnsupportedOperationError  storage.unsupported
                     InvalidQueryError          storage.invalid_query
                     ├── UnknownFieldError      storage.unknown_field
                     ├── InvalidCursorError     storage.invalid_cursor
                     └── UnboundedResultError   storage.unbounded_result
TransientError       CommitUnknownError         transient.commit_unknown
```

Names of constraints and tables are attributes for programmers. They are never part of `details`,
which a client sees.
"""

from typing import Any, ClassVar

from mic.model import ConflictError, DomainError, NotFoundError, TransientError

__all__ = [
    "CommitUnknownError",
    "ConstraintError",
    "DuplicateRecordError",
    "InvalidCursorError",
    "InvalidQueryError",
    "RecordNotFoundError",
    "UnboundedResultError",
    "UnknownFieldError",
    "UnsupportedOperationError",
    "VersionConflictError",
]


class RecordNotFoundError(NotFoundError):
    """No record has the id that was asked for (404)."""

    default_code = "storage.not_found"


class DuplicateRecordError(ConflictError):
    """A record with the same primary key or unique fields exists (409).

    Attributes:
        constraint: Name of the violated constraint, where the engine tells it; for logs.
        table: Name of the table, where the engine tells it; for logs.
    """

    default_code = "storage.conflict"

    def __init__(
        self,
        *,
        message: str = "a record with the same unique value exists",
        constraint: str | None = None,
        table: str | None = None,
        **options: Any,
    ) -> None:
        """Describe the conflict; `options` are those of `mic.model.DomainError`."""
        super().__init__(message=message, **options)
        self.constraint = constraint
        self.table = table


class VersionConflictError(ConflictError):
    """Somebody else changed the record since it was read (409).

    `details` holds `expected`, the version that the caller built on, and `actual`, the stored one.
    """

    default_code = "storage.version_conflict"

    def __init__(
        self,
        *,
        expected: int | None,
        actual: int | None,
        message: str = "the record was changed by somebody else",
        **options: Any,
    ) -> None:
        """Describe the conflict; `options` are those of `mic.model.DomainError`, but `details`."""
        super().__init__(
            message=message, details={"expected": expected, "actual": actual}, **options
        )


class ConstraintError(DomainError):
    """The record breaks a rule of the schema: foreign key, not null, check, length (422).

    Attributes:
        constraint: Name of the violated constraint, where the engine tells it; for logs.
        table: Name of the table, where the engine tells it; for logs.
    """

    http_status_code = 422
    default_code: ClassVar[str | None] = "storage.constraint"

    def __init__(
        self,
        *,
        message: str = "the record breaks a rule of the schema",
        constraint: str | None = None,
        table: str | None = None,
        **options: Any,
    ) -> None:
        """Describe the violation; `options` are those of `mic.model.DomainError`."""
        super().__init__(message=message, **options)
        self.constraint = constraint
        self.table = table


class InvalidQueryError(DomainError):
    """The query cannot be answered as it is (400)."""

    http_status_code = 400
    default_code: ClassVar[str | None] = "storage.invalid_query"


class UnknownFieldError(InvalidQueryError):
    """The query names a field that the record type does not have; nothing was sent."""

    default_code = "storage.unknown_field"


class InvalidCursorError(InvalidQueryError):
    """The page cursor is damaged, forged, or belongs to another query."""

    default_code = "storage.invalid_cursor"


class UnboundedResultError(InvalidQueryError):
    """A query without `limit` matches more records than `max_rows`; none was returned."""

    default_code = "storage.unbounded_result"


class UnsupportedOperationError(DomainError):
    """This backend, or this kind of unit of work, does not offer the operation (501)."""

    http_status_code = 501
    default_code: ClassVar[str | None] = "storage.unsupported"


class CommitUnknownError(TransientError):
    """The connection was lost while COMMIT was in flight: the outcome is not known (503).

    Not retryable: a blind repetition may apply the change twice. Reconcile by a business key or an
    idempotency record.
    """

    retryable = False
    default_code = "transient.commit_unknown"

    def __init__(
        self, *, message: str = "the outcome of the commit is not known", **options: Any
    ) -> None:
        """Describe the outcome; `options` are those of `mic.model.DomainError`."""
        super().__init__(message=message, **options)
