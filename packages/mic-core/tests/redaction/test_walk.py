"""The bounded walk."""

import dataclasses
import datetime
import uuid
from collections import deque
from decimal import Decimal
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, SecretBytes

from mic.redaction import (
    Redact,
    RedactionPolicy,
    Secret,
    redact_drop,
    redact_hash,
    redact_mask,
    redact_partial,
)

POLICY = RedactionPolicy({"email": redact_mask, "user.name": redact_mask})


class Text(str):
    __slots__ = ()


class User(NamedTuple):
    email: str
    id: int


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


class Printable:
    def __str__(self) -> str:
        return "Printable(password='x y')"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (2**80, 2**80),
        (2**5000, "[TRUNCATED]"),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), None),
        (Text("password=x"), "password=[REDACTED]"),
        ("\ud800", "?"),
        (b"abc", "<bytes:3>"),
        (bytearray(b"abcd"), "<bytes:4>"),
        (memoryview(b"abcde"), "<bytes:5>"),
        (Secret("x"), "[REDACTED]"),
        (SecretBytes(b"x"), "[REDACTED]"),
        (ValueError("token=x y"), "ValueError: token=[REDACTED] y"),
        (ValueError(Unprintable()), "ValueError: [UNPRINTABLE]"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (uuid.UUID("41111111-1111-1111-1111-111111111111"), "41111111-1111-1111-1111-111111111111"),
        (Decimal(4111111111111111), "[REDACTED]"),
        (urlsplit("redis://u:p@h/0?token=x"), "redis://[REDACTED]@h/0?token=[REDACTED]"),
        (urlsplit(b"redis://u:p@h/0"), "b'redis://[REDACTED]@h/0'"),
        (AnyUrl("redis://u:p@h/0"), "redis://[REDACTED]@h/0"),
        (Printable(), "Printable(password='[REDACTED]')"),
        (Unprintable(), "[UNPRINTABLE]"),
        ([1, (2,), {3}, frozenset({4}), deque([5])], [1, [2], [3], [4], [5]]),
        (range(3), [0, 1, 2]),
        (("cookie", "a=b"), ["cookie", "[REDACTED]"]),
        ((b"Authorization", b"x"), ["Authorization", "[REDACTED]"]),
        (("plain", "a=b"), ["plain", "a=b"]),
        ((1, "token"), [1, "token"]),
        (["token", "x"], ["token", "x"]),
        ({"a": {"email": 1}, 5: 2, None: 3}, {"a": {"email": "***"}, "5": 2, "None": 3}),
        (
            {b"authorization": b"x", Text("email"): 1},
            {"authorization": "[REDACTED]", "email": "***"},
        ),
        ({"password=x": 1, Unprintable(): 2}, {"password=[REDACTED]": 1, "[UNPRINTABLE]": 2}),
        (
            {"user": {"name": 1}, "name": 2, "user.name": 3},
            {"user": {"name": "***"}, "name": 2, "user.name": "***"},
        ),
        ({"user": [{"name": 1}]}, {"user": [{"name": "***"}]}),
        (User("a", 1), {"email": "***", "id": 1}),
        (
            {"t": "short", "u": "ä", "v": "a longer text without anything"},
            {"t": "short", "u": "ä", "v": "a longer text without anything"},
        ),
    ],
)
def test_each_kind_of_value(value: Any, shown: Any) -> None:
    result = POLICY.apply(value)
    assert result == shown
    assert type(result) is type(shown)
    assert POLICY.apply({"v": value}) == {"v": shown}


def test_models_and_their_markers() -> None:
    class Inner(BaseModel):
        email: str = "a"

    class Model(BaseModel):
        model_config = ConfigDict(extra="allow")
        name: Annotated[str, Redact(redact_partial(2))] = "abcdef"
        other: Inner = Inner()
        password: str | None = None
        aliased: str = Field(default="x", alias="accessToken")

    class User(BaseModel):
        user: Model

    model = Model.model_validate({"more": 1, "email": 2})
    assert POLICY.apply(model) == {
        "name": "***ef",
        "other": {"email": "***"},
        "password": "[REDACTED]",
        "aliased": "[REDACTED]",
        "more": 1,
        "email": "***",
    }
    # A field rule for the name goes before the marker.
    assert POLICY.apply(User(user=model))["user"]["name"] == "***"


def test_a_field_that_cannot_be_read_is_redacted() -> None:
    told: list[str] = []

    @dataclasses.dataclass(slots=True)
    class Data:
        a: int = 1
        b: int = dataclasses.field(init=False)

    policy = RedactionPolicy(on_error=told.append)
    assert policy.apply(Data(), where="logs") == {"a": 1, "b": "[REDACTED]"}
    assert told == ["logs"]


def test_cycles_end() -> None:
    cycle: dict[str, Any] = {"list": []}
    cycle["list"].append(cycle)
    assert POLICY.apply(cycle) == {"list": ["[CYCLE]"]}
    shared = [1]
    assert POLICY.apply([shared, shared]) == [[1], [1]]


