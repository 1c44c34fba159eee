"""Redacting text."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mic.redaction import RedactionPolicy, ValuePattern, redact_drop, redact_hash, redact_mask
from mic.redaction._text import TextRules, plain_string

POLICY = RedactionPolicy({"user.email": redact_mask, "count": redact_hash})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=x y", "password=[REDACTED] y"),
        ("password = x, y", "password = [REDACTED], y"),
        ("password: x; y", "password: [REDACTED]; y"),
        ("a?token=x&b=1", "a?token=[REDACTED]&b=1"),
        ("--password=x", "--password=[REDACTED]"),
        ("password == x", "password == [REDACTED]"),
        ("password => x", "password => [REDACTED]"),
        ("password := x", "password := [REDACTED]"),
        ('password="a b" c', 'password="[REDACTED]" c'),
        ("password='it\\'s' c", "password='[REDACTED]' c"),
        ("password=b'a b' c", "password=b'[REDACTED]' c"),
        ('password="open end', 'password="[REDACTED]'),
        ('{"password": "a, b", "x": 1}', '{"password": "[REDACTED]", "x": 1}'),
        ("{'password': 'a', 'x': 1}", "{'password': '[REDACTED]', 'x': 1}"),
        (r"{\"password\": \"a b\", \"x\": 1}", r"{\"password\": \"[REDACTED]\", \"x\": 1}"),
        ('{"token": ["a", "b]"], "x": 1}', '{"token": [REDACTED], "x": 1}'),
        ('{"token": {"a": {"b": "c"}}, "x": 1}', '{"token": [REDACTED], "x": 1}'),
        ("token=(a, (b), c", "token=[REDACTED]"),
        ("authorization: Digest a, b; c\nnext", "authorization: [REDACTED]\nnext"),
        ("Set-Cookie: a=1; Path=/\r\nX: 2", "Set-Cookie: [REDACTED]\r\nX: 2"),
        ("proxy-authorization: (a) b", "proxy-authorization: [REDACTED]"),
        ('"cookie": "a; b", "x": 1', '"cookie": "[REDACTED]", "x": 1'),
        ("http.request.header.cookie=a b", "http.request.header.cookie=[REDACTED]"),
        ("user.email=a@b x", "user.email=*** x"),
        ("email=a@b", "email=a@b"),
        ("count=5", "count=h:82d2d7d3eeb27bf7"),
        ("password=", "password="),
        ('password="" x', 'password="" x'),
        ("password", "password"),
        ("the password is x", "the password is x"),
        ("nopassword=x", "nopassword=x"),
        ("password=token=x y", "password=[REDACTED] y"),
        ("a=1, password=x", "a=1, password=[REDACTED]"),
        ("User(name='a', password='b c')", "User(name='a', password='[REDACTED]')"),
        ("ACCESS_TOKEN=x\ny", "ACCESS_TOKEN=[REDACTED]\ny"),
    ],
)
def test_pairs(text: str, shown: str) -> None:
    shown = shown.replace("h:82d2d7d3eeb27bf7", redact_hash("5"))
    assert POLICY.apply_text(text) == shown


def test_allowed_names_are_left_in_text() -> None:
    policy = RedactionPolicy(allow_names=["token"])
    assert policy.apply_text("token=x, password=y") == "token=x, password=[REDACTED]"


def test_pairs_come_before_patterns_and_patterns_before_known_values() -> None:
    pattern = ValuePattern("x", "x+", "x", redact_mask)
    policy = RedactionPolicy({"name": lambda value: f"{value}x"}, patterns=[pattern])
    assert policy.apply_text("name=abc-", known={"abc-***": "known"}) == "name=known"


def test_known_values_are_replaced_longest_first() -> None:
    known = {"secret": "A", "secret-long": "B", "short": "C", "": "D"}
    shown = RedactionPolicy().apply_text("secret-long secret short", known=known)
    assert shown == "B A short"


def test_only_so_many_known_values_count() -> None:
    known = {f"value-{index:03}": "X" for index in range(40)}
    text = " ".join(known)
    shown = RedactionPolicy().apply_text(text, known=known).split()
    assert shown.count("X") == 32
    assert shown[-8:] == list(known)[-8:]


def test_the_cheap_test_is_never_wrong() -> None:
    rules = TextRules(None, [], max_length=10)
    assert rules.is_clean("0123456789")
    assert not rules.is_clean("0123456789a")
    assert not rules.is_clean("ä")
    hinted = TextRules(None, [ValuePattern("x", "abc", "ABC", min_length=3)], max_length=10)
    assert hinted.is_clean("ab")
    assert hinted.is_clean("abd")
    assert not hinted.is_clean("xabc")
    assert not hinted.is_clean("0123456789a")
    unhinted = TextRules(None, [ValuePattern("x", "abc", "")], max_length=10)
    assert unhinted.is_clean("ab")
    assert not unhinted.is_clean("xabc")


FULL = RedactionPolicy({"email": redact_drop})
NAMES = ("password", "token", "email", "cookie")
MARKS = ("=", ": ", '"', "'", "\\", "[", "]", "{", "}", "(", ")", ",", " ", ".", "@", ";", "&", ">")
SHAPES = ("Bearer ", "abcdef1", "eyJabcdefghi", "://", "4111111111111111", "AKIAIOSFODNN7EXAMPLE")
OTHERS = ("b'", "\n", "ä", "-----BEGIN PRIVATE KEY-----", "[REDACTED]")
PIECES = st.sampled_from((*NAMES, *MARKS, *SHAPES, *OTHERS))


@given(st.lists(PIECES, max_size=14).map("".join))
@example("password=[[REDACTED]")
def test_clean_text_is_what_is_not_changed(text: str) -> None:
    shown = FULL.apply_text(text)
    if FULL.apply({"v": text})["v"] == text:
        assert shown == text
    assert FULL.apply({"v": text})["v"] == shown


@given(st.lists(PIECES, max_size=14).map("".join))
def test_redacted_text_stays_as_it_is(text: str) -> None:
    once = FULL.apply_text(text)
    assert FULL.apply_text(once) == once


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (Unprintable(), "[UNPRINTABLE]")])
def test_plain_string(value: Any, text: str) -> None:
    assert plain_string(value) == text
