"""Anything becomes plain JSON types."""

import enum
import json
import uuid
from collections import UserDict
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from mic.model import DomainError
from mic.model._json_safe import MAX_DEPTH, MAX_NODES, json_safe_object, plain_text


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class HostileText(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        raise RuntimeError("no")


class HostileDict(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no")


class HostileMeta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]  # deliberately not what `type` has
        raise RuntimeError("no")


class HostileClass(metaclass=HostileMeta):
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ("text", "text"),
        ("a\ud800b", "a?b"),
        ([1, (2, 3)], [1, [2, 3]]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (UserDict({"a": 1}), {"a": 1}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (float("nan"), "float"),
        (float("-inf"), "float"),
        (10**1000, 10**1000),
        (10**2000, "int"),
        (uuid.UUID(int=0), "UUID"),
        ({1, 2}, "set"),
        (b"x", "bytes"),
        (object(), "object"),
        (HostileText("quiet"), "quiet"),
        (HostileDict(a=1), "HostileDict"),
    ],
)
def test_each_kind_of_value(value: Any, safe: Any) -> None:
    shown = json_safe_object({"v": value})["v"]
    assert shown == safe
    assert type(shown) is type(safe)


def test_a_value_that_resists_is_named() -> None:
    assert json_safe_object({"v": HostileClass()}) == {"v": "HostileClass"}


@pytest.mark.parametrize(
    ("key", "shown"), [("k", "k"), (5, "5"), (True, "bool"), (None, "NoneType"), ((1,), "tuple")]
)
def test_keys_become_text(key: Any, shown: str) -> None:
    assert json_safe_object({key: 1}) == {shown: 1}


def test_cycles_end() -> None:
    cycle: dict[str, Any] = {}
    cycle["again"] = [cycle]
    assert json_safe_object(cycle) == {"again": ["dict"]}


def test_the_same_object_twice_is_no_cycle() -> None:
    part = {"a": 1}
    assert json_safe_object({"x": part, "y": part}) == {"x": part, "y": part}


def test_depth_is_bounded() -> None:
    nested: dict[str, Any] = {}
    for _ in range(MAX_DEPTH + 5):
        nested = {"n": nested}
    shown: Any = json_safe_object(nested)
    for _ in range(MAX_DEPTH):
        shown = shown["n"]
    assert shown == "dict"


def test_shared_parts_do_not_explode() -> None:
    wide: Any = "leaf"
    for _ in range(12):
        wide = [wide] * 10
    assert len(json.dumps(json_safe_object({"w": wide, "after": 1}))) < 20 * MAX_NODES
    many = json_safe_object({str(index): index for index in range(MAX_NODES * 2)})
    assert len(many) == MAX_NODES - 1


def test_what_is_no_mapping_after_all_is_an_empty_object() -> None:
    assert json_safe_object(HostileDict(a=1)) == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    )
)
def test_details_can_always_be_written(value: Any) -> None:
    problem = DomainError(code="c", message="m", details={"v": value}).to_problem()
    assert json.loads(json.dumps(problem, allow_nan=False)) == problem
    assert json.loads(to_json(problem, inf_nan_mode="constants")) == problem


def test_plain_text_is_an_exact_string() -> None:
    assert type(plain_text(HostileText("ä"))) is str
