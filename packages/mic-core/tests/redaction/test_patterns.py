"""Shapes of text that are secrets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.redaction import SECRET_PATTERNS, RedactionPolicy, ValuePattern, redact_mask
from mic.redaction._patterns import email_pattern, is_basic_credentials, passes_luhn

POLICY = RedactionPolicy(secret_names=())
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE-canary\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bearer abcdef.123", "Bearer [REDACTED]"),
        ("sent BEARER  abcdef1 on", "sent BEARER  [REDACTED] on"),
        ("a bearer token is missing", "a bearer token is missing"),
        ("bearer authentication", "bearer authentication"),
        ("Bearer Credentials.", "Bearer Credentials."),
        ("forbearer abcdef1", "forbearer abcdef1"),
        ("Basic dXNlcjpwYXNz", "Basic [REDACTED]"),
        ("basic dXNlcjpwYXNzdw== x", "basic [REDACTED] x"),
        ("Basic dXNlcjpwYXNzdw x", "Basic [REDACTED] x"),
        ("a basic understanding", "a basic understanding"),
        (f"jwt {JWT}, x", "jwt [REDACTED], x"),
        (f"jwt_{JWT}", "[REDACTED]"),
        ("eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9"),
        (f"a {PEM} b", "a [REDACTED] b"),
        ("-----BEGIN PRIVATE KEY-----\ncanary", "[REDACTED]"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nx", "[REDACTED]"),
        ("-----BEGIN CERTIFICATE-----\nx", "-----BEGIN CERTIFICATE-----\nx"),
        ("redis://user:pw@h:1/0", "redis://[REDACTED]@h:1/0"),
        ("x redis://:p@a@h, ftp://t@h", "x redis://[REDACTED]@h, ftp://[REDACTED]@h"),
        ("http://h/a@b and http://@h", "http://h/a@b and http://@h"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id [REDACTED]."),
        ("id ASIAIOSFODNN7EXAMPLE.", "id [REDACTED]."),
        ("AKIAIOSFODNN7EXAMPLEX", "AKIAIOSFODNN7EXAMPLEX"),
        ("AIza" + "x" * 35, "[REDACTED]"),
        ("AIza" + "x" * 36, "AIza" + "x" * 36),
        ("card 4111111111111111!", "card [REDACTED]!"),
        ("card 4111 1111 1111 1111", "card [REDACTED]"),
        ("4111-1111-1111-1111", "[REDACTED]"),
        ("amex 3782 822463 10005", "amex [REDACTED]"),
        ("old 4222222222222", "old [REDACTED]"),
        ("2024 4111 1111 1111 1111", "2024 [REDACTED]"),
        ("4111111111111112", "4111111111111112"),
        ("a4111111111111111", "a4111111111111111"),
        ("4111111111111111a", "4111111111111111a"),
        ("41111111111111110000", "41111111111111110000"),
        ("mail ann@example.com", "mail ann@example.com"),
    ],
)
def test_what_is_replaced(text: str, shown: str) -> None:
    assert POLICY.apply_text(text) == shown
    assert POLICY.apply({"v": text}) == {"v": shown}
    assert POLICY.apply_text(shown) == shown


def test_email_addresses_belong_to_a_rule_of_that_name() -> None:
    policy = RedactionPolicy({"E-Mail": redact_mask}, secret_names=())
    assert policy.apply_text("ann.b+c@mail.example.com, x@y. é@ü.ch") == "***, ***. ***"
    assert policy.apply_text("a @ b, a@ b") == "a @ b, a@ b"
    assert policy.apply_text("redis://u:p@h") == "redis://[REDACTED]@h"
    assert email_pattern(redact_mask).redactor is redact_mask


@given(st.text(alphabet="0123456789", min_size=12, max_size=18), st.integers(0, 9))
def test_luhn(digits: str, last: int) -> None:
    total = sum(
        int(digit) if index % 2 else sum(divmod(2 * int(digit), 10))
        for index, digit in enumerate(reversed(digits))
    )
    number = f"{digits}{last}"
    assert passes_luhn(number) is ((total + last) % 10 == 0)
    assert passes_luhn(" ".join(number)) is passes_luhn(number)
    assert (POLICY.apply_text(number) == "[REDACTED]") is passes_luhn(number)


@pytest.mark.parametrize(
    ("text", "is_credentials"),
    [("dXNlcjpwYXNz", True), ("dXNlcg==", False), ("a", False), ("abcde", False), ("!", False)],
)
def test_basic_credentials(text: str, is_credentials: bool) -> None:
    assert is_basic_credentials(text) is is_credentials


def test_a_pattern_must_compile() -> None:
    with pytest.raises(ValueError, match="the pattern 'x' is not a regular expression"):
        ValuePattern("x", "(", "")


def test_hints_are_literal_and_in_any_case() -> None:
    pattern = ValuePattern(name="iban", regex=r"\bDE[0-9]{4}\b", hint="DE")
    policy = RedactionPolicy(patterns=[pattern])
    assert policy.apply_text("to DE1234") == "to [REDACTED]"
    assert policy.apply({"v": "to DE1234"}) == {"v": "to [REDACTED]"}
    special = RedactionPolicy(patterns=[ValuePattern("hash", r"\$2b\$\w+", "$2b$")])
    assert special.apply_text("pw $2b$abc") == "pw [REDACTED]"


def test_the_group_called_secret_is_what_is_replaced() -> None:
    pattern = ValuePattern("pin", r"PIN (?P<secret>\d+)", "", redact_mask, lambda t: t != "0000")
    policy = RedactionPolicy(patterns=[pattern])
    assert policy.apply_text("PIN 1234 PIN 0000 PIN 77") == "PIN *** PIN 0000 PIN ***"


@pytest.mark.parametrize("pattern", SECRET_PATTERNS, ids=lambda pattern: pattern.name)
def test_the_cheap_tests_hold_for_every_match(pattern: ValuePattern) -> None:
    samples = [
        "Bearer abcdef",
        "Basic dTpwYXNz",
        JWT,
        "eyJabcdefghi.",
        PEM,
        "-----BEGIN PRIVATE KEY-----",
        "a://b@",
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "AIza" + "x" * 35,
        "4222222222222",
    ]
    matches = [match for text in samples if (match := re.search(pattern.regex, text))]
    assert matches
    for match in matches:
        assert pattern.hint in match.string.lower()
        assert len(match.string) >= pattern.min_length


# Each text makes a backtracking form of some pattern quadratic: with 300,000 characters such a
# form would take minutes, so that the suite's time limit is the assertion.
ADVERSARIAL = {
    "one run": "a" * 300_000,
    "equals": "=" * 300_000,
    "pairs": "a=" * 150_000,
    "names": "a." * 150_000 + "=",
    "blanks": "token" + " " * 300_000,
    "backslashes": 'password="' + "\\" * 300_000,
    "quotes": "password=" + "'" * 300_000,
    "brackets": "token=" + "[" * 300_000,
    "eyJ": "eyJ" * 100_000,
    "eyJ.": "eyJabcdefghi" * 25_000 + ".",
    "bearer": "bearer " * 45_000,
    "bearer blanks": "bearer" + " \t" * 150_000,
    "basic": "basic " + "A" * 300_000,
    "begin": "-----BEGIN " * 27_000,
    "pem": "-----BEGIN PRIVATE KEY-----" + "-" * 300_000,
    "pem end": "-----BEGIN PRIVATE KEY-----" + "-----END " * 33_000,
    "schemes": "://" * 100_000,
    "user info": "://" + ":" * 300_000,
    "at": "a@" * 150_000,
    "mail": "a." * 150_000 + "@",
    "aws": "AKIA" * 75_000,
    "google": "AIza" * 75_000,
    "digits": "4" * 300_000,
    "spaced digits": "4 " * 150_000,
    "groups": "4111 " * 60_000,
}


@pytest.mark.parametrize("text", ADVERSARIAL.values(), ids=ADVERSARIAL.keys())
def test_adversarial_text_ends(text: str) -> None:
    policy = RedactionPolicy({"email": redact_mask}, max_text=1_000_000)
    assert isinstance(policy.apply_text(text), str)
