"""The layers of the family, from what the distributions declare."""

from __future__ import annotations

import json
import re

from tools.workspace import CORE, META, TESTING, Distribution, Workspace

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def requirement_name(requirement: str) -> str:
    """The normalized name that a requirement begins with."""
    found = _NAME.match(requirement)
    if found is None:
        raise ValueError(f"not a requirement: {requirement!r}")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def siblings_of(distribution: Distribution, workspace: Workspace) -> set[str]:
    """Which members it always requires (extras apart)."""
    members = {each.name for each in workspace.members}
    return {requirement_name(each) for each in distribution.dependencies} & members


def levels_of(workspace: Workspace) -> list[list[Distribution]]:
    """The members from the lowest layer up: each requires only what stands below it.

    `mic-testing` stands above all, whatever it requires, because its extras bring every capability.

    Raises:
        ValueError: requirements go round in a circle.
    """
    waiting = {each.name: each for each in workspace.members if each.name != TESTING}
    levels: list[list[Distribution]] = []
    while waiting:
        ready = [
            each
            for each in waiting.values()
            if not siblings_of(each, workspace) & (waiting.keys() - {each.name})
        ]
        if not ready:
            raise ValueError(f"these require each other in a circle: {', '.join(sorted(waiting))}")
        levels.append(ready)
        for each in ready:
            del waiting[each.name]
    return levels + [[each] for each in workspace.members if each.name == TESTING]


def capability_of(distribution: Distribution, workspace: Workspace) -> Distribution | None:
    """The member whose name a backend's name continues (`mic-cache` for `mic-cache-redis`)."""
    names = {each.name: each for each in workspace.members if each.name not in {META, CORE}}
    parts = distribution.name.split("-")
    for count in range(len(parts) - 1, 1, -1):
        found = names.get("-".join(parts[:count]))
        if found is not None:
            return found
    return None


def import_linter_text(workspace: Workspace) -> str:
    """The import-linter settings: who may import whom."""
    portions = sorted(workspace.by_portion())
    layers: list[str] = []
    for level in reversed(levels_of(workspace)):
        joint = " : " if level[0].name == CORE else " | "
        layers.append(joint.join(sorted(part for each in level for part in each.portions)))
    lines = ["root_packages = [", *(f"    {json.dumps(each)}," for each in portions), "]", ""]
    lines += [
        "[[tool.importlinter.contracts]]",
        'id = "layers"',
        'name = "Portions import only from the layers below, never from one side by side"',
        'type = "layers"',
        "layers = [",
        *(f"    {json.dumps(each)}," for each in layers if each),
        "]",
    ]
    return "\n".join(lines) + "\n"
