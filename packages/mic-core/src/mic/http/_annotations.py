"""Reads handlers' annotations (pure): what is optional, what is a collection, what looks like a
body.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from mic.http.params import Marker, UploadedFile

_COLLECTIONS = (list, tuple, set, frozenset)


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """An annotation, looked through `Annotated` and `Optional`.

    Attributes:
        core: The type inside.
        optional: Whether `None` is allowed.
        marker: The marker given with `Annotated`, if any.
    """

    core: Any
    optional: bool
    marker: Marker | None


def shape_of(annotation: Any) -> Shape:
    """Look through `Annotated` and `Optional`, nested in any order."""
    marker: Marker | None = None
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            for item in metadata:
                if marker is None and isinstance(item, Marker):
                    marker = item
                elif marker is None and isinstance(item, type) and issubclass(item, Marker):
                    marker = item()
        elif is_union(annotation) and type(None) in get_args(annotation):
            optional = True
            rest = tuple(part for part in get_args(annotation) if part is not type(None))
            annotation = functools.reduce(operator.or_, rest)
            if len(rest) > 1:
                return Shape(annotation, True, marker)
        else:
            return Shape(annotation, optional, marker)


def is_union(annotation: Any) -> bool:
    """Whether it is `X | Y` or `Union[X, Y]`."""
    return get_origin(annotation) in (Union, types.UnionType)


def is_typeddict(core: Any) -> bool:
    """Whether it is a TypedDict, of `typing` or (which pydantic wants before Python 3.12) of
    `typing_extensions`.
    """
    return isinstance(core, type) and issubclass(core, dict) and hasattr(core, "__required_keys__")


def is_collection(core: Any) -> bool:
    """Whether a parameter of this type takes repeated values."""
    return core in _COLLECTIONS or get_origin(core) in _COLLECTIONS


def item_of(core: Any) -> Any:
    """The type of a collection's items, `Any` where it does not say."""
    arguments = get_args(core)
    return arguments[0] if arguments else Any


def is_model(core: Any) -> bool:
    """Whether it has named fields: a pydantic model, a dataclass, a TypedDict, a mapping."""
    origin = get_origin(core) or core
    if not isinstance(origin, type):
        return False
    if issubclass(origin, BaseModel | Mapping) or is_typeddict(origin):
        return True
    return dataclasses.is_dataclass(origin) and not issubclass(origin, UploadedFile)


def holds_model(annotation: Any) -> bool:
    """Whether it is a model, or a collection or union that holds one."""
    core = shape_of(annotation).core
    if is_model(core):
        return True
    if is_union(core) or is_collection(core):
        return any(holds_model(part) for part in get_args(core))
    return False


def is_upload(core: Any) -> bool:
    """Whether it is `UploadedFile` or a list of it."""
    return core is UploadedFile or (is_collection(core) and item_of(core) is UploadedFile)


def field_names(model: Any) -> dict[str, bool]:
    """The names on the wire of a model's fields, each with whether it takes repeated values. Empty
    for a plain mapping.
    """
    origin = get_origin(model) or model
    if issubclass(origin, BaseModel):
        names: dict[str, bool] = {}
        for name, info in origin.model_fields.items():
            many = is_collection(shape_of(info.annotation).core)
            for alias in (name, info.alias, info.validation_alias):
                if isinstance(alias, str):
                    names[alias] = many
        return names
    if issubclass(origin, dict) and not is_typeddict(origin):
        return {}
    if is_typeddict(origin) or dataclasses.is_dataclass(origin):
        hints = typing.get_type_hints(origin, include_extras=True)
        return {name: is_collection(shape_of(hint).core) for name, hint in hints.items()}
    return {}


@dataclasses.dataclass(frozen=True, slots=True)
class Callee:
    """What there is to know about calling a handler.

    Attributes:
        parameters: Its parameters, without those that a `functools.partial` has bound.
        hints: Its resolved annotations, `Annotated` kept.
        returns: Its return annotation, `inspect.Signature.empty` where it has none.
        is_async: Whether it is a coroutine function.
    """

    parameters: tuple[inspect.Parameter, ...]
    hints: Mapping[str, Any]
    returns: Any
    is_async: bool


def inspect_callee(handler: Callable[..., Any]) -> Callee:
    """Inspect a function, a `functools.partial` or a callable object.

    Raises:
        NameError, TypeError, ValueError: The signature or an annotation cannot be resolved.
    """
    bound: set[str] = set()
    function: Any = handler
    while isinstance(function, functools.partial):
        # what the service has bound is its own business: a request must not be able to replace it
        bound.update(function.keywords)
        function = function.func
    if not inspect.isroutine(function):
        function = type(function).__call__.__get__(function)
    signature = inspect.signature(handler)
    hints = typing.get_type_hints(inspect.unwrap(function), include_extras=True)
    returns = hints.pop("return", inspect.Signature.empty)
    if returns is type(None) or signature.return_annotation is inspect.Signature.empty:
        returns = None if returns is type(None) else inspect.Signature.empty
    parameters = tuple(item for name, item in signature.parameters.items() if name not in bound)
    return Callee(parameters, hints, returns, inspect.iscoroutinefunction(inspect.unwrap(function)))
