"""EdDSA on Ed25519 and ES256 on P-256: what needs `cryptography`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

_B64URL = re.compile(r"[A-Za-z0-9_-]+")
_ED_BYTES = _EC_BYTES = 32
_EDDSA = OKPAlgorithm()
_ES256 = ECAlgorithm(ECAlgorithm.SHA256)


class _KeyPair:
    """What both algorithms share: a public key, and the private one or `None`."""

    __slots__ = ("_private", "_public")

    algorithm: ClassVar[Literal["EdDSA", "ES256"]]
    _rules: ClassVar[OKPAlgorithm | ECAlgorithm]

    def __init__(self, private: Any, public: Any) -> None:
        self._private = private
        self._public = public

    @property
    def can_sign(self) -> bool:
        """Whether the private part is there."""
        return self._private is not None

    def sign(self, message: bytes) -> bytes:
        """Give the signature as JWS has it (RFC 7518, section 3.4; RFC 8037, section 3.1)."""
        return self._rules.sign(message, self._private)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature is that of a message."""
        return self._rules.verify(message, self._public, signature)

    def to_pem(self, password: bytes | None) -> bytes:
        """PKCS #8 of the private key, or SubjectPublicKeyInfo where there is none."""
        pem: bytes
        if self._private is not None:
            sealed: KeySerializationEncryption = NoEncryption()
            if password is not None:
                sealed = BestAvailableEncryption(password)
            pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed)
        elif password is None:
            pem = self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        else:
            raise ValueError("ServiceKey.to_pem: a public key takes no password")
        return pem


class Ed25519Pair(_KeyPair):
    """A key of EdDSA (RFC 8037)."""

    __slots__ = ()

    algorithm = "EdDSA"
    _rules = _EDDSA

    def public(self) -> Ed25519Pair:
        """The same without the private part."""
        return Ed25519Pair(None, self._public)

    def to_jwk(self) -> dict[str, str]:
        """The public members (RFC 8037, section 2)."""
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": _encode(raw)}


class P256Pair(_KeyPair):
    """A key of ES256 (RFC 7518, section 3.4)."""

    __slots__ = ()

    algorithm = "ES256"
    _rules = _ES256

    def public(self) -> P256Pair:
        """The same without the private part."""
        return P256Pair(None, self._public)

    def to_jwk(self) -> dict[str, str]:
        """The public members (RFC 7518, section 6.2.1)."""
        point = self._public.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _encode(point.x.to_bytes(_EC_BYTES)),
            "y": _encode(point.y.to_bytes(_EC_BYTES)),
        }


KeyPair = Ed25519Pair | P256Pair


def generate(algorithm: str) -> KeyPair:
    """Make a new key.

    Raises:
        ValueError: The algorithm is neither of the two.
    """
    if algorithm == "EdDSA":
        return _pair(ed25519.Ed25519PrivateKey.generate())
    if algorithm == "ES256":
        return _pair(ec.generate_private_key(ec.SECP256R1()))
    raise ValueError("ServiceKey.generate: algorithm must be EdDSA or ES256")


def from_pem(pem: bytes, password: bytes | None) -> KeyPair:
    """Read a private key (PKCS #8, SEC 1) or a public one (SubjectPublicKeyInfo).

    Raises:
        ValueError: It is something else, or the password is wrong.
    """
    found: Any = None
    try:
        if b"PRIVATE KEY-----" in pem:
            found = load_pem_private_key(pem, password)
        elif password is None:
            found = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None  # their texts may quote what was given, so ours stands alone
    if found is None:
        raise ValueError(
            "ServiceKey.from_pem: pem must hold one private or public key, and fit the password"
        )
    return _pair(found)


def from_jwk(jwk: Mapping[str, Any]) -> KeyPair:
    """Read a JSON Web Key with or without its private member.

    Raises:
        ValueError: It is neither OKP on Ed25519 nor EC on P-256, or it is malformed.
    """
    kind = (jwk.get("kty"), jwk.get("crv"))
    if kind not in {("OKP", "Ed25519"), ("EC", "P-256")}:
        raise ValueError("ServiceKey.from_jwk: jwk must be OKP on Ed25519 or EC on P-256")
    pair: KeyPair | None = None
    try:
        pair = _ed25519(jwk) if kind[0] == "OKP" else _p256(jwk)
    except (ValueError, binascii.Error):
        pair = None  # as above
    if pair is None:
        raise ValueError("ServiceKey.from_jwk: jwk is malformed, or its parts do not fit")
    return pair


def _ed25519(jwk: Mapping[str, Any]) -> KeyPair | None:
    public = ed25519.Ed25519PublicKey.from_public_bytes(_decode(jwk.get("x"), _ED_BYTES))
    if "d" not in jwk:
        return Ed25519Pair(None, public)
    raw = _decode(jwk["d"], _ED_BYTES)
    return _fitting(ed25519.Ed25519PrivateKey.from_private_bytes(raw), public)


def _p256(jwk: Mapping[str, Any]) -> KeyPair | None:
    x, y = (int.from_bytes(_decode(jwk.get(name), _EC_BYTES)) for name in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    if "d" not in jwk:
        return P256Pair(None, public)
    secret = int.from_bytes(_decode(jwk["d"], _EC_BYTES))
    return _fitting(ec.derive_private_key(secret, ec.SECP256R1()), public)


def _fitting(private: Any, public: Any) -> KeyPair | None:
    """The pair, unless the public part is that of another key."""
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    fits = private.public_key().public_bytes(*form) == public.public_bytes(*form)
    return _pair(private) if fits else None


def _pair(key: Any) -> KeyPair:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Ed25519Pair(key, key.public_key())
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Ed25519Pair(None, key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return P256Pair(key, key.public_key())
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return P256Pair(None, key)
    raise ValueError("ServiceKey.from_pem: pem must hold a key of Ed25519 or P-256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: object, size: int) -> bytes:
    if not isinstance(text, str) or _B64URL.fullmatch(text) is None:
        raise ValueError("no base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != size:
        raise ValueError("another size")
    return raw
