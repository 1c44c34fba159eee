"""`mic.http.middleware.security_headers`: what browsers are told."""

from typing import Any

import pytest

from mic.http.middleware import SecurityHeaders, SecurityHeadersMiddleware

DEFAULTS = [
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]


def app_with(*headers: tuple[bytes, bytes]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b"x"})

    return app


async def test_the_published_headers(call: Any) -> None:
    reply = await call(SecurityHeadersMiddleware(app_with((b"content-type", b"text/plain"))))
    assert reply.headers == [(b"content-type", b"text/plain"), *DEFAULTS]


async def test_never_over_one_that_the_app_set(call: Any) -> None:
    app = app_with((b"X-Frame-Options", b"SAMEORIGIN"), (b"referrer-policy", b"no-referrer"))
    reply = await call(SecurityHeadersMiddleware(app))
    names = [name.lower() for name, _ in reply.headers]
    assert sorted(names) == sorted(set(names))
    assert dict(reply.headers)[b"X-Frame-Options"] == b"SAMEORIGIN"
    assert dict(reply.headers)[b"referrer-policy"] == b"no-referrer"


async def test_an_app_that_sends_the_same_list_twice_gets_no_more_each_time(call: Any) -> None:
    headers: list[tuple[bytes, bytes]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    middleware = SecurityHeadersMiddleware(app)
    for _ in range(2):
        assert (await call(middleware)).headers == DEFAULTS
    assert headers == []


async def test_an_answer_without_headers(call: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    assert (await call(SecurityHeadersMiddleware(app))).headers == DEFAULTS


async def test_every_header_can_be_set(call: Any) -> None:
    options: dict[str, Any] = {
        "hsts_max_age": 63_072_000,
        "hsts_preload": True,
        "x_content_type_options": "nosniff",
        "x_frame_options": "SAMEORIGIN",
        "referrer_policy": "no-referrer",
        "content_security_policy": "default-src 'self'",
        "permissions_policy": "camera=()",
        "cross_origin_opener_policy": "same-origin",
        "cross_origin_resource_policy": "same-site",
    }
    expected = [
        (b"strict-transport-security", b"max-age=63072000; includeSubDomains; preload"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"SAMEORIGIN"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", b"default-src 'self'"),
        (b"permissions-policy", b"camera=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-site"),
    ]
    reply = await call(SecurityHeadersMiddleware(app_with(), **options))
    assert reply.headers == expected


def test_what_is_empty_is_not_sent() -> None:
    assert (
        SecurityHeaders(
            hsts_max_age=None, x_frame_options="", x_content_type_options="", referrer_policy=""
        ).pairs()
        == ()
    )
    only_host = SecurityHeaders(hsts_include_subdomains=False, hsts_max_age=0)
    assert only_host.pairs()[0] == ("Strict-Transport-Security", "max-age=0")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hsts_max_age": -1}, "at least 0"),
        ({"hsts_preload": True, "hsts_include_subdomains": False}, "hsts_preload needs"),
        ({"hsts_preload": True, "hsts_max_age": 3600}, "hsts_preload needs"),
        ({"hsts_preload": True, "hsts_max_age": None}, "hsts_preload needs"),
        ({"content_security_policy": "a\r\nset-cookie: b"}, "control character"),
        ({"referrer_policy": "\u20ac"}, "outside latin-1"),
    ],
)
def test_refuses_values_that_are_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SecurityHeaders(**options)
    with pytest.raises(ValueError, match=message):
        SecurityHeadersMiddleware(app_with(), **options)
