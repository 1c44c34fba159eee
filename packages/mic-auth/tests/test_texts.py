import pytest

from mic.auth._texts import (
    checked_name,
    checked_text,
    checked_whole,
    is_encodable,
    is_kid,
    is_plain,
)


def test_plain_names() -> None:
    assert is_plain("é☃ user")
    assert is_plain("x" * 256)
    assert not is_plain("x" * 257)
    for control in ("\x00", "\n", "\x7f", "\x9f"):
        assert not is_plain(f"a{control}")


@pytest.mark.parametrize("text", ["a", "A-z0._~=", "x" * 128])
def test_names_of_keys(text: str) -> None:
    assert is_kid(text)


@pytest.mark.parametrize("text", ["", "x" * 129, "a b", "a/b", "a\n", "é", None, 1, ["a"]])
def test_no_names_of_keys(text: object) -> None:
    assert not is_kid(text)


def test_a_text_comes_back_as_it_is() -> None:
    assert checked_text(" a ", "X: y") == " a "
    assert checked_name(" a ", "X: y") == " a "
    assert checked_whole(3, "X: y", least=3) == 3
    assert is_encodable("é☃\U0001f600")


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_a_blank_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="X: y must not be empty or blank"):
        checked_text(text, "X: y")


def test_half_a_surrogate_pair_is_refused() -> None:
    assert not is_encodable("\ud800")
    with pytest.raises(ValueError, match="X: y must be text that UTF-8 can hold"):
        checked_text("a\ud800", "X: y")


def test_types_are_refused() -> None:
    with pytest.raises(TypeError, match="X: y must be a string, not bytes"):
        checked_text(b"a", "X: y")
    for wrong in (True, 1.0, "1", None):
        with pytest.raises(TypeError, match="X: y must be an integer, not "):
            checked_whole(wrong, "X: y", least=0)


def test_ranges() -> None:
    with pytest.raises(ValueError, match="X: y must be at least 1"):
        checked_whole(0, "X: y", least=1)
    with pytest.raises(ValueError, match="X: y must have at most 256 characters"):
        checked_name("a\n", "X: y")
