"""What the storage suites store."""

from dataclasses import dataclass
from datetime import UTC, datetime

MOMENT = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)


@dataclass
class ContractRecord:
    """A record with the fields that the storage suites use.

    A backend whose records are classes of its own (a table class) gives its suite one with the same
    fields: `id` is the primary key, `name` is unique, `note` and `score` may be `None`, `at` is an
    aware moment, `version` counts changes.
    """

    id: str
    name: str
    note: str | None = None
    score: int | None = None
    at: datetime = MOMENT
    version: int = 1
