"""How values are replaced."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.redaction import REDACTED_SECRET, redact_drop, redact_hash, redact_mask, redact_partial
from mic.redaction._strategies import keyed_hash


@pytest.mark.parametrize("value", ["text", None, 5, object()])
def test_drop_and_mask_do_not_look(value: Any) -> None:
    assert redact_drop(value) == REDACTED_SECRET == "[REDACTED]"
    assert redact_mask(value) == "***"


def test_the_published_hash() -> None:
    assert redact_hash("alice@example.com") == "h:fb816158887ad00a"
    assert redact_hash(5) == redact_hash("5")
    assert redact_hash("\ud800").startswith("h:")
    assert redact_hash(None) == "[REDACTED]"


@pytest.mark.parametrize(
    ("keep", "value", "shown"),
    [
        (4, "4111111111111234", "***1234"),
        (4, "12345678", "***5678"),
        (4, "1234567", "***"),
        (4, "", "***"),
        (4, 99887766, "***7766"),
        (2, "abcd", "***cd"),
        (0, "abcd", "***"),
        (4, None, "[REDACTED]"),
    ],
)
def test_partial_shows_the_end_of_what_is_long_enough(keep: int, value: Any, shown: str) -> None:
    assert redact_partial(keep)(value) == shown


def test_partial_keeps_four_by_default_and_never_a_negative_number() -> None:
    assert redact_partial()("abcdefgh") == "***efgh"
    with pytest.raises(ValueError, match="keep_last must not be negative"):
        redact_partial(-1)


@given(st.text(), st.binary(min_size=1, max_size=64), st.binary(min_size=1, max_size=64))
def test_the_keyed_hash_differs_by_key(value: str, one: bytes, two: bytes) -> None:
    mine = keyed_hash(one, "k1")(value)
    assert mine == keyed_hash(one, "k1")(value)
    assert mine.startswith("h:k1:")
    assert len(mine) == len("h:k1:") + 32
    assert (mine == keyed_hash(two, "k1")(value)) == (one == two)


def test_the_keyed_hash_without_an_id() -> None:
    hashed = keyed_hash(b"key", "")
    assert hashed(None) == "[REDACTED]"
    assert len(hashed("x")) == len("h:") + 32
    assert hashed("x") != redact_hash("x")


@pytest.mark.parametrize("key", [b"", b"x" * 65])
def test_the_key_has_a_length_that_blake2b_takes(key: bytes) -> None:
    with pytest.raises(ValueError, match="hash_key must have 1 to 64 bytes"):
        keyed_hash(key, "")


@pytest.mark.parametrize("key_id", ["a b", "a:b", "x" * 33, "ä"])
def test_the_key_id_is_short_and_plain(key_id: str) -> None:
    with pytest.raises(ValueError, match="hash_key_id must be at most 32"):
        keyed_hash(b"k", key_id)
