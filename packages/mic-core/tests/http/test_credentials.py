"""`mic.http._credentials`: what comes twice is not believed."""

import pytest

from mic.http._credentials import (
    all_equal,
    ambiguous_credentials,
    invalid_credentials,
    missing_credentials,
    refuse_two_authorizations,
    single_cookie,
    single_header,
)
from mic.http._request import context_of
from mic.http.request_context import HttpRequestContext
from mic.model import UnauthorizedError


def context(*headers: tuple[str, str]) -> HttpRequestContext:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return context_of({"type": "http", "path": "/", "headers": raw})


def test_every_error_is_a_401_with_its_code() -> None:
    errors = (ambiguous_credentials(), invalid_credentials(), missing_credentials())
    assert [error.http_status_code for error in errors] == [401, 401, 401]
    assert [error.code.partition(".")[2] for error in errors] == [
        "ambiguous_credentials",
        "invalid_credentials",
        "missing_credentials",
    ]


def test_a_second_authorization_line_is_refused() -> None:
    refuse_two_authorizations([(b"host", b"a"), (b"authorization", b"x"), (b"accept", b"*")])
    with pytest.raises(UnauthorizedError, match="more than once"):
        refuse_two_authorizations(
            [(b"authorization", b"x"), (b"a", b"b"), (b"authorization", b"x")]
        )


def test_gives_the_one_header() -> None:
    assert single_header(context(("x-key", " a ")), "X-Key") == "a"
    assert single_header(context(("x-key", "  ")), "X-Key") is None
    assert single_header(context(), "X-Key") is None
    with pytest.raises(UnauthorizedError, match="more than once"):
        single_header(context(("x-key", "a"), ("x-key", "a")), "X-Key")


def test_gives_the_one_cookie() -> None:
    assert single_cookie(context(("cookie", "t=1; u=2"), ("cookie", "t=1")), "t") == "1"
    assert single_cookie(context(("cookie", "t=")), "t") is None
    assert single_cookie(context(), "t") is None
    assert single_cookie(HttpRequestContext(cookies={"t": "1"}), "t") == "1"
    with pytest.raises(UnauthorizedError, match="not valid"):
        single_cookie(context(("cookie", "t=1"), ("cookie", "t=2")), "t")


def test_knows_whether_values_agree() -> None:
    assert all_equal([])
    assert all_equal(["a", "a"])
    assert not all_equal(["a", "b"])
