"""Checked options and plans."""

from types import SimpleNamespace
from typing import Any

import pytest

from mic.datastorage import (
    AnyOf,
    Condition,
    InvalidQueryError,
    Op,
    Order,
    QuerySpec,
    UnknownFieldError,
)
from mic.datastorage._options import (
    check_batch,
    check_delete,
    check_page,
    plan_read,
    version_to_expect,
)
from mic.datastorage.repository import ReadPlan, RepositoryOptions
from mic.datastorage.uow import UnitOptions


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"isolation": "dirty"}, "isolation"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"timeout_seconds": float("inf")}, "timeout_seconds"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds"),
        ({"settings": {"app.tenant": 1}}, "settings"),
        ({"settings": {1: "a"}}, "settings"),
    ],
)
def test_bad_unit_options(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        UnitOptions(**arguments)


def test_good_unit_options() -> None:
    options = UnitOptions(isolation="serializable", timeout_seconds=0.5, settings={"a": "b"})
    assert (options.read_only, options.settings) == (False, {"a": "b"})
    assert UnitOptions().settings == {}


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"id_field": ""}, "two different names"),
        ({"version_field": ""}, "two different names"),
        ({"id_field": "version"}, "two different names"),
        ({"max_rows": 0}, "max_rows"),
        ({"cursor_secret": b"x" * 15}, "16 bytes"),
        ({"unique": ["name"]}, "groups"),
        ({"unique": [[]]}, "groups"),
    ],
)
def test_bad_repository_options(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        RepositoryOptions(**arguments)


def test_good_repository_options() -> None:
    options = RepositoryOptions(unique=[["a", "b"]], cursor_secret=b"x" * 16)
    assert options.unique == (("a", "b"),)
    assert options == RepositoryOptions(unique=(("a", "b"),), cursor_secret=b"x" * 16)


def test_a_plan_ends_with_the_id() -> None:
    assert plan_read(None, id_field="id", known=None) == ReadPlan(where=(), order=(Order("id"),))
    spec = QuerySpec(order_by=(Order("a"),), limit=3, offset=2)
    plan = plan_read(spec, id_field="id", known={"id", "a"})
    assert (plan.order, plan.limit, plan.offset) == ((Order("a"), Order("id")), 3, 2)
    own = (Order("id"), Order("a"))
    assert plan_read(QuerySpec(order_by=own), id_field="id", known=None).order == own


def test_a_plan_behind_keys_has_no_offset() -> None:
    plan = ReadPlan(where=(), order=(Order("id"),), offset=5).behind((1,)).with_limit(2)
    assert (plan.after, plan.offset, plan.limit) == ((1,), 0, 2)


@pytest.mark.parametrize(
    "spec",
    [
        QuerySpec(where=(Condition("x", Op.eq, 1),)),
        QuerySpec(where=(AnyOf((Condition("a", Op.eq, 1), Condition("x", Op.eq, 1))),)),
        QuerySpec(order_by=(Order("x"),)),
    ],
)
def test_unknown_fields(spec: QuerySpec) -> None:
    with pytest.raises(UnknownFieldError, match="no such field"):
        plan_read(spec, id_field="id", known={"id", "a"})
    assert plan_read(spec, id_field="id", known=None).where == spec.where


def test_checks_of_pages_batches_and_deletions() -> None:
    check_page(None, limit=1)
    check_page(QuerySpec(), limit=1000)
    check_batch(1)
    check_delete(QuerySpec(where=(Condition("a", Op.eq, 1),)))
    with pytest.raises(ValueError, match="between 1 and 1000"):
        check_page(None, limit=1001)
    with pytest.raises(ValueError, match="batch_size"):
        check_batch(0)
    with pytest.raises(InvalidQueryError, match="offset"):
        check_page(QuerySpec(offset=1), limit=1)
    with pytest.raises(InvalidQueryError, match="conditions only"):
        check_delete(QuerySpec(where=(Condition("a", Op.eq, 1),), offset=1))


def test_the_version_to_expect() -> None:
    record = SimpleNamespace(version=3, none=None)
    assert version_to_expect(record, version_field="version", expected=None) == 3
    assert version_to_expect(record, version_field="version", expected=2) == 2
    assert version_to_expect(record, version_field=None, expected=None) is None
    with pytest.raises(ValueError, match="no version field"):
        version_to_expect(record, version_field=None, expected=1)
    with pytest.raises(ValueError, match="no version to build on"):
        version_to_expect(record, version_field="none", expected=None)
