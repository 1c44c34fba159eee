"""Conditions and orders evaluated on objects in memory: pure, with the semantics of SQL.

A comparison with `None` is false; `None` sorts last in both directions; text compares by code
point, which is what a binary collation of UTF-8 does.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mic.datastorage.errors import InvalidQueryError
from mic.datastorage.query import AnyOf, Condition, Direction, Op, Order

FieldOf = Callable[[Any, str], Any]
"""Gives the value of a named field of a record."""

_COMPARISONS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.eq: operator.eq,
    Op.ne: operator.ne,
    Op.lt: operator.lt,
    Op.lte: operator.le,
    Op.gt: operator.gt,
    Op.gte: operator.ge,
    Op.in_: lambda value, members: value in members,
    Op.not_in: lambda value, members: value not in members,
    Op.starts_with: lambda value, prefix: value.startswith(prefix),
    Op.contains: lambda value, part: part in value,
}


def matches(record: Any, where: Sequence[Condition | AnyOf], *, field_of: FieldOf) -> bool:
    """Whether a record fulfils all terms.

    Raises:
        InvalidQueryError: A value cannot be compared with what the condition names.
    """
    return all(_holds(record, term, field_of) for term in where)


def ordering(order: Sequence[Order], *, field_of: FieldOf) -> Callable[[Any, Any], int]:
    """A comparison of two records (below, at or above 0) by all terms.

    It raises `InvalidQueryError` where the values of a field cannot be put in order.
    """

    def compare(left: Any, right: Any) -> int:
        return _compare(_keys(left, order, field_of), _keys(right, order, field_of), order)

    return compare


def comes_after(
    record: Any, place: Sequence[Any], order: Sequence[Order], *, field_of: FieldOf
) -> bool:
    """Whether a record stands behind the place that these sort keys name."""
    return _compare(_keys(record, order, field_of), place, order) > 0


def _keys(record: Any, order: Sequence[Order], field_of: FieldOf) -> list[Any]:
    return [field_of(record, term.field) for term in order]


def _holds(record: Any, term: Condition | AnyOf, field_of: FieldOf) -> bool:
    if isinstance(term, AnyOf):
        return any(_holds(record, each, field_of) for each in term.conditions)
    value = field_of(record, term.field)
    if term.op is Op.is_null:
        return bool((value is None) == term.value)
    if value is None:
        return False
    try:
        return bool(_COMPARISONS[term.op](value, term.value))
    except (TypeError, AttributeError) as error:
        raise InvalidQueryError(message=f"{term.op} does not fit this field") from error


def _compare(left: Sequence[Any], right: Sequence[Any], order: Sequence[Order]) -> int:
    sign: int
    for mine, other, term in zip(left, right, order, strict=True):
        if mine is None or other is None:
            if mine is other:
                continue
            return 1 if mine is None else -1
        try:
            sign = (mine > other) - (mine < other)
        except TypeError as error:
            raise InvalidQueryError(message="the values of a field cannot be sorted") from error
        if sign:
            return -sign if term.direction is Direction.desc else sign
    return 0
