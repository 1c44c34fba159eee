import json
from typing import Any

import pytest

from mic.auth import ServiceKey
from mic.auth._jwks import KeySet, Limits, read_document
from mic.testing import ManualClock

EDDSA, CURVE = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
BOTH = ("EdDSA", "ES256")
RSA = {"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB"}


def limits(**options: Any) -> Limits:
    usual: dict[str, Any] = {
        "owner": "S",
        "algorithms": BOTH,
        "refresh_seconds": 300.0,
        "stale_seconds": 1000.0,
        "cooldown_seconds": 30.0,
        "timeout_seconds": 5.0,
        "max_keys": 4,
        "max_bytes": 1000,
    }
    return Limits(**{**usual, **options})


def document(*members: Any) -> bytes:
    return json.dumps({"keys": list(members)}).encode()


def read(body: bytes, **options: Any) -> list[str]:
    usual: dict[str, Any] = {"algorithms": BOTH, "max_keys": 8}
    return list(read_document(body, **{**usual, **options}))


def test_keys_that_are_taken() -> None:
    assert read(document(EDDSA.to_jwk(), CURVE.to_jwk())) == [EDDSA.kid, CURVE.kid]
    assert read(document()) == []
    bare = {name: EDDSA.to_jwk()[name] for name in ("kty", "crv", "x")}
    assert read(document(bare)) == [EDDSA.kid]


def test_only_public_parts_are_taken() -> None:
    private = {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "leaked",
    }
    found = read_document(document(private), algorithms=BOTH, max_keys=8)
    assert not found["leaked"].can_sign


@pytest.mark.parametrize(
    "member",
    [
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "HS256"},
        RSA,
        {**EDDSA.to_jwk(), "use": "enc"},
        {**EDDSA.to_jwk(), "alg": "ES256"},
        {**EDDSA.to_jwk(), "alg": None},
        {**EDDSA.to_jwk(), "crv": "Ed448"},
        {**EDDSA.to_jwk(), "crv": ["Ed25519"]},
        {**EDDSA.to_jwk(), "kty": {}},
        {**EDDSA.to_jwk(), "kid": "a b"},
        {**EDDSA.to_jwk(), "kid": None},
        {**EDDSA.to_jwk(), "x": "AAAA"},
        {},
        None,
        1,
        "text",
        [EDDSA.to_jwk()],
    ],
)
def test_keys_that_are_skipped(member: Any) -> None:
    assert read(document(member, CURVE.to_jwk())) == [CURVE.kid]


def test_algorithms_that_are_not_accepted_are_skipped() -> None:
    assert read(document(EDDSA.to_jwk(), CURVE.to_jwk()), algorithms=("ES256",)) == [CURVE.kid]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b'{"keys": [',
        b"[]",
        b"null",
        b"{}",
        b'{"keys": {}}',
        b"\xff",
        document(EDDSA.to_jwk(), EDDSA.to_jwk()),
        document(EDDSA.to_jwk(), {**CURVE.to_jwk(), "kid": EDDSA.kid}),
        document(*[RSA] * 9),
    ],
)
def test_documents_that_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(body)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"algorithms": ()}, "algorithms must be a collection"),
        ({"algorithms": "EdDSA"}, "algorithms must be a collection"),
        ({"algorithms": ("HS256",)}, "algorithms must be of EdDSA, ES256"),
        *(
            ({name: value}, f"{name} must be finite and above 0")
            for name in ("refresh_seconds", "timeout_seconds")
            for value in (0, -1, float("inf"), float("nan"))
        ),
        *(
            ({name: value}, f"{name} must be finite and not negative")
            for name in ("stale_seconds", "cooldown_seconds")
            for value in (-1, float("inf"), float("nan"))
        ),
        ({"max_keys": 0}, "max_keys must be at least 1"),
        ({"max_bytes": 0}, "max_bytes must be at least 1"),
    ],
)
def test_limits_that_are_refused(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=f"S: {match}"):
        limits(**options)


def keys(*found: ServiceKey) -> dict[str, ServiceKey]:
    return {key.kid: key for key in found}


def test_the_ages_of_a_set(clock: ManualClock) -> None:
    held = KeySet(limits(), clock)
    assert held.is_unusable()
    assert held.is_due()
    held.store(keys(EDDSA), held.begin())
    assert held.find(EDDSA.kid) is EDDSA
    assert held.find("other") is None
    for age, usable, due in (
        (0, True, False),
        (299.9, True, False),
        (300, True, True),
        (1300, True, True),
        (1300.1, False, True),
    ):
        clock.jump(age)
        assert (held.is_usable(), held.is_due()) == (usable, due), age
        assert held.is_unusable() is not usable
        clock.jump(-age)


def test_the_cooldown(clock: ManualClock) -> None:
    held = KeySet(limits(), clock)
    held.store(keys(EDDSA), held.begin())
    clock.advance(400)
    assert held.is_due()
    held.begin()
    assert not held.is_due()
    clock.advance(29.9)
    assert not held.may_ask()
    clock.advance(0.1)
    assert held.may_ask()
    assert held.is_due()


def test_one_report_a_cooldown(clock: ManualClock) -> None:
    held = KeySet(limits(), clock)
    assert [held.may_report() for _ in range(3)] == [True, False, False]
    clock.advance(29.9)
    assert not held.may_report()
    clock.advance(0.1)
    assert [held.may_report() for _ in range(2)] == [True, False]


def test_the_version(clock: ManualClock) -> None:
    held = KeySet(limits(), clock)
    assert len({held.version, held.version}) == 2  # every reading is another one
    held.store(keys(EDDSA), held.begin())
    first = held.version
    assert held.version == first
    held.store(keys(EDDSA), held.begin())
    assert held.version == first
    held.store(keys(EDDSA, CURVE), held.begin())
    second = held.version
    assert second != first
    clock.advance(300)
    assert len({held.version, held.version, first, second}) == 4
    held.begin()  # a fetch is under way, or failed not long ago
    assert held.version == second
    clock.advance(1001)
    assert held.version not in (first, second)
