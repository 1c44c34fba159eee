"""The locked list: where it is, and its pins without their hashes. Standard library only."""

from __future__ import annotations

LOCK = "requirements.lock"


def pins_of(text: str) -> list[str]:
    """`name==version ; marker` for every locked package."""
    return [line.rstrip(" \\") for line in text.splitlines() if line[:1].isalnum()]
