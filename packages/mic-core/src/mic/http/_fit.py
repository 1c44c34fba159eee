"""Tells cheaply that an instance holds just what its model declares (pure).

A model that was built around its validators may hold anything in any field, and serializing that
would let out what the model does not have. pydantic notices it, but being asked to raise for it
costs more than it takes to serialize a small model. So instances of plain models are looked at
first; whatever is not plain here is left to pydantic's own, slower check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

from pydantic import BaseModel

_LONGEST_LOOKED_AT = 16
"""Items of a collection; pydantic walks through longer ones faster than Python does."""

_LEAVES: Mapping[str, type] = {
    "bool": bool,
    "date": date,
    "datetime": datetime,
    "decimal": Decimal,
    "float": float,
    "int": int,
    "none": NoneType,
    "str": str,
    "time": time,
    "timedelta": timedelta,
    "uuid": UUID,
}
# validators stand around a schema, and are not asked when a value is written
_AROUND = frozenset({"default", "function-after", "function-before", "function-wrap"})

_Types = frozenset[type]


class Fit:
    """What the instances of one plain model hold.

    Args:
        model: The model.
        leaves: The types that each single field may hold.
        collections: The type of each collection, and the types that its items may have.
    """

    __slots__ = ("_collections", "_count", "_leaves", "_model")

    def __init__(
        self,
        model: type[BaseModel],
        leaves: Mapping[str, _Types],
        collections: Mapping[str, tuple[type, _Types]],
    ) -> None:
        self._model = model
        self._leaves = tuple(leaves.items())
        self._collections = tuple((name, *each) for name, each in collections.items())
        self._count = len(leaves) + len(collections)

    def holds(self, value: BaseModel) -> bool:
        """Whether `value` surely is what its model says; `False` where that takes a closer look."""
        fields: dict[str, Any] = value.__dict__
        if type(value) is not self._model or len(fields) != self._count:
            return False
        for name, types in self._leaves:
            if type(fields.get(name, fields)) not in types:
                return False
        for name, collection, types in self._collections:
            items = fields.get(name)
            if type(items) is not collection or not _are(items, types):
                return False
        return True


def _are(items: Any, types: _Types) -> bool:
    return len(items) <= _LONGEST_LOOKED_AT and types.issuperset(map(type, items))


@dataclass(frozen=True, slots=True)
class _Collection:
    kind: type
    items: _Types


def fit_of(model: type[BaseModel], schema: Mapping[str, Any]) -> Fit | None:
    """What the instances of a model hold, by its core schema; `None` where it is not plain: fields
    of other types than single values and collections of them, serializers of its own, computed or
    extra fields.
    """
    if schema["type"] != "model" or schema.get("root_model") or not _is_plain(schema):
        return None
    inner = schema["schema"]
    if inner["type"] != "model-fields" or inner.get("computed_fields") or not _is_plain(inner):
        return None
    leaves: dict[str, _Types] = {}
    collections: dict[str, tuple[type, _Types]] = {}
    for name, field in inner["fields"].items():
        types = _read(field["schema"])
        if isinstance(types, _Collection):
            collections[name] = (types.kind, types.items)
        elif types is not None:
            leaves[name] = types
        else:
            return None
    return Fit(model, leaves, collections)


def _is_plain(schema: Mapping[str, Any]) -> bool:
    extra = schema.get("extra_behavior") or schema.get("config", {}).get("extra_fields_behavior")
    return "serialization" not in schema and extra != "allow"


def _read(schema: Mapping[str, Any]) -> _Types | _Collection | None:
    """The types that a schema stands for; `None` where it is none of the plain ones."""
    kind = schema["type"]
    if "serialization" in schema:
        return None
    if kind in _AROUND:
        return _read(schema["schema"])
    if kind in _LEAVES:
        return frozenset({_LEAVES[kind]})
    if kind == "nullable":
        inner = _read(schema["schema"])
        return inner | {NoneType} if isinstance(inner, frozenset) else None
    if kind == "list":
        return _collection(list, schema.get("items_schema"))
    if kind == "tuple" and schema.get("variadic_item_index") == 0:
        (items,) = schema["items_schema"]
        return _collection(tuple, items)
    return None


def _collection(kind: type, items: Mapping[str, Any] | None) -> _Collection | None:
    types = None if items is None else _read(items)
    return _Collection(kind, types) if isinstance(types, frozenset) else None
