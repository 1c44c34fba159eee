"""`mic.http.bearer`: exactly one token, or an error that tells nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http.bearer import parse_bearer_token
from mic.model import UnauthorizedError

TOKEN68 = st.from_regex(r"[A-Za-z0-9\-._~+/]+={0,3}", fullmatch=True)


@given(token=TOKEN68, scheme=st.sampled_from(["Bearer", "bearer", "BEARER", "bEaReR"]))
def test_gives_the_token_as_it_was_sent(token: str, scheme: str) -> None:
    assert parse_bearer_token(f"{scheme} {token}") == token


def test_takes_blanks_around_and_between() -> None:
    assert parse_bearer_token(" Bearer   abc\t") == "abc"


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer a,b",
        "Basic abc",
        "abc",
        "Bearer\tabc",
        "Bearer a=b",
        "Bearer =",
        "Bearer \u00e9",
        "Bearer \u017f",
        "Bearer \u212a",
        "Bearer a\n",
        "XBearer a",
    ],
)
def test_refuses_everything_else(header: str) -> None:
    with pytest.raises(UnauthorizedError, match="does not hold one bearer token") as caught:
        parse_bearer_token(header)
    assert caught.value.code == "service_auth.invalid_header"


def test_refuses_no_header_with_the_code_asked_for() -> None:
    with pytest.raises(UnauthorizedError, match="is missing") as caught:
        parse_bearer_token(None, code="auth.bad_token")
    assert caught.value.code == "auth.bad_token"


def test_refuses_a_longer_token_than_allowed() -> None:
    assert parse_bearer_token("Bearer abcd", max_length=4) == "abcd"
    assert parse_bearer_token("Bearer a", max_length=1) == "a"
    with pytest.raises(UnauthorizedError, match="one bearer token"):
        parse_bearer_token("Bearer abcde", max_length=4)
    with pytest.raises(UnauthorizedError, match="one bearer token"):
        parse_bearer_token("Bearer " + "a" * 8193)
    assert len(parse_bearer_token("Bearer " + "a" * 8192)) == 8192


def test_refuses_a_limit_below_one() -> None:
    with pytest.raises(ValueError, match="max_length must be at least 1"):
        parse_bearer_token("Bearer a", max_length=0)


def test_the_error_tells_nothing_of_the_header() -> None:
    with pytest.raises(UnauthorizedError, match="one bearer token") as caught:
        parse_bearer_token("Bearer canary canary")
    assert "canary" not in str(caught.value.to_problem())
