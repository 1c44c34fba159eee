from __future__ import annotations

from typing import Any

import pytest

from mic.testing.servers._programs.relations import Key, TooDeepError, check, objects_of

THIS: dict[str, Any] = {"this": {}}


def _computed(relation: str) -> dict[str, Any]:
    return {"computedUserset": {"relation": relation}}


MODEL: dict[str, dict[str, Any]] = {
    "user": {},
    "group": {"member": THIS},
    "folder": {"viewer": THIS},
    "doc": {
        "owner": THIS,
        "banned": THIS,
        "parent": THIS,
        "editor": {"union": {"child": [THIS, _computed("owner")]}},
        "viewer": {
            "union": {
                "child": [
                    _computed("editor"),
                    {
                        "tupleToUserset": {
                            "tupleset": {"relation": "parent"},
                            "computedUserset": {"relation": "viewer"},
                        }
                    },
                ]
            }
        },
        "publisher": {"intersection": {"child": [_computed("editor"), _computed("viewer")]}},
        "reader": {"difference": {"base": _computed("viewer"), "subtract": _computed("banned")}},
        "endless": _computed("endless"),
        "strange": {"magic": {}},
    },
}
TUPLES = {
    Key("user:ada", "owner", "doc:1"),
    Key("group:g#member", "editor", "doc:1"),
    Key("user:bob", "member", "group:g"),
    Key("folder:f", "parent", "doc:1"),
    Key("user:eve", "viewer", "folder:f"),
    Key("user:eve", "banned", "doc:1"),
    Key("user:*", "viewer", "folder:open"),
    Key("folder:open", "parent", "doc:2"),
}


@pytest.mark.parametrize(
    ("user", "relation", "thing", "holds"),
    [
        ("user:ada", "owner", "doc:1", True),
        ("user:ada", "owner", "doc:2", False),
        ("user:ada", "editor", "doc:1", True),
        ("user:bob", "editor", "doc:1", True),
        ("user:eve", "editor", "doc:1", False),
        ("user:eve", "viewer", "doc:1", True),
        ("user:eve", "reader", "doc:1", False),
        ("user:ada", "reader", "doc:1", True),
        ("user:ada", "publisher", "doc:1", True),
        ("user:eve", "publisher", "doc:1", False),
        ("user:anyone", "viewer", "doc:2", True),
        ("group:g", "viewer", "doc:2", False),
        ("group:g#member", "member", "group:g", True),
        ("group:g#member", "viewer", "doc:1", True),
        ("user:ada", "nothing", "doc:1", False),
        ("user:ada", "owner", "planet:1", False),
    ],
)
def test_relations_are_resolved(user: str, relation: str, thing: str, holds: bool) -> None:
    assert check(MODEL, TUPLES, Key(user, relation, thing)) is holds


def test_a_circle_ends() -> None:
    with pytest.raises(TooDeepError, match=r"^$"):
        check(MODEL, TUPLES, Key("user:ada", "endless", "doc:1"))


def test_a_rule_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="magic"):
        check(MODEL, TUPLES, Key("user:ada", "strange", "doc:1"))


def test_objects_are_those_of_a_type() -> None:
    assert objects_of(TUPLES, "doc") == ["doc:1", "doc:2"]
