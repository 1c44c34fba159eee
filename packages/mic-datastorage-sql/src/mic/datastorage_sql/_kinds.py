"""The kinds of errors that engines have in common."""

from enum import StrEnum


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
