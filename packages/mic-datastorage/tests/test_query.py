"""The query vocabulary."""

from typing import Any

import pytest

from mic.datastorage import AnyOf, Condition, Direction, KeysetPage, Op, Order, QuerySpec


def test_operations_and_directions_have_the_published_values() -> None:
    plain = ["eq", "ne", "lt", "lte", "gt", "gte", "not_in", "is_null", "starts_with", "contains"]
    assert {op.name: op.value for op in Op} == {"in_": "in", **{name: name for name in plain}}
    assert [direction.value for direction in Direction] == ["asc", "desc"]


def test_specs_are_values() -> None:
    spec = QuerySpec(
        where=(Condition("a", Op.in_, [1, 2]), AnyOf((Condition("b", Op.eq, 1),))),
        order_by=(Order("a"),),
        limit=3,
    )
    same = QuerySpec(
        where=(Condition("a", Op.in_, (1, 2)), AnyOf((Condition("b", Op.eq, 1),))),
        order_by=(Order("a", Direction.asc),),
        limit=3,
    )
    assert spec == same
    assert hash(spec) == hash(same)
    assert spec.where[0] == Condition("a", Op("in"), (1, 2))


def test_lists_and_names_are_taken_for_what_they_mean() -> None:
    condition = Condition("a", "gt", 1)  # type: ignore[arg-type]  # as it comes from JSON
    assert condition.op is Op.gt
    order = Order("a", "desc")  # type: ignore[arg-type]  # as it comes from JSON
    assert order.direction is Direction.desc
    spec = QuerySpec(where=[condition], order_by=[order])  # type: ignore[arg-type]  # lists
    assert (spec.where, spec.order_by) == ((condition,), (order,))
    assert AnyOf([condition]).conditions == (condition,)  # type: ignore[arg-type]  # a list


@pytest.mark.parametrize(
    ("op", "value", "match"),
    [
        (Op.eq, None, "is_null"),
        (Op.ne, None, "is_null"),
        (Op.lt, None, "is_null"),
        (Op.in_, "abc", "collection"),
        (Op.in_, b"abc", "collection"),
        (Op.in_, 1, "collection"),
        (Op.not_in, [1, None], "never match None"),
        (Op.is_null, 1, "True or False"),
        (Op.is_null, None, "True or False"),
        (Op.starts_with, 1, "string"),
        (Op.contains, None, "string"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(op: Op, value: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Condition("field", op, value)


@pytest.mark.parametrize("name", ["", None, 1])
def test_a_field_has_a_name(name: Any) -> None:
    with pytest.raises(ValueError, match="non-empty"):
        Condition(name, Op.eq, 1)
    with pytest.raises(ValueError, match="non-empty"):
        Order(name)


def test_an_unknown_operation_or_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="like"):
        Condition("a", "like", 1)  # type: ignore[arg-type]  # a caller's mistake
    with pytest.raises(ValueError, match="up"):
        Order("a", "up")  # type: ignore[arg-type]  # a caller's mistake


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"where": ("a = 1",)}, "Condition and AnyOf"),
        ({"order_by": ("a",)}, "Order only"),
        ({"order_by": (Order("a"), Order("a", Direction.desc))}, "twice"),
        ({"limit": -1}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": None}, "offset"),
    ],
)
def test_a_bad_spec_is_refused(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        QuerySpec(**arguments)


def test_any_of_nothing_or_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        AnyOf(())
    with pytest.raises(ValueError, match="conditions only"):
        AnyOf((AnyOf((Condition("a", Op.eq, 1),)),))  # type: ignore[arg-type]  # a caller's mistake


def test_a_page_has_no_total_unless_it_was_asked_for() -> None:
    assert KeysetPage(items=(1,), next_cursor=None).total is None
