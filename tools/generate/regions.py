"""Regions of a hand-written file that a tool fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REGION = re.compile(
    r"(?P<head>^(?P<indent>[ \t]*)(?:#|<!--) >>> generated: (?P<name>[\w-]+)(?: -->)?\n)"
    r".*?"
    r"(?P<tail>^[ \t]*(?:#|<!--) <<< generated(?: -->)?$)",
    re.DOTALL | re.MULTILINE,
)


def fill_regions(text: str, parts: Mapping[str, str]) -> str:
    """The text with each region's content replaced; lines take the indent of their mark.

    Raises:
        ValueError: the text lacks a region of `parts`, or has one that is not in `parts`.
    """
    filled: list[str] = []

    def content(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in parts:
            raise ValueError(f"nothing generates the region {name!r}")
        filled.append(name)
        lines = parts[name].splitlines()
        indented = "".join(f"{match['indent']}{line}\n" if line else "\n" for line in lines)
        return f"{match['head']}{indented}{match['tail']}"

    result = _REGION.sub(content, text)
    missing = sorted(set(parts) - set(filled))
    if missing:
        raise ValueError(f"no marks for the generated region {', '.join(missing)}")
    return result
