"""What the in-memory backend knows about a record: its fields, how to copy it, how to change it.

A record is any object with attributes: a dataclass, a pydantic model, an SQLModel table class.
"""

import copy
import dataclasses
from typing import Any, TypeVar

from mic.datastorage.errors import UnknownFieldError

T = TypeVar("T")


def declared_fields(record_type: type) -> frozenset[str]:
    """The names of the fields that a type declares; empty when it declares none.

    A class that sets attributes in `__init__` alone declares nothing: its fields are known from its
    records only.
    """
    if dataclasses.is_dataclass(record_type):
        return frozenset(each.name for each in dataclasses.fields(record_type))
    model_fields = getattr(record_type, "model_fields", None)
    if isinstance(model_fields, dict):
        return frozenset(model_fields)
    return frozenset(
        name
        for base in record_type.__mro__
        for name in (*_slots_of(base), *vars(base).get("__annotations__", {}))
        if not name.startswith("__")
    )


def field_of(record: Any, name: str) -> Any:
    """The value of a field.

    Raises:
        UnknownFieldError: The record has no such attribute.
    """
    try:
        return getattr(record, name)
    except AttributeError as error:
        raise UnknownFieldError(message="the record type has no such field") from error


def copied(record: T) -> T:
    """A copy that shares nothing mutable with the record."""
    manager = getattr(getattr(type(record), "__mapper__", None), "class_manager", None)
    if manager is None:
        return copy.deepcopy(record)
    # A mapped instance carries its session's bookkeeping, which must not be copied along: make a
    # fresh one without calling `__init__`, and set the fields.
    twin: T = manager.new_instance()
    for attribute in type(record).__mapper__.column_attrs:  # type: ignore[attr-defined]  # mapped, see above
        setattr(twin, attribute.key, copy.deepcopy(getattr(record, attribute.key)))
    return twin


def with_fields(record: T, **values: Any) -> T:
    """The record with other values: itself, or, when it is frozen, a changed copy."""
    try:
        for name, value in values.items():
            setattr(record, name, value)
    except (AttributeError, TypeError, ValueError):  # frozen: dataclass, slots, pydantic
        if hasattr(record, "model_copy"):
            changed: T = record.model_copy(update=values)
            return changed
        if not dataclasses.is_dataclass(record) or isinstance(record, type):
            raise
        return dataclasses.replace(record, **values)
    return record


def _slots_of(base: type) -> tuple[str, ...]:
    slots = vars(base).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
