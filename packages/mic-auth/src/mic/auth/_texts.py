"""What texts in tokens and in parameters may be."""

import re

MAX_TEXT = 256
"""The most characters that `jti` and `sub` may have."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KID = re.compile(r"[A-Za-z0-9._~=-]{1,128}")


def is_plain(text: str) -> bool:
    """Whether a `jti` or `sub` is short enough and holds no control character."""
    return len(text) <= MAX_TEXT and _CONTROL.search(text) is None


def is_kid(text: object) -> bool:
    """Whether something can name a key."""
    return isinstance(text, str) and _KID.fullmatch(text) is not None


def checked_text(value: object, what: str) -> str:
    """Give a parameter that is a text with more in it than white space.

    Raises:
        TypeError: It is no string.
        ValueError: It is empty or blank, or holds half of a surrogate pair.
    """
    if not isinstance(value, str):
        msg = f"{what} must be a string, not {type(value).__name__}"
        raise TypeError(msg)
    if not value.strip():
        msg = f"{what} must not be empty or blank"
        raise ValueError(msg)
    if not is_encodable(value):
        msg = f"{what} must be text that UTF-8 can hold"
        raise ValueError(msg)
    return value


def checked_name(value: object, what: str) -> str:
    """Give a parameter that may stand as `jti` or `sub`.

    Raises:
        TypeError: It is no string.
        ValueError: It is blank, over-long or holds control characters.
    """
    text = checked_text(value, what)
    if not is_plain(text):
        msg = f"{what} must have at most {MAX_TEXT} characters, and no control characters"
        raise ValueError(msg)
    return text


def checked_whole(value: object, what: str, *, least: int) -> int:
    """Give a parameter that is an integer of at least `least`.

    Raises:
        TypeError: It is no integer.
        ValueError: It is too small.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{what} must be an integer, not {type(value).__name__}"
        raise TypeError(msg)
    if value < least:
        msg = f"{what} must be at least {least}"
        raise ValueError(msg)
    return value


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can hold a text: JSON may smuggle in half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
