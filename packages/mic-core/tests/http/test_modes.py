"""`mic.http._modes`: what each mode asks of a principal."""

import pytest

from mic.http._auth_mode import AuthMode
from mic.http._modes import OPEN_MODES, shortfall
from mic.http.principal import Principal

USER = Principal("ada")
ADMIN = Principal("root", roles=frozenset({"boss"}))
SERVICE = Principal("billing", kind="service", roles=frozenset({"boss"}))


@pytest.mark.parametrize(
    ("mode", "user", "admin", "service"),
    [
        (AuthMode.PUBLIC, None, None, None),
        (AuthMode.OPTIONAL, None, None, None),
        (AuthMode.AUTHENTICATED, None, None, None),
        (AuthMode.USER, None, None, "kind"),
        (AuthMode.ADMIN, "role", None, "kind"),
        (AuthMode.SERVICE, "kind", "kind", None),
    ],
)
def test_says_what_is_lacking(
    mode: AuthMode, user: str | None, admin: str | None, service: str | None
) -> None:
    assert shortfall(USER, mode, "boss") == user
    assert shortfall(ADMIN, mode, "boss") == admin
    assert shortfall(SERVICE, mode, "boss") == service


def test_the_open_modes_let_anybody_pass() -> None:
    assert {AuthMode.PUBLIC, AuthMode.OPTIONAL} == OPEN_MODES
