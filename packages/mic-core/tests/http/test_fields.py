import pytest

from mic.http._fields import check_header_value, encode_headers, header_pairs, is_token


@pytest.mark.parametrize("text", ["a", "X-Request-Id", "!#$%&'*+-.^_`|~09AZaz"])
def test_tokens(text: str) -> None:
    assert is_token(text)


@pytest.mark.parametrize("text", ["", "a b", "a:", "é", "a\n", "(a)"])
def test_other_texts_are_no_tokens(text: str) -> None:
    assert not is_token(text)


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\0", "\x7f", "€"])
def test_a_value_that_could_split_a_header_is_refused_unquoted(value: str) -> None:
    with pytest.raises(ValueError, match=r"^header 'x' has a value with a control character"):
        check_header_value("x", value)


def test_tabs_and_latin_1_are_fine() -> None:
    assert header_pairs({"X": "a\té"}) == (("X", "a\té"),)
    assert encode_headers([("X-A", "é")]) == [(b"x-a", b"\xe9")]


def test_a_name_must_be_a_token() -> None:
    with pytest.raises(ValueError, match="'a b' is not a header name"):
        header_pairs([("a b", "1")])
