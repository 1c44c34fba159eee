"""Which way through a value its type asks for, decided once a type."""

import dataclasses
import datetime
import functools
import inspect
import sys
import typing
import urllib.parse
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from enum import Enum, auto
from typing import Any

from mic.redaction._secret import Redact, Secret
from mic.redaction._strategies import FieldRedactor, redact_drop

_MAX_TYPES = 1024
_PLAIN = (
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.tzinfo,
    uuid.UUID,
)
_URL_PARTS = (
    urllib.parse.SplitResult,
    urllib.parse.SplitResultBytes,
    urllib.parse.ParseResult,
    urllib.parse.ParseResultBytes,
)


class Kind(Enum):
    """How a value is walked."""

    TEXT = auto()
    INTEGER = auto()
    REAL = auto()
    SECRET = auto()
    BYTES = auto()
    EXCEPTION = auto()
    FIELDS = auto()
    MAPPING = auto()
    SEQUENCE = auto()
    URL_PARTS = auto()
    PLAIN = auto()
    OBJECT = auto()


# In this order: the first that fits decides.
_BY_BASE: tuple[tuple[Kind, tuple[type, ...]], ...] = (
    (Kind.SECRET, (Secret,)),
    (Kind.TEXT, (str,)),
    (Kind.INTEGER, (int,)),
    (Kind.REAL, (float,)),
    (Kind.BYTES, (bytes, bytearray, memoryview)),
    (Kind.EXCEPTION, (BaseException,)),
    (Kind.URL_PARTS, _URL_PARTS),
    (Kind.PLAIN, _PLAIN),
    (Kind.MAPPING, (Mapping,)),
    (Kind.SEQUENCE, (list, tuple, deque, Set, Sequence)),
)


def _kind_of(cls: type) -> Kind:
    # A type of pydantic's exists only when pydantic has been imported; importing it is not our
    # task.
    pydantic: Any = sys.modules.get("pydantic")
    if pydantic is not None:
        if issubclass(cls, (pydantic.SecretStr, pydantic.SecretBytes, pydantic.Secret)):
            return Kind.SECRET
        if issubclass(cls, pydantic.BaseModel):
            return Kind.FIELDS
    for kind, bases in _BY_BASE[:6]:
        if issubclass(cls, bases):
            return kind
    if dataclasses.is_dataclass(cls):
        return Kind.FIELDS
    for kind, bases in _BY_BASE[6:]:
        if issubclass(cls, bases):
            is_named = kind is Kind.SEQUENCE and hasattr(cls, "_fields")
            return Kind.FIELDS if is_named else kind
    return Kind.OBJECT


kind_of: Callable[[Any], Kind] = functools.lru_cache(maxsize=_MAX_TYPES)(_kind_of)
"""Gives the kind of a type."""


class FieldPlan(typing.NamedTuple):
    """A field of a class: its name, its alias (else the name), and what its marker asks for."""

    name: str
    alias: str
    marker: FieldRedactor | None


def _fields_of(cls: Any) -> tuple[FieldPlan, ...]:
    if hasattr(cls, "model_fields"):
        return tuple(
            FieldPlan(name, info.alias or name, _marker((*info.metadata, info.annotation)))
            for name, info in cls.model_fields.items()
        )
    names = getattr(cls, "_fields", ())
    if dataclasses.is_dataclass(cls):
        names = tuple(field.name for field in dataclasses.fields(cls))
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except Exception:
        # An annotation that cannot be resolved may be a marker.
        hints = {name: _unresolved(cls, name) for name in names}
    return tuple(FieldPlan(name, name, _marker((hints.get(name),))) for name in names)


fields_of: Callable[[Any], tuple[FieldPlan, ...]] = functools.lru_cache(maxsize=_MAX_TYPES)(
    _fields_of
)
"""Gives the fields of a pydantic model, a dataclass or a named tuple, by its type."""


def extra_fields(value: Any) -> Mapping[str, Any]:
    """Give what a pydantic model holds besides its fields."""
    extra = getattr(value, "__pydantic_extra__", None)
    return extra if isinstance(extra, dict) else {}


def _marker(parts: tuple[Any, ...]) -> FieldRedactor | None:
    return next((found.redactor for part in parts for found in _markers(part)), None)


def _markers(annotation: Any) -> Iterator[Redact]:
    if isinstance(annotation, Redact):
        yield annotation
    if typing.get_origin(annotation) is typing.Annotated:
        yield from (item for item in annotation.__metadata__ if isinstance(item, Redact))
    for argument in typing.get_args(annotation):
        yield from _markers(argument)


def _unresolved(cls: Any, name: str) -> Any:
    found = (inspect.get_annotations(base).get(name) for base in cls.__mro__)
    annotation = next((each for each in found if each is not None), None)
    if isinstance(annotation, str):
        return Redact(redact_drop) if "Annotated" in annotation else None
    return annotation
