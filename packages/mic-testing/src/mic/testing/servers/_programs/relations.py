"""Resolves relations as OpenFGA's authorization models (schema 1.1) define them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

MOST_LEVELS = 25
"""OpenFGA's own limit of resolution."""

Model = Mapping[str, Mapping[str, Any]]
"""Type -> relation -> its definition (`this`, `union`, ...)."""


class Key(NamedTuple):
    """A relationship tuple."""

    user: str
    relation: str
    object: str


class TooDeepError(Exception):
    """The relation cannot be resolved within the limit."""


def check(model: Model, tuples: set[Key], key: Key, level: int = 0) -> bool:
    """Whether the user has the relation to the object."""
    if level > MOST_LEVELS:
        raise TooDeepError
    if key.user == f"{key.object}#{key.relation}":
        return True  # a userset is in itself
    rule = model.get(_type_of(key.object), {}).get(key.relation)
    return rule is not None and _holds(rule, model, tuples, key, level)


def objects_of(tuples: set[Key], kind: str) -> list[str]:
    """The objects of a type that any tuple names, in order."""
    return sorted({each.object for each in tuples if _type_of(each.object) == kind})


def _holds(rule: Mapping[str, Any], model: Model, tuples: set[Key], key: Key, level: int) -> bool:
    [(name, part)] = rule.items()
    match name:
        case "this":
            return _is_direct(model, tuples, key, level)
        case "computedUserset":
            return check(model, tuples, key._replace(relation=part["relation"]), level + 1)
        case "tupleToUserset":
            over, then = part["tupleset"]["relation"], part["computedUserset"]["relation"]
            parents = [
                each.user for each in tuples if (each.relation, each.object) == (over, key.object)
            ]
            return any(
                check(model, tuples, Key(key.user, then, parent), level + 1) for parent in parents
            )
        case "union":
            return any(_holds(each, model, tuples, key, level) for each in part["child"])
        case "intersection":
            return all(_holds(each, model, tuples, key, level) for each in part["child"])
        case "difference":
            return _holds(part["base"], model, tuples, key, level) and not _holds(
                part["subtract"], model, tuples, key, level
            )
    raise ValueError(name)


def _is_direct(model: Model, tuples: set[Key], key: Key, level: int) -> bool:
    if key in tuples or key._replace(user=f"{_type_of(key.user)}:*") in tuples:
        return True
    for each in tuples:
        if (each.relation, each.object) == (key.relation, key.object) and "#" in each.user:
            group, _, relation = each.user.partition("#")
            if check(model, tuples, Key(key.user, relation, group), level + 1):
                return True
    return False


def _type_of(name: str) -> str:
    return name.partition(":")[0]
