"""URLs without what they may hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.plugins import redact_url
from mic.plugins._redact import shown_name, shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("redis://user:pw@h:6379/0", "redis://***@h:6379/0"),
        ("redis://:pw@h", "redis://***@h"),
        ("redis://token@h", "redis://***@h"),
        ("redis://h?namespace=orders&x=", "redis://h?namespace=***&x=***"),
        ("redis://h?flag", "redis://h?***"),
        ("redis://h?", "redis://h?***"),
        ("redis://h?se%63ret=1", "redis://h?***=***"),
        ("redis://h/#frag", "redis://h/#***"),
        ("redis://u:p/w@h/0", "redis://***@h/0"),
        ("redis://u:p?w@h/0", "redis://***"),
        ("redis://u:p#w@h/0", "redis://***"),
        ("redis://h?mail=a@b&token=c", "redis://***"),
        ("redis://u:p@h?mail=a@b", "redis://***@h?mail=***"),
        ("ring://?node=redis://:p@a&node=b", "ring://?node=***&node=***"),
        ("redis://user:password", "redis://***"),
        ("redis://user:password/0?a=1", "redis://***/0?a=***"),
        ("redis://h:123456", "redis://***"),
        ("kafka://a:1,[::1]:2,c", "kafka://a:1,[::1]:2,c"),
        ("redis://h#frag?x=1", "redis://h#***"),
        ("sqlite:///C:/x.db", "sqlite:///C:/x.db"),
        ("redis://u:a@b@h", "redis://***@h"),
        ("user:pw@h", "***@h"),
        ("memory://", "memory://"),
        ("plain text\n", "plain_text_"),
        ("redis://h\x1b[31m/ä", "redis://***/_"),
        ("", ""),
    ],
)
def test_what_is_shown(url: str, shown: str) -> None:
    assert redact_url(url) == shown


SAFE = st.text(st.characters(categories=["L", "N"]), max_size=8)
HIDDEN = st.text(st.characters(exclude_characters="@?#/&=")).map(lambda text: f"CANARY{text}")


@given(scheme=SAFE, password=HIDDEN, host=SAFE, value=HIDDEN, key=SAFE)
def test_no_credential_and_no_value_is_shown(
    scheme: str, password: str, host: str, value: str, key: str
) -> None:
    shown = redact_url(f"{scheme}://user:{password}@{host}/path?{key}={value}")
    assert "CANARY" not in shown
    assert shown.isascii()
    assert shown.isprintable()


@given(st.text())
def test_any_text_gives_one_line(url: str) -> None:
    shown = redact_url(url)
    assert shown.isascii()
    assert shown.isprintable()
    assert redact_url(shown) == shown


def test_messages_show_a_bounded_part() -> None:
    assert shown_url("redis://" + "h" * 10_000) == "redis://" + "h" * 192


@pytest.mark.parametrize(
    ("name", "shown"), [("pool_size", "pool_size"), ("a.b-c", "a.b-c"), ("p@ss", "***")]
)
def test_only_names_are_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert shown_name("n" * 65) == "***"
