"""The secret part of a key: it signs, it verifies, and it never shows itself."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any, Protocol

import jwt
from jwt.algorithms import HMACAlgorithm

MIN_SECRET_BYTES = 32
"""The least bytes of a shared secret, in UTF-8 (RFC 7518, section 3.2)."""

_HS256 = HMACAlgorithm(HMACAlgorithm.SHA256)


class Material(Protocol):
    """What a key is made of."""

    @property
    def can_sign(self) -> bool:
        """Whether the private part is there."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Give the signature of a message."""
        ...

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature is that of a message; in constant time where it matters."""
        ...

    def public(self) -> Material:
        """The part that may be shown. Raises `ValueError` where there is none."""
        ...

    def to_jwk(self) -> dict[str, str]:
        """`kty`, `crv`, `x` and `y` (RFC 7517). Raises `ValueError` for a shared secret."""
        ...

    def to_pem(self, password: bytes | None) -> bytes:
        """PKCS #8, or SubjectPublicKeyInfo. Raises `ValueError` for a shared secret."""
        ...


class SharedSecret:
    """An HS256 secret."""

    __slots__ = ("_secret",)

    can_sign = True

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, message: bytes) -> bytes:
        """Give the HMAC of a message."""
        return _HS256.sign(message, self._secret)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Compare in constant time: PyJWT uses `hmac.compare_digest`."""
        return _HS256.verify(message, self._secret, signature)

    def public(self) -> Material:
        """A secret has no public part."""
        raise ValueError("a shared secret has no public part")

    def to_jwk(self) -> dict[str, str]:
        """A secret has no public part."""
        raise ValueError("a shared secret has no public part")

    def to_pem(self, password: bytes | None) -> bytes:
        """A secret is no PEM."""
        del password
        raise ValueError("a shared secret can not be written as PEM")


def shared_secret(secret: object, what: str, *, allow_weak: bool) -> SharedSecret:
    """Check a secret and make key material of it.

    Args:
        secret: Text, taken as UTF-8, or bytes.
        what: Class and parameter, for the message.
        allow_weak: Whether fewer than `MIN_SECRET_BYTES` are taken; never none at all.

    Raises:
        TypeError: It is neither text nor bytes.
        ValueError: It is empty or weak, or a PEM, SSH or JSON Web Key: such a thing is often
            public, and whoever has it could sign (RFC 8725, section 2.1).
    """
    if not isinstance(secret, str | bytes):
        msg = f"{what} must be a string or bytes, not {type(secret).__name__}"
        raise TypeError(msg)
    if isinstance(secret, str):
        try:
            raw = secret.encode()
        except UnicodeEncodeError:
            raw = None
    else:
        raw = secret
    if raw is None:
        msg = f"{what} must be text that UTF-8 can hold"
        raise ValueError(msg)
    if not raw:
        msg = f"{what} must not be empty"
        raise ValueError(msg)
    if _is_key_document(raw):
        msg = f"{what} must be a shared secret, not a PEM, SSH or JSON Web Key"
        raise ValueError(msg)
    if len(raw) < MIN_SECRET_BYTES and not allow_weak:
        msg = f"{what} must have at least {MIN_SECRET_BYTES} bytes"
        raise ValueError(msg)
    return SharedSecret(raw)


def _is_key_document(raw: bytes) -> bool:
    try:
        _HS256.prepare_key(raw)
    except jwt.InvalidKeyError:
        return True
    # The oldest PyJWT that we take looks at less than this.
    if b"-----BEGIN " in raw:
        return True
    try:
        document: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and ("kty" in document or "keys" in document)


def asymmetric(what: str) -> ModuleType:
    """Give the module of EdDSA and ES256.

    Args:
        what: What needs it, for the message.

    Raises:
        ImportError: `cryptography` is not installed; the message names the extra.
    """
    try:
        from mic.auth import _asymmetric
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "cryptography":
            raise
        raise ImportError(
            f'{what} needs mic-auth[oidc]: pip install "mic-auth[oidc]"', name=error.name
        ) from error
    return _asymmetric
