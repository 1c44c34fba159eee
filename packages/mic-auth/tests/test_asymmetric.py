import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from mic.auth._asymmetric import from_jwk, from_pem, generate

# RFC 8037, appendix A.1 and A.2
RFC8037 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
# RFC 7515, appendix A.3.1
RFC7515 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_new_key_signs_and_its_public_part_verifies(algorithm: str) -> None:
    pair = generate(algorithm)
    signature = pair.sign(b"message")
    assert pair.algorithm == algorithm
    assert len(signature) == 64
    public = pair.public()
    assert pair.can_sign
    assert not public.can_sign
    for each in (pair, public):
        assert each.verify(b"message", signature)
        assert not each.verify(b"massage", signature)
    for each in (pair, public, from_pem(pair.to_pem(None), None), from_jwk(pair.to_jwk())):
        assert each.to_jwk() == pair.to_jwk()


@given(st.binary(max_size=80))
def test_no_signature_makes_it_raise(signature: bytes) -> None:
    assert not from_jwk(RFC8037).verify(b"message", signature)
    assert not from_jwk(RFC7515).verify(b"message", signature)


def test_an_unknown_algorithm() -> None:
    with pytest.raises(ValueError, match="algorithm must be EdDSA or ES256"):
        generate("RS256")


@pytest.mark.parametrize("jwk", [RFC8037, RFC7515])
def test_a_private_jwk(jwk: dict[str, str]) -> None:
    pair = from_jwk(jwk)
    assert pair.can_sign
    assert pair.to_jwk() == {name: value for name, value in jwk.items() if name != "d"}
    assert from_jwk(pair.to_jwk()).verify(b"m", pair.sign(b"m"))


@pytest.mark.parametrize("jwk", [RFC8037, RFC7515])
@pytest.mark.parametrize("password", [None, b"a long password"])
def test_pem_there_and_back(jwk: dict[str, str], password: bytes | None) -> None:
    pair = from_jwk(jwk)
    pem = pair.to_pem(password)
    again = from_pem(pem, password)
    assert again.can_sign
    assert again.to_jwk() == pair.to_jwk()
    assert (b"ENCRYPTED" in pem) is (password is not None)
    public = from_pem(pair.public().to_pem(None), None)
    assert not public.can_sign
    assert public.to_jwk() == pair.to_jwk()


def test_a_public_key_takes_no_password() -> None:
    with pytest.raises(ValueError, match="a public key takes no password"):
        from_jwk(RFC8037).public().to_pem(b"password")


@pytest.mark.parametrize(
    ("pem", "password"),
    [
        (b"", None),
        (b"no pem at all", None),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None),
        (from_jwk(RFC8037).to_pem(b"right"), b"wrong"),
        (from_jwk(RFC8037).to_pem(b"right"), None),
        (from_jwk(RFC8037).to_pem(None), b"unneeded"),
        (from_jwk(RFC8037).public().to_pem(None), b"unneeded"),
    ],
)
def test_no_pem(pem: bytes, password: bytes | None) -> None:
    with pytest.raises(ValueError, match="pem must hold one private or public key") as caught:
        from_pem(pem, password)
    assert caught.value.__context__ is None


def _pem(key: Any) -> bytes:
    private: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private


def test_keys_of_another_kind() -> None:
    others: list[Any] = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        ed448.Ed448PrivateKey.generate(),
    ]
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for key in others:
        for pem in (_pem(key), key.public_key().public_bytes(*form)):
            with pytest.raises(ValueError, match="must hold a key of Ed25519 or P-256"):
                from_pem(pem, None)


@pytest.mark.parametrize(
    "jwk",
    [{}, {"kty": "oct", "k": "AAAA"}, {**RFC8037, "crv": "Ed448"}, {**RFC8037, "kty": "EC"}],
)
def test_a_jwk_of_another_kind(jwk: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="jwk must be OKP on Ed25519 or EC on P-256"):
        from_jwk(jwk)


@pytest.mark.parametrize(
    "change",
    [
        {"x": None},
        {"x": 1},
        {"x": "AAAA"},
        {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR!"},
        {"x": RFC8037["x"] + "="},
        {"d": "AAAA"},
        {"d": "A" * 43},
        {"d": None},
    ],
)
@pytest.mark.parametrize("jwk", [RFC8037, RFC7515])
def test_a_malformed_jwk(jwk: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="jwk is malformed, or its parts do not fit") as caught:
        from_jwk({**jwk, **change})
    assert caught.value.__context__ is None
    assert json.dumps(jwk["d"]) not in str(caught.value)


def test_a_point_off_the_curve() -> None:
    with pytest.raises(ValueError, match="jwk is malformed, or its parts do not fit"):
        from_jwk({**RFC7515, "y": RFC7515["x"]})
