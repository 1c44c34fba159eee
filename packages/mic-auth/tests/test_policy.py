from typing import Any

import pytest

from mic.auth import KeyRing
from mic.auth._claim_rules import Rules
from mic.auth._policy import (
    Given,
    checked_issuers,
    checked_secrets,
    make_policy,
    waits,
)
from mic.auth._refusals import RefusalError

RULES = Rules(audience="stock", leeway=30, max_age=None, needs_subject=False, needs_id=False)
RING = KeyRing([])
SECRETS = checked_secrets("V", ("s" * 32,), allow_weak=False)


def given(**options: Any) -> Given:
    usual: dict[str, Any] = {"secrets": (), "keys": {}, "rules": RULES, "allowed_issuers": None}
    return Given(**{**usual, **options})


def test_issuers_and_their_keys() -> None:
    policy = make_policy("V", given(secrets=SECRETS, keys={"a": RING}, allowed_issuers=("a", "b")))
    assert policy.issuer_of({"iss": "a"}) == ("a", RING)
    assert policy.issuer_of({"iss": "b"}) == ("b", None)
    assert not policy.performs_io
    alone = make_policy("V", given(keys={"a": RING}))
    assert set(alone.issuers) == {"a"}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "missing_claim"),
        ({"iss": None}, "malformed"),
        ({"iss": ["a"]}, "malformed"),
        ({"iss": "b"}, "invalid_issuer"),
        ({"iss": " a"}, "invalid_issuer"),
    ],
)
def test_issuers_that_are_nobody(payload: dict[str, Any], reason: str) -> None:
    with pytest.raises(RefusalError, match=reason):
        make_policy("V", given(keys={"a": RING})).issuer_of(payload)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({}, "secrets or keys must be given"),
        ({"secrets": SECRETS}, "allowed_issuers is required with secrets"),
        (
            {"secrets": SECRETS, "keys": {"a": RING}},
            "allowed_issuers is required with secrets",
        ),
        ({"keys": {"a": RING}, "allowed_issuers": ("a", "b")}, "an issuer without keys"),
        (
            {"secrets": SECRETS, "keys": {"a": RING}, "allowed_issuers": ("b",)},
            "keys holds an issuer that is not in allowed_issuers",
        ),
    ],
)
def test_what_does_not_fit_together(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=f"V: .*{match}"):
        make_policy("V", given(**options))


def test_who_waits() -> None:
    class Waiting:
        performs_io = True

    class Silent:
        pass

    assert waits(Waiting())
    assert waits(Silent())
    assert not waits(RING)
    assert not waits(None)
    source: Any = Waiting()
    assert make_policy("V", given(keys={"a": RING, "b": source})).performs_io


def test_secrets() -> None:
    wrong: Any = "s" * 40
    with pytest.raises(TypeError, match="V: secrets must be a tuple of secrets, not one"):
        checked_secrets("V", wrong, allow_weak=False)
    with pytest.raises(ValueError, match="V: secrets must be at most 8"):
        checked_secrets("V", ("s" * 32,) * 9, allow_weak=False)
    with pytest.raises(ValueError, match=r"V: secrets\[1\] must have at least 32 bytes"):
        checked_secrets("V", ("s" * 32, "weak"), allow_weak=False)
    assert len(checked_secrets("V", ["weak"] * 8, allow_weak=True)) == 8


def test_issuers() -> None:
    assert checked_issuers("V", None) is None
    assert checked_issuers("V", (" a ",)) == (" a ",)
    with pytest.raises(TypeError, match="V: allowed_issuers must be a tuple of issuers, not one"):
        checked_issuers("V", "orders")
    with pytest.raises(ValueError, match="V: allowed_issuers must not be empty"):
        checked_issuers("V", ())
    with pytest.raises(ValueError, match="V: allowed_issuers must not be empty or blank"):
        checked_issuers("V", ("a", " "))
