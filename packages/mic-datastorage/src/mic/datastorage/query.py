"""The query vocabulary that every repository understands, and the cursor of keyset pages.

A `QuerySpec` is a value: build it anywhere, compare it, log it. Conditions are ANDed; `AnyOf` is
an OR of conditions. The meaning is the same on every backend: a comparison with NULL is false
(use `Op.is_null`), NULLs sort last in both directions, text compares by code point and with case.

Everything here is pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from mic.datastorage._cursor import decode_cursor, encode_cursor, spec_fingerprint

__all__ = [
    "AnyOf",
    "Condition",
    "Direction",
    "KeysetPage",
    "Op",
    "Order",
    "QuerySpec",
    "decode_cursor",
    "encode_cursor",
    "spec_fingerprint",
]

T = TypeVar("T")


class Op(StrEnum):
    """How a condition compares."""

    eq = "eq"
    ne = "ne"
    lt = "lt"
    lte = "lte"
    gt = "gt"
    gte = "gte"
    in_ = "in"
    not_in = "not_in"
    is_null = "is_null"
    starts_with = "starts_with"
    contains = "contains"


class Direction(StrEnum):
    """How a field is sorted. NULLs come last in both."""

    asc = "asc"
    desc = "desc"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field with a value.

    Attributes:
        field: Name of an attribute of the record type.
        op: The comparison.
        value: What to compare with: a collection for `in_` and `not_in` (kept as a tuple), a `bool`
            for `is_null` (`False` asks for *not null*), a `str` for `starts_with` and `contains`,
            which are literal (no wildcards) and case-sensitive.

    Raises:
        ValueError: `field` is empty, or `value` does not fit `op`: `None` (also inside a
            collection) is only asked for with `is_null`.
    """

    field: str
    op: Op
    value: Any

    def __post_init__(self) -> None:
        _require_field(self.field)
        object.__setattr__(self, "op", Op(self.op))
        if self.op in {Op.in_, Op.not_in}:
            object.__setattr__(self, "value", _members(self.value))
        elif self.op is Op.is_null:
            if not isinstance(self.value, bool):
                raise ValueError("is_null takes True or False")
        elif self.op in {Op.starts_with, Op.contains}:
            if not isinstance(self.value, str):
                raise ValueError(f"{self.op} takes a string")
        elif self.value is None:
            raise ValueError(f"{self.op} with None is never true: use is_null")


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when any of its conditions is.

    Raises:
        ValueError: `conditions` is empty or holds something else than conditions.
    """

    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", tuple(self.conditions))
        if not self.conditions:
            raise ValueError("AnyOf needs at least one condition")
        if not all(isinstance(each, Condition) for each in self.conditions):
            raise ValueError("AnyOf holds conditions only")


@dataclass(frozen=True, slots=True)
class Order:
    """A field to sort by. NULLs come last in both directions.

    Raises:
        ValueError: `field` is empty or `direction` is none.
    """

    field: str
    direction: Direction = Direction.asc

    def __post_init__(self) -> None:
        _require_field(self.field)
        object.__setattr__(self, "direction", Direction(self.direction))


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """Which records, in which order.

    Attributes:
        where: Conditions that must all hold; empty matches everything.
        order_by: Sort terms, the most important first; the primary key breaks ties.
        limit: The most records to give, 0 or more; `None` is up to the repository's `max_rows`.
        offset: How many records to leave out at the start, 0 or more.

    Raises:
        ValueError: `limit` or `offset` is negative, a member has the wrong type, or a field is
            sorted by twice.
    """

    where: tuple[Condition | AnyOf, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", tuple(self.where))
        object.__setattr__(self, "order_by", tuple(self.order_by))
        if not all(isinstance(each, Condition | AnyOf) for each in self.where):
            raise ValueError("where holds Condition and AnyOf only")
        if not all(isinstance(each, Order) for each in self.order_by):
            raise ValueError("order_by holds Order only")
        sorted_by = [each.field for each in self.order_by]
        if len(set(sorted_by)) != len(sorted_by):
            raise ValueError("order_by names a field twice")
        if self.limit is not None and (not _is_int(self.limit) or self.limit < 0):
            raise ValueError("limit must be a whole number of at least 0")
        if not _is_int(self.offset) or self.offset < 0:
            raise ValueError("offset must be a whole number of at least 0")


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[T]):
    """One page of a keyset walk.

    Attributes:
        items: The records of this page, in order.
        next_cursor: What to pass as `after` for the next page; `None` on the last page.
        total: How many records match at all, when it was asked for.
    """

    items: tuple[T, ...]
    next_cursor: str | None
    total: int | None = None


def _require_field(name: str) -> None:
    if not isinstance(name, str) or not name:
        raise ValueError("a field is named by a non-empty string")


def _members(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise ValueError("in and not_in take a collection of values")
    members = tuple(value)
    if any(member is None for member in members):
        raise ValueError("in and not_in never match None: use is_null")
    return members


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
