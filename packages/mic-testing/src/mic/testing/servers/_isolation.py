"""Names that no other test has, for what one server holds for many tests."""

from __future__ import annotations

import secrets


def new_name() -> str:
    """Lower-case letters and digits, begun by a letter: every server takes that anywhere."""
    return f"t{secrets.token_hex(6)}"
