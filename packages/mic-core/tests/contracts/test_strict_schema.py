"""Strict, exact and tolerant schemas, and changed copies of them."""

import datetime
import enum
import importlib
import uuid
from functools import cached_property
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    computed_field,
    model_validator,
)

import mic.contracts
from mic.contracts import ExactSchema, RawStr, StrictSchema, TolerantSchema


class Colour(enum.Enum):
    RED = "red"


class Address(StrictSchema):
    city: str


class FullAddress(Address):
    street: str


class Item(StrictSchema):
    name: str
    quantity: int = 0


NOTHING: Any = None


class Everything(StrictSchema):
    name: str
    by_alias: int = Field(default=1, alias="byAlias")
    by_choice: int = Field(default=2, validation_alias=AliasChoices("choice", AliasPath("x", 0)))
    by_path: int = Field(default=3, validation_alias=AliasPath("y", 1))
    secret: str = Field(default="s", exclude=True)
    address: Address = Address(city="Bern")
    addresses: tuple[Address, ...] = ()
    identity: uuid.UUID = Field(default_factory=uuid.uuid4)
    # A default that would not be valid.
    unchecked: int = Field(default=NOTHING)
    _calls: int = PrivateAttr(default=0)

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def shout(self) -> str:
        return self.name.upper()


def test_the_published_modules_import() -> None:
    module = importlib.import_module("mic.contracts.strict_schema")
    assert module.StrictSchema is StrictSchema
    assert sorted(mic.contracts.__all__) == mic.contracts.__all__
    assert all(hasattr(mic.contracts, name) for name in mic.contracts.__all__)


def test_unknown_members_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Item.model_validate({"name": "a", "other": 1})


def test_instances_are_frozen() -> None:
    item = Item(name="a")
    with pytest.raises(ValidationError, match="Instance is frozen"):
        item.name = "b"


def test_names_and_aliases_fill_fields() -> None:
    assert Everything.model_validate({"name": "a", "byAlias": 5}).by_alias == 5
    assert Everything.model_validate({"name": "a", "by_alias": 5}).by_alias == 5


def test_strings_are_stripped_unless_raw() -> None:
    class Login(StrictSchema):
        user: str
        password: RawStr

    login = Login(user="  ann ", password="  p ")
    assert (login.user, login.password) == ("ann", "  p ")
    assert login.with_changes(user=" bob").password == "  p "


def test_exact_converts_nothing() -> None:
    class Exact(ExactSchema):
        number: int = 0
        real: float = 0.0
        text: str = ""
        flag: bool = False

    for wrong in ({"number": "5"}, {"number": 5.0}, {"text": 5}, {"flag": 1}, {"flag": "true"}):
        with pytest.raises(ValidationError, match="Input should be a valid"):
            Exact.model_validate(wrong)
    for wrong_real in (float("nan"), float("inf")):
        with pytest.raises(ValidationError, match="Input should be a finite number"):
            Exact(real=wrong_real)
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Exact.model_validate({"other": 1})
    assert Exact(text="  a ").text == "  a "


def test_exact_reads_what_json_can_only_write_as_text() -> None:
    class Exact(ExactSchema):
        day: datetime.date
        identity: uuid.UUID
        colour: Colour

    text = '{"day":"2026-01-02","identity":"00000000-0000-0000-0000-000000000007","colour":"red"}'
    assert Exact.model_validate_json(text) == Exact(
        day=datetime.date(2026, 1, 2), identity=uuid.UUID(int=7), colour=Colour.RED
    )
    with pytest.raises(ValidationError, match="Input should be a valid date"):
        Exact.model_validate_json(text.replace('"2026-01-02"', "20260102"))


def test_tolerant_ignores_what_is_newer() -> None:
    class Reply(TolerantSchema):
        name: str

    reply = Reply.model_validate({"name": " a ", "added_later": 1})
    assert reply.model_dump() == {"name": "a"}


def test_a_changed_copy_leaves_the_original_alone() -> None:
    item = Item(name="a")
    changed = item.with_changes(quantity=3)
    assert type(changed) is Item
    assert (item.quantity, changed.quantity, changed.name) == (0, 3, "a")
    assert item.model_fields_set == {"name"}
    assert changed.model_fields_set == {"name", "quantity"}


def test_no_changes_give_an_equal_copy() -> None:
    item = Item(name="a")
    copy = item.with_changes()
    assert copy == item
    assert copy is not item
    assert copy.model_fields_set == {"name"}


