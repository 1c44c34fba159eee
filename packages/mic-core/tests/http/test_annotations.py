from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional, TypedDict, Union

import pytest
from pydantic import Field

from mic.contracts import StrictSchema
from mic.http._annotations import (
    field_names,
    holds_model,
    inspect_callee,
    is_collection,
    is_model,
    is_upload,
    item_of,
    shape_of,
)
from mic.http.params import Header, Query, UploadedFile


class Model(StrictSchema):
    name: str
    tags: list[str] = Field(default=[], alias="tag")


@dataclass
class Data:
    name: str
    tags: tuple[str, ...] = ()


class Typed(TypedDict):
    name: str


@pytest.mark.parametrize(
    ("annotation", "core", "optional"),
    [
        (int, int, False),
        (Optional[int], int, True),  # noqa: UP045  # both spellings must be read
        (int | None, int, True),
        (Annotated[int | None, Field(ge=1)], int, True),
        (Annotated[int, Field(ge=1)] | None, int, True),
        (int | str, int | str, False),
        (Union[int, str, None], int | str, True),  # noqa: UP007
    ],
)
def test_annotated_and_optional_are_looked_through(
    annotation: Any, core: Any, optional: bool
) -> None:
    shape = shape_of(annotation)
    assert (shape.core, shape.optional) == (core, optional)


def test_the_first_marker_counts_given_as_instance_or_class() -> None:
    assert shape_of(Annotated[int, Query(alias="n"), Header()]).marker == Query(alias="n")
    assert shape_of(Annotated[int, Header, Query]).marker == Header()
    assert shape_of(Annotated[int, "text"]).marker is None


@pytest.mark.parametrize("core", [Model, Data, Typed, dict, dict[str, int], Mapping[str, int]])
def test_these_are_models(core: Any) -> None:
    assert is_model(core)


@pytest.mark.parametrize("core", [int, str, list[int], UploadedFile, Any, int | str, Literal["a"]])
def test_these_are_no_models(core: Any) -> None:
    assert not is_model(core)


@pytest.mark.parametrize(
    "annotation", [Model, list[Model], Model | int, Model | None, list[Model | None]]
)
def test_these_hold_models(annotation: Any) -> None:
    assert holds_model(annotation)


@pytest.mark.parametrize("annotation", [int, list[int], int | None, UploadedFile, list])
def test_these_hold_no_models(annotation: Any) -> None:
    assert not holds_model(annotation)


def test_uploads_and_collections() -> None:
    assert is_upload(UploadedFile)
    assert is_upload(list[UploadedFile])
    assert not is_upload(list[int])
    assert is_collection(set[int])
    assert not is_collection(str)
    assert item_of(list) is Any


def test_field_names_know_aliases_and_repetition() -> None:
    assert field_names(Model) == {"name": False, "tags": True, "tag": True}
    assert field_names(Data) == {"name": False, "tags": True}
    assert field_names(Typed) == {"name": False}
    assert field_names(dict[str, int]) == {}
    assert field_names(Mapping) == {}


def handle(a: int, /, b: Annotated[str, Query()], *args: int, c: Model | None = None) -> Data:
    raise NotImplementedError


class Callable_:  # noqa: N801
    async def __call__(self, x: int) -> None: ...


def test_a_function_is_inspected_with_its_string_annotations() -> None:
    callee = inspect_callee(handle)
    assert [parameter.name for parameter in callee.parameters] == ["a", "b", "args", "c"]
    assert callee.hints["c"] == Model | None
    assert callee.returns is Data
    assert not callee.is_async


def test_a_callable_object_is_inspected() -> None:
    callee = inspect_callee(Callable_())
    assert [parameter.name for parameter in callee.parameters] == ["x"]
    assert callee.is_async
    assert callee.returns is None


def test_what_a_partial_binds_is_not_asked_of_the_request() -> None:
    def inner(repo: int, name: str = "x") -> None: ...

    callee = inspect_callee(functools.partial(functools.partial(inner), repo=3))
    assert [parameter.name for parameter in callee.parameters] == ["name"]


def test_no_return_annotation_is_told_from_none() -> None:
    def bare(x: int):  # type: ignore[no-untyped-def]  # the missing annotation is the point
        return x

    assert inspect_callee(bare).returns is inspect.Signature.empty
