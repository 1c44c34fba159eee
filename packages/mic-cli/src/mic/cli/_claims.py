"""Who claims which command of `mic`; nothing is imported to know it."""

from __future__ import annotations

import re

from mic.cli._installed import first_of_each
from mic.cli._light import BUILT_INS, DISTRIBUTION, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mic.cli._installed import Installed

COMMAND_NAME = re.compile(r"[a-z][a-z0-9-]*")


class Claim:
    """A distribution's claim to the name of a command.

    Attributes:
        name: The command.
        value: What to import, `module:attribute`.
        distribution: Whose it is.
    """

    __slots__ = ("distribution", "name", "value")

    def __init__(self, name: str, value: str, distribution: str) -> None:
        self.name = name
        self.value = value
        self.distribution = distribution


def claims_of(installed: Iterable[Installed], group: str) -> dict[str, list[Claim]]:
    """The claims to each command, sorted; a name that cannot be typed is left out."""
    found: dict[str, list[Claim]] = {}
    for each in first_of_each(installed).values():
        for section, name, value in each.entry_points():
            if section == group and COMMAND_NAME.fullmatch(name):
                found.setdefault(name, []).append(Claim(name, value, each.name))
    return {
        name: sorted(found[name], key=lambda claim: claim.distribution) for name in sorted(found)
    }


def owners_of(name: str, claims: list[Claim]) -> list[str]:
    """The distributions that want a command of `mic`, this one first where it is built in."""
    own = [DISTRIBUTION] if name in BUILT_INS else []
    return own + [claim.distribution for claim in claims]


def help_of(name: str, claims: list[Claim]) -> str:
    """The line of a plug-in's command in the list of commands."""
    owners = owners_of(name, claims)
    if len(owners) > 1:
        return f"(claimed by {' and '.join(owners)})"
    return f"from {owners[0]}"