def test_depth_is_bounded() -> None:
    nested: Any = "leaf"
    for _ in range(20):
        nested = {"n": nested}
    shown = POLICY.apply(nested)
    for _ in range(9):
        shown = shown["n"]
    assert shown == "[TRUNCATED]"
    assert RedactionPolicy(max_depth=0).apply([[1], 2]) == ["[TRUNCATED]", 2]


def test_items_are_bounded() -> None:
    policy = RedactionPolicy(max_items=3)
    assert policy.apply([1, 2, 3]) == [1, 2, 3]
    assert policy.apply([1, 2, 3, 4]) == [1, 2, 3, "[TRUNCATED]"]
    assert policy.apply({"a": 1, "b": 2, "c": 3}) == {"a": 1, "b": 2, "c": 3}
    assert policy.apply({"a": 1, "b": 2, "c": 3, "d": 4}) == {
        "a": 1,
        "b": 2,
        "c": 3,
        "[TRUNCATED]": "[TRUNCATED]",
    }
    assert len(RedactionPolicy().apply(range(1_000_000))) == 1001


def test_all_items_together_are_bounded() -> None:
    wide: Any = 1
    for _ in range(8):
        wide = [wide] * 50
    shown = str(RedactionPolicy(max_items=50).apply(wide))
    assert shown.count("1") <= 500
    assert "[TRUNCATED]" in shown


@dataclasses.dataclass
class Node:
    a: Any = 1
    b: Any = 1
    c: Any = 1


def test_fields_count_as_items() -> None:
    node: Any = 1
    for _ in range(9):
        node = Node(node, node, node)
    shown = str(RedactionPolicy(max_items=10).apply(node))
    assert shown.count("'a'") < 50
    assert "[TRUNCATED]" in shown


def test_all_text_together_is_bounded() -> None:
    policy = RedactionPolicy(max_text=10)
    shown = policy.apply(["a=" * 4] * 100)
    assert shown.count("a=" * 4) == 80
    assert shown[80:] == ["[TRUNCATED]"] * 20


def test_ten_megabytes_of_text() -> None:
    shown = POLICY.apply({"text": "x=y " * 2_500_000})
    assert len(shown["text"]) == 16_384 + len("[TRUNCATED]")


def test_a_redactor_that_fails_yields_redacted() -> None:
    told: list[str] = []
    policy = RedactionPolicy({"bad": lambda value: 1 / 0}, on_error=told.append)
    assert policy.apply({"bad": "canary", "good": 1}, where="traces") == {
        "bad": "[REDACTED]",
        "good": 1,
    }
    assert told == ["traces"]


def test_what_a_redactor_gives_is_json_too() -> None:
    policy = RedactionPolicy(
        {
            "n": lambda value: float("nan"),
            "o": lambda value: {"email": 1, "x": b"ab"},
            "t": lambda value: "\ud800" + "x" * 20,
            "p": lambda value: "password=kept",
            "email": redact_mask,
        },
        max_text=15,
    )
    assert policy.apply({"n": 1, "o": 1, "t": 1, "p": 1}) == {
        "n": None,
        "o": {"email": "***", "x": "<bytes:2>"},
        "t": "?" + "x" * 14,
        "p": "password=kept",
    }


def test_a_secret_is_dropped_before_its_redactor_sees_it() -> None:
    seen: list[Any] = []
    policy = RedactionPolicy({"a": lambda value: seen.append(value)})
    assert policy.apply({"a": Secret("x")}) == {"a": "[REDACTED]"}
    assert seen == []
    assert RedactionPolicy({"a": redact_hash}).apply({"a": None}) == {"a": "[REDACTED]"}


class HostileList(list[Any]):
    def __iter__(self) -> Any:
        raise RuntimeError("no")


class HostileLength(dict[str, Any]):
    def __len__(self) -> int:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [HostileList([1]), HostileLength(a=1)])
def test_hostile_containers_are_redacted(value: Any) -> None:
    told: list[str] = []
    policy = RedactionPolicy(on_error=told.append)
    assert policy.apply(value, where="w") == "[REDACTED]"
    assert policy.apply([value, 1], where="w") == ["[REDACTED]", 1]
    assert told == ["w", "w"]


def test_the_input_is_not_changed() -> None:
    value = {"email": "a", "list": [{"token": "b"}], "set": {1}}
    POLICY.apply(value)
    assert value == {"email": "a", "list": [{"token": "b"}], "set": {1}}


def test_numbers_in_structural_fields_are_no_cards() -> None:
    value = {"span_id": "41111111abcdef11", "count": 4111111111111111}
    assert POLICY.apply(value) == value


def test_a_star_covers_everything() -> None:
    assert RedactionPolicy({"*": redact_drop}).apply({"a": 1, "b": [2]}) == {
        "a": "[REDACTED]",
        "b": "[REDACTED]",
    }
