"""Types are told apart, and their fields found."""

import dataclasses
import datetime
import enum
import subprocess
import sys
import uuid
from collections import OrderedDict, UserDict, UserList, deque
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, Optional
from urllib.parse import urlparse, urlsplit

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretBytes, SecretStr
from pydantic import Secret as PydanticSecret
from pydantic.dataclasses import dataclass as pydantic_dataclass

from mic.redaction import Redact, Secret, redact_drop, redact_hash, redact_mask
from mic.redaction._kinds import Kind, _kind_of, extra_fields, fields_of, kind_of


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")
    plain: str = ""
    aliased: str = Field(default="", alias="accessToken")
    marked: Annotated[str, Redact(redact_mask)] = ""
    maybe: Annotated[str, Redact(redact_hash)] | None = None
    many: list[Annotated[str, Redact(redact_mask)]] = []


@dataclasses.dataclass
class Data:
    plain: str
    marked: Annotated[str, Redact(redact_mask)]
    maybe: Optional[Annotated[str, Redact(redact_hash)]] = None  # noqa: UP045  # both spellings


@pydantic_dataclass
class PydanticData:
    marked: Annotated[str, Redact(redact_mask)]


class Pair(NamedTuple):
    name: str
    value: Annotated[str, Redact(redact_mask)]


@dataclasses.dataclass
class DataError(Exception):
    text: str


class Colour(enum.Enum):
    RED = "red"


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Secret("x"), Kind.SECRET),
        (SecretStr("x"), Kind.SECRET),
        (SecretBytes(b"x"), Kind.SECRET),
        (PydanticSecret[int](5), Kind.SECRET),
        ("x", Kind.TEXT),
        (Text("x"), Kind.TEXT),
        (5, Kind.INTEGER),
        (5.0, Kind.REAL),
        (b"x", Kind.BYTES),
        (bytearray(b"x"), Kind.BYTES),
        (memoryview(b"x"), Kind.BYTES),
        (ValueError("x"), Kind.EXCEPTION),
        (DataError("x"), Kind.EXCEPTION),
        (Model(), Kind.FIELDS),
        (Data("a", "b"), Kind.FIELDS),
        (PydanticData("a"), Kind.FIELDS),
        (Pair("a", "b"), Kind.FIELDS),
        ({}, Kind.MAPPING),
        (OrderedDict(), Kind.MAPPING),
        (UserDict(), Kind.MAPPING),
        (MappingProxyType({}), Kind.MAPPING),
        ([], Kind.SEQUENCE),
        ((), Kind.SEQUENCE),
        (set(), Kind.SEQUENCE),
        (frozenset(), Kind.SEQUENCE),
        (deque(), Kind.SEQUENCE),
        (range(3), Kind.SEQUENCE),
        (UserList(), Kind.SEQUENCE),
        ({}.keys(), Kind.SEQUENCE),
        (urlsplit("a://b"), Kind.URL_PARTS),
        (urlparse(b"a://b"), Kind.URL_PARTS),
        (datetime.datetime(2026, 1, 1), Kind.PLAIN),  # noqa: DTZ001  # any will do
        (datetime.timedelta(1), Kind.PLAIN),
        (uuid.UUID(int=0), Kind.PLAIN),
        (Colour.RED, Kind.OBJECT),
        (object(), Kind.OBJECT),
        (iter([]), Kind.OBJECT),
        ({}.values(), Kind.OBJECT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_kinds(value: Any, kind: Kind) -> None:
    assert kind_of(type(value)) is kind


def test_without_pydantic_nothing_of_it_is_looked_for() -> None:
    program = """
import dataclasses, sys
from mic.redaction import RedactionPolicy, redact_mask

@dataclasses.dataclass
class User:
    email: str

print(RedactionPolicy({"email": redact_mask}).apply([User("a"), 1]), "pydantic" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[{'email': '***'}, 1] False\n"


def test_what_pydantic_would_be_is_an_object_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic")
    assert _kind_of(dict) is Kind.MAPPING
    assert _kind_of(Model) is Kind.OBJECT


def markers(cls: Any) -> dict[str, Any]:
    return {name: marker for name, _, marker in fields_of(cls)}


def test_fields_of_a_model() -> None:
    assert markers(Model) == {
        "plain": None,
        "aliased": None,
        "marked": redact_mask,
        "maybe": redact_hash,
        "many": redact_mask,
    }
    assert [alias for _, alias, _ in fields_of(Model)][:2] == ["plain", "accessToken"]


def test_fields_of_dataclasses_and_named_tuples() -> None:
    assert markers(Data) == {"plain": None, "marked": redact_mask, "maybe": redact_hash}
    assert markers(PydanticData) == {"marked": redact_mask}
    assert markers(Pair) == {"name": None, "value": redact_mask}
    untyped = __import__("collections").namedtuple("untyped", "a b")
    assert markers(untyped) == {"a": None, "b": None}


def test_an_annotation_that_cannot_be_resolved_may_be_a_marker() -> None:
    @dataclasses.dataclass
    class Base:
        inherited: "Annotated[Missing, Redact(redact_mask)]"  # type: ignore[name-defined]  # noqa: F821  # the point

    @dataclasses.dataclass
    class Forward(Base):
        plain: "Missing"  # type: ignore[name-defined]  # noqa: F821  # the point
        marked: Annotated[str, Redact(redact_hash)]

    assert markers(Forward) == {"inherited": redact_drop, "plain": None, "marked": redact_hash}


def test_extra_fields() -> None:
    assert extra_fields(Model.model_validate({"more": 1})) == {"more": 1}
    assert extra_fields(Data("a", "b")) == {}
