"""The shapes in which a secret hides, and the forms in which it comes out again (pure)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel

from mic.redaction import Secret

RULED_NAMES = ("canary_email", "canary_account", "canary.owner")
"""The fields that `Canaries.redactors` has a rule for, besides the names that every policy has."""

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_BASE64_GROUP = 3


class Person(BaseModel):
    """A model with a field that has a rule."""

    canary_email: str


@dataclass(frozen=True, slots=True)
class Account:
    """A dataclass with a field that has a rule."""

    canary_account: str


Shape = Callable[[str], dict[str, Any]]
"""Makes a member of a log record, an event or a body that holds the value."""

SHAPES: Mapping[str, Shape] = {
    "flat": lambda value: {"canary_email": value},
    "spelled with capitals": lambda value: {"canaryEmail": value},
    "spelled with hyphens": lambda value: {"Canary-Account": value},
    "dotted": lambda value: {"canary.owner": value},
    "a name that every policy has": lambda value: {"password": value},
    "nested five deep": lambda value: {"a": {"b": {"c": {"d": {"canary_email": value}}}}},
    "in a list": lambda value: {"rows": [{"n": 1}, {"canary_account": value}]},
    "a list under the name": lambda value: {"canary_email": ["n", value]},
    "in a model": lambda value: {"person": Person(canary_email=value)},
    "in a dataclass": lambda value: {"account": Account(value)},
    "a Secret": lambda value: {"handle": Secret(value)},
    "a bearer header in text": lambda value: {"note": f"sent Authorization: Bearer {value}"},
    "an assignment in text": lambda value: {"note": f"tried password={value} twice"},
    "a URL with credentials": lambda value: {"note": f"postgres://svc:{value}@127.0.0.1/orders"},
    "a pair of a query": lambda value: {"note": f"GET /items?access_token={value}&page=2"},
}


def fail(password: str, shape: str) -> None:
    """Fail with the value in the shape that is asked for; its frame holds it under a ruled name."""
    if shape == "an exception":
        raise ValueError(f"refused password={password}")
    if shape == "the cause of an exception":
        try:
            raise ValueError(f"refused token={password}")
        except ValueError as cause:
            raise RuntimeError("planted") from cause
    if shape == "an exception of a group":
        raise ExceptionGroup("planted", [ValueError(f"refused secret={password}")])
    raise RuntimeError("planted")


def forms_of(value: str) -> Iterator[bytes]:
    """What to look for in an output: the value, its hex digits, and its base64 digits wherever in
    the encoded text they begin.
    """
    raw = value.encode()
    yield raw
    yield raw.hex().encode()
    for lead in range(_BASE64_GROUP):
        # what stands before and after shares digits with the value's ends; the middle is its own
        encoded = base64.b64encode(b"x" * lead + raw)
        first = 0 if lead == 0 else 4
        yield encoded[first : len(encoded) // 4 * 4 - 4]


def readings_of(output: bytes) -> Iterator[bytes]:
    """An output as it is, and with percent-encoding and JSON escapes undone, however often."""
    seen: set[bytes] = set()
    waiting = [output]
    while waiting:
        reading = waiting.pop()
        if reading in seen:
            continue
        seen.add(reading)
        yield reading
        text = reading.decode("utf-8", "replace")
        waiting += [
            unquote(text).encode(),
            _ESCAPE.sub(_unescaped, text).encode("utf-8", "replace"),
        ]


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
