"""Copies that stay data."""

import dataclasses
import datetime
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from mic.redaction import Redact, RedactionPolicy, Secret, redact_drop, redact_mask

POLICY = RedactionPolicy(
    {"email": redact_mask, "user.name": redact_drop}, secret_names=(), patterns=()
)


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")
    email: str = "a"
    when: datetime.date = datetime.date(2026, 1, 2)
    marked: Annotated[str, Redact(redact_mask)] = "m"


@dataclasses.dataclass
class Data:
    email: str
    inner: Any


class Pair(NamedTuple):
    email: str
    number: int


def test_types_and_texts_are_kept() -> None:
    when = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    long = "x" * 100_000
    data = {
        "when": when,
        "nan": float("inf"),
        "raw": b"raw",
        "text": "email=a@b",
        "long": long,
        5: ("t", {"email": "a"}),
        "many": list(range(5000)),
    }
    copy = POLICY.apply_rules(data)
    assert copy == data | {5: ("t", {"email": "***"})}
    assert copy["when"] is when
    assert copy["many"] is not data["many"]


def test_rules_reach_everywhere() -> None:
    data = {
        "user": {"name": "n", "list": [{"E-Mail": "a"}]},
        "name": "kept",
        "model": Model.model_validate({"more": 1}),
        "data": Data("a", Pair("b", 2)),
        "set": {1},
        "secret": Secret("x"),
        "pydantic": SecretStr("x"),
    }
    assert POLICY.apply_rules(data) == {
        "user": {"name": "[REDACTED]", "list": [{"E-Mail": "***"}]},
        "name": "kept",
        "model": {
            "email": "***",
            "when": datetime.date(2026, 1, 2),
            "marked": "***",
            "more": 1,
        },
        "data": {"email": "***", "inner": {"email": "***", "number": 2}},
        "set": [1],
        "secret": "[REDACTED]",
        "pydantic": "[REDACTED]",
    }


def test_a_redactor_that_fails_yields_redacted() -> None:
    told: list[str] = []
    policy = RedactionPolicy({"a": lambda value: 1 / 0}, on_error=told.append)
    assert policy.apply_rules({"a": "canary"}, where="events") == {"a": "[REDACTED]"}
    assert told == ["events"]


def test_a_cycle_and_too_much_depth_are_refused() -> None:
    cycle: dict[str, Any] = {}
    cycle["again"] = cycle
    with pytest.raises(ValueError, match="nested more than 100 levels deep"):
        POLICY.apply_rules(cycle)
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    assert POLICY.apply_rules(nested) == nested
    with pytest.raises(ValueError, match="nested more than 100 levels deep"):
        POLICY.apply_rules([nested])
