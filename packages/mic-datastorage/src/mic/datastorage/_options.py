"""Options of units of work and repositories as checked values, and the plan of a read: no I/O."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from mic.datastorage.errors import InvalidQueryError, UnknownFieldError
from mic.datastorage.query import AnyOf, Condition, Order, QuerySpec

IsolationLevel = Literal["read_committed", "repeatable_read", "serializable"]
"""The isolation that a unit of work asks for; an engine may give more, never less."""

MAX_PAGE = 1000
_MIN_SECRET_BYTES = 16
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOptions:
    """How a unit of work is wanted; what `unit_of_work()` was given, checked.

    Attributes:
        read_only: Refuse every write.
        isolation: `None` leaves it to the engine's default.
        timeout_seconds: The longest a statement may take, above 0; `None` is the storage's own.
        settings: Variables of the transaction (row-level security), where the engine has them.

    Raises:
        ValueError: A value is out of its range.
    """

    read_only: bool = False
    isolation: IsolationLevel | None = None
    timeout_seconds: float | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: _NO_SETTINGS)

    def __post_init__(self) -> None:
        if self.isolation is not None and self.isolation not in get_args(IsolationLevel):
            raise ValueError(f"isolation must be one of {', '.join(get_args(IsolationLevel))}")
        seconds = self.timeout_seconds
        if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
            raise ValueError("timeout_seconds must be finite and above 0")
        if not all(isinstance(text, str) for pair in self.settings.items() for text in pair):
            raise ValueError("settings map strings to strings")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryOptions:
    """The options of `repository()`, checked.

    Attributes:
        id_field: The attribute that is the primary key.
        version_field: The attribute that counts changes; a type without it has no versions.
        max_rows: The most records that `find` gives without an explicit limit.
        cursor_secret: Signs page cursors; at least 16 bytes.
        unique: Groups of fields that are unique together; used in memory only, elsewhere the
            schema says it.

    Raises:
        ValueError: A value is out of its range.
    """

    id_field: str = "id"
    version_field: str = "version"
    max_rows: int = 1000
    cursor_secret: bytes | None = None
    unique: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        if not self.id_field or not self.version_field or self.id_field == self.version_field:
            raise ValueError("id_field and version_field must be two different names")
        if self.max_rows < 1:
            raise ValueError("max_rows must be at least 1")
        if self.cursor_secret is not None and len(self.cursor_secret) < _MIN_SECRET_BYTES:
            raise ValueError(f"cursor_secret must have at least {_MIN_SECRET_BYTES} bytes")
        if any(isinstance(group, str) or not group for group in self.unique):
            raise ValueError("unique holds groups of field names")
        object.__setattr__(self, "unique", tuple(tuple(group) for group in self.unique))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlan:
    """A read as a backend carries it out: all names are known, the order is total.

    Attributes:
        where: Conditions that must all hold.
        order: Sort terms; the last decides, because it is the primary key.
        after: Sort keys (one for each term) behind which the read begins.
        limit: The most records to give.
        offset: How many records to leave out at the start.
    """

    where: tuple[Condition | AnyOf, ...]
    order: tuple[Order, ...]
    after: tuple[Any, ...] | None = None
    limit: int | None = None
    offset: int = 0

    def behind(self, keys: tuple[Any, ...]) -> "ReadPlan":
        """The same read, begun behind these sort keys."""
        return replace(self, after=keys, offset=0)

    def with_limit(self, limit: int) -> "ReadPlan":
        """The same read with another limit."""
        return replace(self, limit=limit)


def plan_read(spec: QuerySpec | None, *, id_field: str, known: Collection[str] | None) -> ReadPlan:
    """The plan for a spec: fields checked, the primary key appended as last tie-breaker.

    Args:
        spec: What the caller asked for; `None` is everything.
        id_field: The primary key.
        known: The fields of the record type; `None` when the type does not declare them.

    Raises:
        UnknownFieldError: A field that the record type does not have.
    """
    spec = QuerySpec() if spec is None else spec
    sorted_by = {term.field for term in spec.order_by}
    if known is not None:
        check_fields({*sorted_by, *_fields_of(spec.where)}, known=known)
    order = spec.order_by if id_field in sorted_by else (*spec.order_by, Order(id_field))
    return ReadPlan(where=spec.where, order=order, limit=spec.limit, offset=spec.offset)


def check_fields(names: Collection[str], *, known: Collection[str]) -> None:
    """Refuse unknown names.

    Raises:
        UnknownFieldError: One of `names` is not among `known`.
    """
    if any(name not in known for name in names):
        raise UnknownFieldError(message="the record type has no such field")


def check_page(spec: QuerySpec | None, *, limit: int) -> None:
    """Refuse a page that cannot be.

    Raises:
        ValueError: `limit` is not 1 to 1000.
        InvalidQueryError: The spec has a limit or an offset of its own.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit must be between 1 and {MAX_PAGE}")
    if spec is not None and (spec.limit is not None or spec.offset):
        raise InvalidQueryError(
            message="the spec of a page has no limit or offset: page() has its own"
        )


def check_delete(spec: QuerySpec) -> None:
    """Refuse a deletion that names no records.

    Raises:
        InvalidQueryError: `where` is empty, or the spec has a limit, an offset or an order.
    """
    if not spec.where:
        raise InvalidQueryError(message="delete_where needs a condition")
    if spec.limit is not None or spec.offset or spec.order_by:
        raise InvalidQueryError(message="delete_where takes conditions only")


def check_batch(batch_size: int) -> None:
    """Refuse a batch of no records.

    Raises:
        ValueError: `batch_size` is below 1.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")


def version_to_expect(
    record: Any, *, version_field: str | None, expected: int | None
) -> int | None:
    """The version that a change builds on: the caller's, else the record's own.

    Args:
        record: The record to be written.
        version_field: The field that counts changes; `None` for a type without versions.
        expected: What the caller asked for.

    Returns:
        `None` for a type without versions.

    Raises:
        ValueError: A version is expected of a type without versions, or there is none to expect.
    """
    if version_field is None:
        if expected is not None:
            raise ValueError("expected_version: this record type has no version field")
        return None
    version = getattr(record, version_field) if expected is None else expected
    if not isinstance(version, int):
        raise ValueError("the record has no version to build on")
    return version


def _fields_of(where: Sequence[Condition | AnyOf]) -> set[str]:
    conditions = [
        each for term in where for each in (term.conditions if isinstance(term, AnyOf) else (term,))
    ]
    return {each.field for each in conditions}
