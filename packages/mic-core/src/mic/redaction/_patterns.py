"""Which shapes of text are secrets."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from mic.redaction._strategies import FieldRedactor, redact_drop


@dataclass(frozen=True, slots=True)
class ValuePattern:
    """A shape of text that must not be shown.

    Attributes:
        name: What it is, for people.
        regex: What it looks like. The group called `secret` is replaced, else the whole match. It
            must run in linear time: use possessive quantifiers and atomic groups.
        hint: Text that every match contains, in any case; looked for first, because that is cheap.
            Empty: always searched.
        redactor: What replaces the secret.
        valid: Refuses a match of the right shape, such as a number with a wrong check digit.
        min_length: Characters that the shortest match has, tested before the hint.

    Raises:
        ValueError: `regex` is not a regular expression.
    """

    name: str
    regex: str
    hint: str
    redactor: FieldRedactor = redact_drop
    valid: Callable[[str], bool] | None = None
    min_length: int = 0

    def __post_init__(self) -> None:
        try:
            re.compile(self.regex)
        except re.error as error:
            raise ValueError(f"the pattern {self.name!r} is not a regular expression") from error


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1, annex B)."""
    digits = number.encode().translate(None, b" -").translate(_DIGIT_VALUES)
    return (sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED))) % 10 == 0


def is_basic_credentials(text: str) -> bool:
    """Whether a text is base64 of `user:password` (RFC 7617)."""
    try:
        return b":" in base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return False


def _is_no_bearer_word(text: str) -> bool:
    # "bearer token is missing" tells nothing.
    return text.lower().strip(".:=") not in _BEARER_WORDS


def may_hold_card(text: str) -> bool:
    """Whether an ASCII text has the digits of a card number: a test far cheaper than the search."""
    return len(text.encode().translate(None, _NO_DIGITS)) >= _CARD_DIGITS


_CARD_DIGITS = 13
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_DIGIT_VALUES = bytes((byte - 48) % 256 for byte in range(256))
_DOUBLED = bytes((2 * value - 9 if value > 4 else 2 * value) % 256 for value in range(256))
_BEARER_WORDS = frozenset(
    {"authentication", "authorization", "credential", "credentials", "header", "scheme", "tokens"}
)

CARD = "payment card"

SECRET_PATTERNS: tuple[ValuePattern, ...] = (
    # RFC 6750, section 2.1, and RFC 7617, section 2; both schemes in any case.
    ValuePattern(
        "bearer credentials",
        r"(?i:\bbearer)[ \t]{1,8}+(?P<secret>[A-Za-z0-9._~+/=:\-]{6,}+)",
        "bearer",
        valid=_is_no_bearer_word,
        min_length=13,
    ),
    ValuePattern(
        "basic credentials",
        r"(?i:\bbasic)[ \t]{1,8}+(?P<secret>[A-Za-z0-9+/]{8,}+={0,2}+)",
        "basic",
        valid=is_basic_credentials,
        min_length=14,
    ),
    # RFC 7519: base64url of `{"` begins with eyJ. The atomic group gives every run of characters
    # one chance only.
    ValuePattern(
        "JSON Web Token",
        r"(?<![\w\-])(?>[\w\-]*?eyJ)[\w\-]{9,}+(?:\.[\w\-]*+){1,4}+",
        "eyj",
        min_length=13,
    ),
    # RFC 7468; without its end the rest of the text is taken for the key.
    ValuePattern(
        "PEM private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^\-]++|-(?!----END ))*+"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
        "-----begin ",
        min_length=27,
    ),
    # RFC 3986, section 3.2.1. A user name alone is often a token.
    ValuePattern(
        "user info of a URL",
        r"(?<=://)(?P<secret>[^\s/?#\"'<>]*)@",
        "://",
        min_length=5,
    ),
    ValuePattern(
        "AWS access key id",
        r"(?<![0-9A-Za-z])AKIA[0-9A-Z]{16}(?![0-9A-Za-z])",
        "akia",
        min_length=20,
    ),
    ValuePattern(
        "AWS temporary access key id",
        r"(?<![0-9A-Za-z])ASIA[0-9A-Z]{16}(?![0-9A-Za-z])",
        "asia",
        min_length=20,
    ),
    ValuePattern(
        "Google API key",
        r"(?<![\w\-])AIza[\w\-]{35}(?![\w\-])",
        "aiza",
        min_length=39,
    ),
    # ISO/IEC 7812-1: 13 to 19 digits, in one piece or in the groups that are printed on cards. It
    # begins with a digit, not with what must not stand before: so the search skips to digits.
    ValuePattern(
        CARD,
        r"[0-9](?<![0-9A-Za-z][0-9])(?:[0-9]{12,18}|[0-9]{3}(?:[ \-][0-9]{4}){2}[ \-][0-9]{1,4}"
        r"(?:[ \-][0-9]{1,3})?|[0-9]{3}[ \-][0-9]{6}[ \-][0-9]{4,5})(?![0-9A-Za-z])",
        "",
        valid=passes_luhn,
        min_length=_CARD_DIGITS,
    ),
)
"""Shapes that are dropped from every text unless a policy says otherwise."""


def email_pattern(redactor: FieldRedactor) -> ValuePattern:
    """Make the pattern of e-mail addresses (RFC 5321, without quoted local parts)."""
    return ValuePattern(
        "e-mail address",
        r"(?<![\w.%+\-])[\w.%+\-]++@[\w\-]++(?:\.[\w\-]++)*+",
        "@",
        redactor,
        min_length=3,
    )
