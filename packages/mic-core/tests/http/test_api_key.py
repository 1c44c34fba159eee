"""`mic.http.api_key`: one key, kept and compared as a hash."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http.api_key import hash_api_key, parse_api_key, verify_api_key
from mic.model import UnauthorizedError

KEY = st.from_regex(r"[A-Za-z0-9\-._~+/]+={0,3}", fullmatch=True)


@given(key=KEY)
def test_gives_the_key_as_it_was_sent(key: str) -> None:
    assert parse_api_key(key) == key
    assert parse_api_key(f"  {key} ") == key
    assert len(parse_api_key("k" * 8192)) == 8192
    assert parse_api_key(f"apikey {key}", scheme="ApiKey") == key


@pytest.mark.parametrize(
    "value", [None, "", " ", "a b", "a,b", "ApiKey abc", "\u212aey", "a\n", "k" * 8193]
)
def test_refuses_everything_else(value: str | None) -> None:
    with pytest.raises(UnauthorizedError, match="API key") as caught:
        parse_api_key(value)
    assert caught.value.code == "api_key.invalid_header"


@pytest.mark.parametrize("value", ["abc", "Bearer abc", "ApiKey", "ApiKey a b", "ApiKeyabc"])
def test_a_scheme_has_to_be_there(value: str) -> None:
    with pytest.raises(UnauthorizedError, match="one API key"):
        parse_api_key(value, scheme="ApiKey")


def test_a_scheme_is_taken_literally() -> None:
    assert parse_api_key("A.B key", scheme="a.b") == "key"
    with pytest.raises(UnauthorizedError, match="one API key"):
        parse_api_key("AxB key", scheme="a.b")


@pytest.mark.parametrize("scheme", ["", "Api Key", "Api:Key"])
def test_a_scheme_is_a_token(scheme: str) -> None:
    with pytest.raises(ValueError, match="scheme must be a token"):
        parse_api_key("abc", scheme=scheme)


def test_the_hash_is_sha_256() -> None:
    assert hash_api_key("s\u00e9cret") == hashlib.sha256("s\u00e9cret".encode()).hexdigest()


def test_there_is_no_empty_key() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        hash_api_key("")
    assert verify_api_key("", [hashlib.sha256(b"").hexdigest()]) is False


def test_finds_the_key_among_several() -> None:
    hashes = [hash_api_key("one"), hash_api_key("two").upper(), "not a hash \u00e9"]
    assert verify_api_key("one", hashes) is True
    assert verify_api_key("two", hashes) is True
    assert verify_api_key("three", hashes) is False
    assert verify_api_key("one", []) is False


def test_looks_at_every_hash_whatever_came_before() -> None:
    seen: list[str] = []

    def hashes() -> Iterator[str]:
        for key in ("one", "two", "three"):
            seen.append(key)
            yield hash_api_key(key)

    assert verify_api_key("one", hashes()) is True
    assert seen == ["one", "two", "three"]
