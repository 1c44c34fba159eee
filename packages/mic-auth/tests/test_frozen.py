import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from mic.auth._frozen import EMPTY, FrozenDict, FrozenList, freeze

PLAIN = {"a": [1, {"b": [2]}], "c": {"d": None}}


def test_it_is_equal_to_what_is_plain_and_dumps_like_it() -> None:
    frozen = freeze(PLAIN)
    assert frozen == PLAIN
    assert json.dumps(frozen) == json.dumps(PLAIN)
    assert type(frozen["a"]) is FrozenList
    assert type(frozen["a"][1]["b"]) is FrozenList
    assert type(frozen["c"]) is FrozenDict
    assert freeze(frozen) is frozen
    assert freeze((1, 2)) == [1, 2]
    assert freeze("text") == "text"
    assert EMPTY == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.__setitem__("a", 1),
        lambda it: it.__delitem__("a"),
        lambda it: it.__ior__({"a": 1}),
        lambda it: it.clear(),
        lambda it: it.pop("a"),
        lambda it: it.popitem(),
        lambda it: it.setdefault("z", 1),
        lambda it: it.update(a=1),
        lambda it: it["a"].__setitem__(0, 1),
        lambda it: it["a"].__delitem__(0),
        lambda it: it["a"].__iadd__([1]),
        lambda it: it["a"].__imul__(2),
        lambda it: it["a"].append(1),
        lambda it: it["a"].clear(),
        lambda it: it["a"].extend([1]),
        lambda it: it["a"].insert(0, 1),
        lambda it: it["a"].pop(),
        lambda it: it["a"].remove(1),
        lambda it: it["a"].reverse(),
        lambda it: it["a"].sort(),
        lambda it: it["a"][1]["b"].append(1),
    ],
)
def test_nothing_changes_it(change: Callable[[Any], object]) -> None:
    frozen = freeze(PLAIN)
    with pytest.raises(TypeError, match="read-only"):
        change(frozen)
    assert frozen == PLAIN


def test_copies() -> None:
    frozen = freeze(PLAIN)
    assert copy.copy(frozen) is copy.deepcopy(frozen) is frozen
    assert copy.copy(frozen["a"]) is copy.deepcopy(frozen["a"]) is frozen["a"]
    again = pickle.loads(pickle.dumps(frozen))
    assert again == PLAIN
    assert type(again) is FrozenDict
    assert type(again["a"]) is FrozenList
    assert type(frozen.copy()) is type(frozen | {"x": 1}) is dict
