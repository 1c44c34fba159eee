"""What is known about a record."""

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from mic.datastorage import UnknownFieldError
from mic.datastorage._records import copied, declared_fields, field_of, with_fields


@dataclass
class Plain:
    a: Any
    b: int = 0


@dataclass(frozen=True, slots=True)
class Frozen:
    a: Any
    b: int = 0


class Model(BaseModel):
    a: Any
    b: int = 0


class FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)
    a: Any
    b: int = 0


class Annotated:
    a: int


class Slotted(Annotated):
    __slots__ = ("b",)


class OneSlot:
    __slots__ = "a"


class Bare:
    def __init__(self) -> None:
        self.a = 1


class ReadOnly:
    @property
    def a(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("record_type", "fields"),
    [
        (Plain, {"a", "b"}),
        (Frozen, {"a", "b"}),
        (Model, {"a", "b"}),
        (Annotated, {"a"}),
        (Slotted, {"a", "b"}),
        (OneSlot, {"a"}),
        (Bare, set()),
    ],
)
def test_declared_fields(record_type: type, fields: set[str]) -> None:
    assert declared_fields(record_type) == fields


def test_an_absent_attribute_is_an_unknown_field() -> None:
    assert field_of(Bare(), "a") == 1
    with pytest.raises(UnknownFieldError, match="no such field"):
        field_of(Bare(), "b")


@pytest.mark.parametrize("record_type", [Plain, Frozen, Model, FrozenModel])
def test_a_copy_shares_nothing(record_type: type[Any]) -> None:
    record = record_type(a=[1])
    twin = copied(record)
    assert twin == record
    assert twin is not record
    assert twin.a is not record.a


def test_a_mapped_instance_is_copied_without_its_bookkeeping() -> None:
    class Mapper:
        column_attrs = (type("Attribute", (), {"key": "a"})(),)
        class_manager = type("Manager", (), {"new_instance": lambda self: Mapped.__new__(Mapped)})()

    class Mapped:
        __mapper__ = Mapper

        def __init__(self) -> None:
            self.a = [1]
            self.bookkeeping = "of the session"

    record = Mapped()
    twin = copied(record)
    assert twin.a == [1]
    assert twin.a is not record.a
    assert not hasattr(twin, "bookkeeping")


@pytest.mark.parametrize("record_type", [Plain, Model])
def test_a_record_is_changed_in_place(record_type: type[Any]) -> None:
    record = record_type(a=1)
    assert with_fields(record, b=5) is record
    assert (record.a, record.b) == (1, 5)


@pytest.mark.parametrize("record_type", [Frozen, FrozenModel])
def test_a_frozen_record_is_changed_in_a_copy(record_type: type[Any]) -> None:
    record = record_type(a=1)
    changed = with_fields(record, b=5)
    assert (changed.a, changed.b, record.b) == (1, 5, 0)


def test_what_cannot_be_changed_says_so() -> None:
    with pytest.raises(AttributeError, match="a"):
        with_fields(ReadOnly(), a=2)
    assert issubclass(FrozenInstanceError, AttributeError)
