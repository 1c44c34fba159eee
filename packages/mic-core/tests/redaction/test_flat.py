"""The short way gives what the walk gives."""

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.redaction import RedactionPolicy, ValuePattern, redact_drop, redact_mask
from mic.redaction._compiled import Compiled
from mic.redaction._flat import copy_flat
from mic.redaction._rules import MAX_SHAPE_KEYS, MAX_SHAPES
from mic.redaction._walk import Walk

CARD = "4111111111111111"


def fails(value: Any) -> Any:
    raise RuntimeError("no")


POLICIES = {
    "plain": RedactionPolicy(),
    "none": RedactionPolicy.none(),
    "fields": RedactionPolicy(
        {"email": redact_mask, "user.name": redact_mask, "id": lambda v: [v]}
    ),
    "failing": RedactionPolicy({"id": fails}),
    "small": RedactionPolicy(max_text=40, max_items=4, max_depth=0),
    "anchored": RedactionPolicy(
        patterns=[ValuePattern("first", r"^alpha", ""), ValuePattern("last", r"omega$", "")]
    ),
}
KEYS = st.sampled_from(
    ["a", "b", "id", "email", "user.name", "name", "password", f"key {CARD}", "é", "x" * 300]
)
TEXTS = st.sampled_from(
    [
        "",
        "plain words",
        "password=hunter2",
        "Bearer abcdefgh",
        "alpha",
        "the omega",
        CARD,
        f"card {CARD}",
        "4111 1111 1111",
        "1111",
        "eyJhbGciOi.x.y",
        "\ud800",
        "é",
        "AKIA" + "A" * 16,
    ]
) | st.text(max_size=30)
MEMBERS = (
    TEXTS
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.just(2**5000)
    | st.binary(max_size=3)
    | st.lists(st.integers(), max_size=2)
)


def compiled_of(policy: RedactionPolicy) -> Compiled:
    return policy._compiled


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@given(value=st.dictionaries(KEYS, MEMBERS, max_size=8))
def test_it_gives_what_the_walk_gives(policy: RedactionPolicy, value: dict[str, Any]) -> None:
    before = dict(value)
    compiled = compiled_of(policy)
    walked = Walk(compiled, "").value(value, "")
    found = copy_flat(compiled, value, "")
    assert policy.apply(value) == walked
    assert found is None or list(found.items()) == list(walked.items())
    assert list(map(repr, value.items())) == list(map(repr, before.items()))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, {}),
        ({"a": "x", "b": 1, "c": None, "d": 1.5, "e": True}, None),
        ({"a": "x", "password": "y", "b": 3}, {"a": "x", "password": "[REDACTED]", "b": 3}),
        ({"a": f"pay {CARD}", "b": "x"}, {"a": "pay [REDACTED]", "b": "x"}),
        ({"a": "1111 2222", "b": "3333 4444"}, None),
        ({"a": CARD[:8], "b": CARD[8:]}, None),
    ],
)
def test_what_goes_the_short_way(value: dict[str, Any], shown: dict[str, Any] | None) -> None:
    found = copy_flat(compiled_of(POLICIES["plain"]), value, "")
    assert found == (value if shown is None else shown)
    assert found is not value


class Name(StrEnum):
    NOTE = "note"


@pytest.mark.parametrize(
    "value",
    [
        {1: "x"},
        {Name.NOTE: "x"},
        {"a": [1]},
        {"a": b"x"},
        {"a": 2**63},
        {"a": -(2**63)},
        {"a": float("nan")},
        {"a": Name.NOTE},
        {"a": "x" * 20_000},
        {f"key {CARD}": "x"},
        {"x" * 300: "x"},
        {str(number): number for number in range(MAX_SHAPE_KEYS + 1)},
    ],
)
def test_what_is_walked(value: dict[Any, Any]) -> None:
    copy_flat(compiled_of(POLICIES["plain"]), {"note": "x", "1": "x"}, "")
    assert copy_flat(compiled_of(POLICIES["plain"]), value, "") is None


def test_more_members_than_a_container_may_have_are_walked() -> None:
    assert POLICIES["small"].apply(dict.fromkeys("abcde", 1)) == {
        **dict.fromkeys("abcd", 1),
        "[TRUNCATED]": "[TRUNCATED]",
    }


def test_a_redactor_that_gives_the_whole_does_not_go_round() -> None:
    value: dict[str, Any] = {"a": 1}
    policy = RedactionPolicy({"me": lambda _: value})
    value["me"] = 2
    assert policy.apply(value) == {"a": 1, "me": "[CYCLE]"}


def test_an_expression_of_the_user_sees_every_text_alone() -> None:
    policy = RedactionPolicy(patterns=[ValuePattern("pin", r"^[0-9]{4}$", "")])
    assert policy.apply({"a": "x", "b": "1234", "c": "y"}) == {
        "a": "x",
        "b": "[REDACTED]",
        "c": "y",
    }


def test_a_failure_is_reported_once() -> None:
    failures: list[str] = []
    policy = RedactionPolicy({"id": fails}, on_error=failures.append)
    assert policy.apply({"id": 1, "a": 2}, where="logs") == {"id": "[REDACTED]", "a": 2}
    assert failures == ["logs"]


def test_what_is_remembered_is_bounded() -> None:
    policy = RedactionPolicy({"email": redact_drop})
    rules = compiled_of(policy).rules
    for number in range(3 * MAX_SHAPES):
        assert policy.apply({f"key{number}": 1, "email": 2})["email"] == "[REDACTED]"
        assert len(rules._shapes) <= MAX_SHAPES
    assert policy.apply({"key1": 1, "email": 2}) == {"key1": 1, "email": "[REDACTED]"}
