from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    TypeAdapter,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
)
from pydantic_core import PydanticSerializationError

from mic.contracts import StrictSchema
from mic.http._fit import Fit, fit_of


def fit(model: type[BaseModel]) -> Fit | None:
    return fit_of(model, TypeAdapter(model).core_schema)


class Plain(StrictSchema):
    name: Annotated[str, Field(min_length=1)] = "x"
    count: int | None = None
    price: Decimal = Decimal(1)
    ratio: float = 1.0
    open: bool = False
    id: UUID = UUID(int=1)
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    day: date = date(2026, 1, 1)
    hour: time = time(1)
    wait: timedelta = timedelta(1)
    tags: tuple[str, ...] = ()
    numbers: list[int | None] = Field(default=[])
    alias: str = Field(default="", serialization_alias="other")

    @field_validator("name")
    @classmethod
    def _kept(cls, value: str) -> str:
        return value


class Wider(Plain):
    secret: str = "s"


def test_an_instance_as_validated_fits() -> None:
    plain = fit(Plain)
    assert plain is not None
    assert plain.holds(Plain())
    assert plain.holds(Plain(count=1, tags=("a", "b"), numbers=[1, None]))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 1},
        {"name": type("Text", (str,), {})("x")},
        {"count": True},
        {"ratio": 1},
        {"tags": ["a"]},
        {"tags": ("a", 1)},
        {"tags": ("a",) * 17},
        {"tags": None},
        {"numbers": [object()]},
    ],
)
def test_what_was_built_around_the_validators_takes_a_closer_look(changes: dict[str, Any]) -> None:
    plain = fit(Plain)
    assert plain is not None
    assert not plain.holds(Plain.model_construct(**{**Plain().__dict__, **changes}))
    changed = Plain()
    changed.__dict__.update(changes)
    assert not plain.holds(changed)


def test_a_subclass_or_a_missing_field_takes_a_closer_look() -> None:
    plain = fit(Plain)
    assert plain is not None
    assert not plain.holds(Wider())
    assert not plain.holds(StrictSchema())
    without = Plain()
    del without.__dict__["name"]
    assert not plain.holds(without)
    without.__dict__["another"] = "x"
    assert not plain.holds(without)
    more = Plain()
    more.__dict__["another"] = "x"
    assert not plain.holds(more)


class Nested(BaseModel):
    inner: Plain


class Mapped(BaseModel):
    values: dict[str, int]


class Chosen(BaseModel):
    kind: Literal["a"]


class Anything(BaseModel):
    values: list  # type: ignore[type-arg]  # as users write it


class Pair(BaseModel):
    pair: tuple[int, str]


class Deep(BaseModel):
    rows: list[list[int]]


class MaybeMany(BaseModel):
    rows: list[int] | None


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Computing(BaseModel):
    name: str

    @computed_field
    def twice(self) -> str:
        return self.name * 2


class Serializing(BaseModel):
    name: str

    @field_serializer("name")
    def _write(self, value: str) -> str:
        return value


class Annotating(BaseModel):
    name: Annotated[str, PlainSerializer(str)]


class Whole(BaseModel):
    name: str

    @model_serializer
    def _write(self) -> dict[str, str]:
        return {}


class Root(RootModel[list[int]]):
    pass


class Recursive(BaseModel):
    name: str
    child: "Recursive | None" = None


@pytest.mark.parametrize(
    "model",
    [
        Nested,
        Mapped,
        Chosen,
        Anything,
        Pair,
        Deep,
        MaybeMany,
        Open,
        Computing,
        Serializing,
        Annotating,
        Whole,
        Root,
        Recursive,
    ],
)
def test_a_model_that_is_not_plain_is_left_to_pydantic(model: type[BaseModel]) -> None:
    assert fit(model) is None


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.lists(st.integers() | st.none() | st.text(), max_size=20),
    st.lists(st.text(), max_size=20).map(tuple),
    st.just(Wider()),
)


@given(st.dictionaries(st.sampled_from([*Plain.model_fields, "another"]), ODD))
def test_whatever_fits_is_written_as_pydantic_writes_it_with_its_check_on(
    changes: Mapping[str, Any],
) -> None:
    plain = fit(Plain)
    assert plain is not None
    value = Plain()
    value.__dict__.update(changes)
    to_json = TypeAdapter(Plain).serializer.to_json
    try:
        checked = to_json(value, by_alias=True, warnings="error")
    except (PydanticSerializationError, ValueError):
        # text that no JSON can hold is refused with the check and without it
        if plain.holds(value):
            with pytest.raises((PydanticSerializationError, ValueError), match=r"."):
                to_json(value, by_alias=True, warnings=False)
        return
    if plain.holds(value):
        assert to_json(value, by_alias=True, warnings=False) == checked
