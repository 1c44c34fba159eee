from mic.http._auth_mode import AuthMode


def test_the_published_values_hold() -> None:
    published = (AuthMode.PUBLIC, AuthMode.USER, AuthMode.ADMIN, AuthMode.SERVICE)
    assert [mode.value for mode in published] == ["public", "user", "admin", "service"]
    assert AuthMode("optional") is AuthMode.OPTIONAL
    assert AuthMode("authenticated") is AuthMode.AUTHENTICATED
