"""What an access mode asks of a principal: one rule for gates and routes (pure)."""

from typing import Literal

from mic.http._auth_mode import AuthMode
from mic.http.principal import Principal

Shortfall = Literal["kind", "role"]

OPEN_MODES = frozenset({AuthMode.PUBLIC, AuthMode.OPTIONAL})
"""The modes that let an anonymous request pass."""


def shortfall(principal: Principal, mode: AuthMode, admin_role: str) -> Shortfall | None:
    """Say what `principal` lacks for `mode`; `None` when it lacks nothing."""
    if mode is AuthMode.SERVICE:
        return None if principal.kind == "service" else "kind"
    if mode is AuthMode.USER or mode is AuthMode.ADMIN:
        if principal.kind != "user":
            return "kind"
        if mode is AuthMode.ADMIN and admin_role not in principal.roles:
            return "role"
    return None
