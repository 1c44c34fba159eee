"""What is refused before anything is done."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.cache import InvalidTtlError
from mic.cache.checks import (
    MAX_TTL_SECONDS,
    check_amount,
    check_items,
    check_key,
    check_keys,
    check_ttl,
    check_value,
    matches,
)


@given(st.text())
def test_a_key_is_1_to_1024_bytes_of_text_without_nul(key: str) -> None:
    encoded = key.encode("utf-8", "surrogatepass")
    fits = 1 <= len(encoded) <= 1024 and "\0" not in key
    if fits and not any("\ud800" <= each <= "\udfff" for each in key):
        assert check_key(key) == encoded
    else:
        with pytest.raises(ValueError, match="a key must"):
            check_key(key)


def test_a_refusal_shows_no_key() -> None:
    with pytest.raises(ValueError, match="UTF-8") as caught:
        check_key("canary\ud800")
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_longest_key() -> None:
    assert check_key("é" * 512) == "é".encode() * 512
    with pytest.raises(ValueError, match="1 to 1024 bytes"):
        check_key("é" * 512 + "e")


@pytest.mark.parametrize("key", [None, b"k", 5, ["k"]])
def test_a_key_is_a_string(key: Any) -> None:
    with pytest.raises(TypeError, match="must be a string"):
        check_key(key)
    with pytest.raises(TypeError, match="must be a string"):
        check_keys([key])


def test_several_keys() -> None:
    assert list(check_keys(["b", "é", "b"]).items()) == [("b", b"b"), ("é", "é".encode())]
    keys: Any
    for keys in ("key", b"key"):
        with pytest.raises(TypeError, match="not one key"):
            check_keys(keys)
    with pytest.raises(ValueError, match="1 to 1024"):
        check_keys(["a", ""])


def test_several_items() -> None:
    items = {"a": b"1", "b": b""}
    checked = check_items(items)
    assert checked == items
    assert checked is not items
    wrong: Any = [("a", b"1")]
    with pytest.raises(TypeError, match="mapping"):
        check_items(wrong)
    with pytest.raises(ValueError, match="a key must"):
        check_items({"": b""})
    wrong = {"a": "1"}
    with pytest.raises(TypeError, match="must be bytes, not str"):
        check_items(wrong)


def test_a_value_is_bytes() -> None:
    value = b"v"
    assert check_value(value) is value
    wrong: Any = bytearray(b"v")
    with pytest.raises(TypeError, match="must be bytes, not bytearray"):
        check_value(wrong)


@given(st.floats() | st.integers())
def test_a_lifetime_is_finite_and_not_too_short(ttl_seconds: float) -> None:
    least = 1 if isinstance(ttl_seconds, int) else 0.001
    if least <= ttl_seconds < math.inf:
        checked = check_ttl(ttl_seconds)
        assert type(checked) is float
        assert checked == min(float(ttl_seconds), MAX_TTL_SECONDS)
    else:
        with pytest.raises(InvalidTtlError, match="ttl_seconds must be a finite number"):
            check_ttl(ttl_seconds)


@pytest.mark.parametrize("ttl_seconds", [True, None, "60", 1j, math.nan])
def test_what_is_no_lifetime(ttl_seconds: Any) -> None:
    with pytest.raises(InvalidTtlError, match="ttl_seconds must"):
        check_ttl(ttl_seconds)


def test_a_lifetime_that_is_too_large_for_a_float() -> None:
    assert check_ttl(10**400) == MAX_TTL_SECONDS


def test_an_amount_is_a_64_bit_integer() -> None:
    for amount in (0, 2**63 - 1, -(2**63)):
        assert check_amount(amount) == amount
    for amount in (2**63, -(2**63) - 1):
        with pytest.raises(ValueError, match="64-bit"):
            check_amount(amount)
    wrong: list[Any] = [1.0, "1", True, None]
    for each in wrong:
        with pytest.raises(TypeError, match="must be an int"):
            check_amount(each)


def test_matching() -> None:
    assert matches(b"abc", b"abc", prefix=False)
    assert not matches(b"abc", b"ab", prefix=False)
    assert matches(b"abc", b"ab", prefix=True)
    assert matches(b"abc", b"", prefix=True)
    assert not matches(b"abc", b"bc", prefix=True)
