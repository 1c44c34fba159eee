from typing import Any

import pytest

from mic.http.cookies import HttpCookieSpec


def test_a_cookie_is_written_as_the_standard_library_does() -> None:
    assert HttpCookieSpec("a", "1").header_value() == "a=1; HttpOnly; Path=/; SameSite=lax; Secure"


def test_every_attribute_is_written() -> None:
    cookie = HttpCookieSpec(
        "a",
        'x "y"',
        httponly=False,
        samesite="none",
        path="/p",
        max_age=0,
        domain="example.org",
        partitioned=True,
    )
    assert cookie.header_value() == (
        'a="x \\"y\\""; Domain=example.org; Max-Age=0; Partitioned; Path=/p; SameSite=none; Secure'
    )


def test_what_is_off_is_not_written() -> None:
    cookie = HttpCookieSpec("a", "1", secure=False, path="", samesite="strict")
    assert cookie.header_value() == "a=1; HttpOnly; SameSite=strict"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"key": "a b"}, "'a b' is not a cookie name"),
        ({"samesite": "Lax"}, "samesite of cookie 'a' must be"),
        ({"value": "a\r\nset-cookie: b=1"}, "control character"),
        ({"path": "/;x"}, "path of cookie 'a' must not contain"),
        ({"domain": "a,b"}, "domain of cookie 'a' must not contain"),
        ({"samesite": "none", "secure": False}, "samesite='none' needs secure"),
        ({"partitioned": True, "secure": False}, "partitioned needs secure"),
        ({"key": "__Secure-a", "secure": False}, "prefix __Secure- needs secure"),
        ({"key": "__Host-a", "secure": False}, "prefix __Host- needs secure"),
        ({"key": "__Host-a", "path": "/x"}, "prefix __Host- needs path='/'"),
        ({"key": "__Host-a", "domain": "x"}, "prefix __Host- needs path='/'"),
    ],
)
def test_an_illegal_cookie_is_refused_when_made(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        HttpCookieSpec(**{"key": "a", "value": "1", **fields})


def test_a_host_cookie_is_possible() -> None:
    assert HttpCookieSpec("__Host-a", "1").header_value().startswith("__Host-a=1;")
