"""`mic.http.basic_auth`: strict base64, one spelling for one pair."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http.basic_auth import parse_basic_auth
from mic.model import UnauthorizedError

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)


def encode(text: str | bytes) -> str:
    return b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@given(user=TEXT.filter(lambda text: ":" not in text), password=TEXT)
def test_gives_user_and_password(user: str, password: str) -> None:
    assert parse_basic_auth(f"bAsIc {encode(f'{user}:{password}')}") == (user, password)


def test_takes_as_much_as_a_server_does() -> None:
    text = "a:" + "b" * 6142
    assert len(encode(text)) == 8192
    assert parse_basic_auth(f"Basic {encode(text)}") == ("a", "b" * 6142)
    with pytest.raises(UnauthorizedError, match="does not hold basic credentials"):
        parse_basic_auth(f"Basic {encode(text + 'b')}")


def test_splits_at_the_first_colon() -> None:
    assert parse_basic_auth(f"Basic {encode('ada:a:b:')}") == ("ada", "a:b:")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Bearer YTpi",
        "Basic YTpi YTpi",
        "Basic YTp",  # no padding
        "Basic YTo",
        "Basic YTo==",  # too much of it
        "Basic YTp=",  # stray bits: spells "a:" another way
        "Basic YT pi",
        "Basic YTp-",  # the alphabet of URLs
        f"Basic {encode('no colon')}",
        f"Basic {encode(b'a:' + bytes([0xFF]))}",
        f"Basic {encode('a:b' + chr(0))}",
        f"Basic {encode('a' + chr(10) + ':b')}",
        f"Basic {encode('a:' + chr(0x7F))}",
        f"Basic {encode('a:' + chr(0x85))}",
        f"Basic {encode('a:' + 'b' * 9000)}",
    ],
)
def test_refuses_everything_else(header: str | None) -> None:
    with pytest.raises(UnauthorizedError, match=r"Authorization header|malformed") as caught:
        parse_basic_auth(header)
    assert caught.value.code == "basic_auth.invalid_header"


def test_the_error_holds_nothing_of_the_password() -> None:
    with pytest.raises(UnauthorizedError, match="malformed") as caught:
        parse_basic_auth(f"Basic {encode(b'ada:canary' + bytes([0xFF]))}")
    assert "canary" not in str(caught.value.to_problem())
    assert caught.value.__context__ is None
