"""Conditions and orders in memory."""

from types import SimpleNamespace
from typing import Any

import pytest

from mic.datastorage import AnyOf, Condition, Direction, InvalidQueryError, Op, Order
from mic.datastorage._matching import comes_after, matches, ordering


def _field_of(record: Any, name: str) -> Any:
    return getattr(record, name)


def _row(**fields: Any) -> Any:
    return SimpleNamespace(**fields)


@pytest.mark.parametrize("op", [op for op in Op if op is not Op.is_null])
def test_a_comparison_with_null_is_false(op: Op) -> None:
    value: Any = ("",) if op in {Op.in_, Op.not_in} else ""
    assert not matches(_row(a=None), [Condition("a", op, value)], field_of=_field_of)


def test_any_of_holds_when_one_does() -> None:
    either = AnyOf((Condition("a", Op.eq, 1), Condition("a", Op.is_null, True)))
    held = [matches(_row(a=value), [either], field_of=_field_of) for value in (1, 2, None)]
    assert held == [True, False, True]


@pytest.mark.parametrize(("op", "value"), [(Op.lt, "a"), (Op.starts_with, "a"), (Op.contains, "a")])
def test_what_cannot_be_compared_is_a_bad_query(op: Op, value: Any) -> None:
    with pytest.raises(InvalidQueryError, match="does not fit"):
        matches(_row(a=1), [Condition("a", op, value)], field_of=_field_of)


def test_nulls_are_last_in_both_directions_and_equal() -> None:
    for direction in Direction:
        compare = ordering([Order("a", direction), Order("b")], field_of=_field_of)
        assert compare(_row(a=None, b=1), _row(a=5, b=0)) == 1
        assert compare(_row(a=5, b=0), _row(a=None, b=1)) == -1
        assert compare(_row(a=None, b=1), _row(a=None, b=2)) == -1
        assert compare(_row(a=None, b=1), _row(a=None, b=1)) == 0


def test_a_place_is_behind_itself_never() -> None:
    order = [Order("a", Direction.desc), Order("b")]
    record = _row(a=1, b=2)
    places = [(1, 2), (1, 1), (1, 3), (2, 9), (0, 0), (None, 0)]
    behind = [comes_after(record, place, order, field_of=_field_of) for place in places]
    assert behind == [False, True, False, True, False, False]


def test_values_of_different_kinds_have_no_order() -> None:
    compare = ordering([Order("a")], field_of=_field_of)
    with pytest.raises(InvalidQueryError, match="cannot be sorted"):
        compare(_row(a=1), _row(a="1"))