def test_computed_excluded_aliased_and_nested_fields_survive() -> None:
    full = FullAddress(city="Chur", street="Weg")
    original = Everything(name="ann", secret="hidden", address=full, addresses=(full,), byAlias=9)
    changed = original.with_changes(name=" bob ")
    assert (changed.name, changed.shout) == ("bob", "BOB")
    assert (changed.secret, changed.by_alias) == ("hidden", 9)
    assert changed.address is full
    assert changed.addresses[0] is full
    assert changed.identity == original.identity
    assert repr(changed.unchecked) == "None"
    assert changed.model_fields_set == original.model_fields_set


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ("byAlias", "by_alias"),
        ("by_alias", "by_alias"),
        ("choice", "by_choice"),
        ("by_choice", "by_choice"),
        ("by_path", "by_path"),
        ("secret", "secret"),
    ],
)
def test_aliases_and_names_can_be_changed(given_: str, field: str) -> None:
    value = "42" if field == "secret" else 42
    changed = Everything(name="a").with_changes(**{given_: value})
    assert getattr(changed, field) == value
    assert changed.model_fields_set == {"name", field}


def test_private_attributes_start_anew() -> None:
    original = Everything(name="a")
    original._calls = 5
    assert original.with_changes(name="b")._calls == 0


def test_cached_properties_do_not_go_stale() -> None:
    class Cached(StrictSchema):
        name: str

        @cached_property
        def size(self) -> int:
            return len(self.name)

    cached = Cached(name="abc")
    assert cached.size == 3
    assert cached.with_changes(name="abcd").size == 4


@pytest.mark.parametrize("base", [StrictSchema, TolerantSchema, ExactSchema])
def test_unknown_names_are_refused_everywhere(base: type[StrictSchema]) -> None:
    class Small(base):  # type: ignore[valid-type,misc]  # one test for three bases
        name: str = ""

    with pytest.raises(ValidationError, match=r"(?s)nmae.*Extra inputs are not permitted"):
        Small().with_changes(nmae="a", name="b")


def test_an_alias_path_is_no_name() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Everything(name="a").with_changes(y=1)


def test_a_field_given_twice_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"Everything.with_changes\(\) got the field 'by_alias' twi"
    ):
        Everything(name="a").with_changes(by_alias=1, byAlias=2)


def test_the_changed_whole_is_validated() -> None:
    class Range(StrictSchema):
        low: int
        high: int

        @model_validator(mode="after")
        def check(self) -> "Range":
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    with pytest.raises(ValidationError, match="low is above high"):
        Range(low=1, high=2).with_changes(low=3)
    with pytest.raises(ValidationError, match="valid integer"):
        Range(low=1, high=2).with_changes(low="x")
    assert Range(low=1, high=2).with_changes(low=3, high=4) == Range(low=3, high=4)


def test_extra_members_are_kept_where_they_are_allowed() -> None:
    class Open(StrictSchema):
        model_config = ConfigDict(extra="allow")
        name: str = Field(default="", alias="n")

    changed = Open.model_validate({"n": "a", "more": 1}).with_changes(n="b", other=2)
    assert changed.model_dump() == {"name": "b", "more": 1, "other": 2}
    assert changed.model_fields_set == {"name", "more", "other"}


class Tree(StrictSchema):
    value: Annotated[int, BeforeValidator(int)] = 0
    tags: tuple[str, ...] = ()
    child: "Tree | None" = None


TREES = st.recursive(
    st.builds(Tree, value=st.integers(), tags=st.lists(st.text()).map(tuple)),
    lambda inner: st.builds(Tree, child=inner),
)


@given(tree=TREES, value=st.integers(), tags=st.lists(st.text()).map(tuple))
def test_changes_are_like_building_anew(tree: Tree, value: int, tags: tuple[str, ...]) -> None:
    changed = tree.with_changes(value=value, tags=tags)
    assert changed == Tree(value=value, tags=tags, child=tree.child)
    assert changed.child is tree.child
    assert changed.model_fields_set == tree.model_fields_set | {"value", "tags"}
    assert tree.with_changes(value=value).with_changes(tags=tags) == changed


@given(changes=st.dictionaries(st.sampled_from(["value", "tags", "child"]), st.none()))
def test_set_fields_are_the_old_and_the_changed(changes: dict[str, Any]) -> None:
    usable = {name: value for name, value in changes.items() if name == "child"}
    assert Tree(value=1).with_changes(**usable).model_fields_set == {"value", *usable}


def test_a_schema_is_a_pydantic_model() -> None:
    assert issubclass(StrictSchema, BaseModel)
