"""One key that signs or verifies tokens: `ServiceKey`."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, NoReturn, final

from mic.auth._material import MIN_SECRET_BYTES, Material, asymmetric, shared_secret
from mic.auth._texts import is_kid

__all__ = ["MIN_SECRET_BYTES", "Algorithm", "ServiceKey"]

Algorithm = Literal["HS256", "EdDSA", "ES256"]


@final
class ServiceKey:
    """A key with its name and the one algorithm that it is for.

    Guarantees: it can not be changed, and it can not be pickled; `repr` shows name and algorithm
    only. A private key leaves through `to_pem` and nothing else. The algorithm is a property of
    the key, so no token can choose another (RFC 8725, section 3.1).

    Made by `hs256`, `generate`, `from_pem`, `from_jwk` and `public`.

    Attributes:
        kid: The name that tokens give: at most 128 of `[A-Za-z0-9._~=-]`.
        algorithm: `HS256`, `EdDSA` or `ES256`.
        can_sign: Whether it holds a secret or the private part.
        accept_without_kid: Whether it verifies tokens that name no key (HS256 only).
    """

    __slots__ = ("_material", "accept_without_kid", "algorithm", "can_sign", "kid")

    _material: Material
    kid: str
    algorithm: Algorithm
    can_sign: bool
    accept_without_kid: bool

    def __init__(self) -> None:
        raise TypeError("ServiceKey is made by hs256, generate, from_pem or from_jwk")

    @classmethod
    def hs256(
        cls,
        secret: str | bytes,
        *,
        kid: str,
        accept_without_kid: bool = False,
        allow_weak_secret: bool = False,
    ) -> ServiceKey:
        """Make a key of a shared secret. Whoever can verify with it can sign with it too.

        Args:
            secret: At least 32 bytes, in UTF-8.
            kid: Its name.
            accept_without_kid: Also verify tokens that name no key: the way from shared secrets
                to key rings.
            allow_weak_secret: Take a shorter one, for tests.

        Raises:
            ValueError: The secret is empty, weak, or a PEM or JSON Web Key; `kid` is malformed.
            TypeError: The secret is neither text nor bytes.
        """
        material = shared_secret(secret, "ServiceKey.hs256: secret", allow_weak=allow_weak_secret)
        return _make(kid, "HS256", material, accept_without_kid=accept_without_kid)

    @classmethod
    def generate(cls, algorithm: Literal["EdDSA", "ES256"] = "EdDSA") -> ServiceKey:
        """Make a new private key, named by its thumbprint. Needs `mic-auth[oidc]`.

        Raises:
            ImportError: `mic-auth[oidc]` is not installed.
            ValueError: `algorithm` is neither of the two.
        """
        pair = asymmetric("ServiceKey.generate").generate(algorithm)
        return _make(None, pair.algorithm, pair)

    @classmethod
    def from_pem(
        cls, pem: str | bytes, *, kid: str | None = None, password: bytes | None = None
    ) -> ServiceKey:
        """Read a private key (PKCS #8, SEC 1) or a public one of Ed25519 or P-256.

        Args:
            pem: The PEM text.
            kid: Its name; the thumbprint by default (RFC 7638, SHA-256).
            password: What the private key is encrypted with.

        Raises:
            ImportError: `mic-auth[oidc]` is not installed.
            ValueError: It is something else, the password does not fit, or `kid` is malformed.
        """
        raw = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
        pair = asymmetric("ServiceKey.from_pem").from_pem(raw, password)
        return _make(kid, pair.algorithm, pair)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> ServiceKey:
        """Read a JSON Web Key of Ed25519 or P-256 (RFC 7517), private or public.

        Args:
            jwk: Its members; `kid` is the thumbprint where it is absent.

        Raises:
            ImportError: `mic-auth[oidc]` is not installed.
            ValueError: It is of another kind, malformed, or says `alg` of another algorithm, or
                `use` of something else than signatures.
        """
        pair = asymmetric("ServiceKey.from_jwk").from_jwk(jwk)
        if jwk.get("alg", pair.algorithm) != pair.algorithm or jwk.get("use", "sig") != "sig":
            raise ValueError("ServiceKey.from_jwk: alg or use of the jwk is for something else")
        return _make(jwk.get("kid"), pair.algorithm, pair)

    def public(self) -> ServiceKey:
        """Give the same key without its private part, to hand out.

        Raises:
            ValueError: It is a shared secret.
        """
        return _make(self.kid, self.algorithm, self._material.public())

    def to_jwk(self) -> dict[str, str]:
        """Give the public members, with `kid`, `use` and `alg` (RFC 7517, section 4).

        Raises:
            ValueError: It is a shared secret.
        """
        return {**self._material.to_jwk(), "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def to_pem(self, *, password: bytes | None = None) -> bytes:
        """Give the private key as PKCS #8, or the public one where there is no other.

        Args:
            password: Encrypts the private key.

        Raises:
            ValueError: It is a shared secret, or a password is given for a public key.
        """
        return self._material.to_pem(password)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a ServiceKey can not be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a ServiceKey can not be changed")

    def __copy__(self) -> ServiceKey:
        return self

    def __deepcopy__(self, memo: object) -> ServiceKey:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a ServiceKey can not be pickled: to_pem is the only way out")

    def __repr__(self) -> str:
        return f"ServiceKey(kid={self.kid!r}, algorithm={self.algorithm!r})"


def material_of(key: ServiceKey) -> Material:
    """Give what signs and verifies; for this distribution only."""
    return key._material


def secret_key(secret: object, what: str, *, allow_weak: bool) -> ServiceKey:
    """Make the key of a `secret` or of one of `secrets`, which has no name on the wire.

    Raises:
        TypeError: As `shared_secret`.
        ValueError: As `shared_secret`.
    """
    return _make("secret", "HS256", shared_secret(secret, what, allow_weak=allow_weak))


def _make(
    kid: str | None, algorithm: Algorithm, material: Material, *, accept_without_kid: bool = False
) -> ServiceKey:
    name = thumbprint(material.to_jwk()) if kid is None else kid
    if not is_kid(name):
        raise ValueError("ServiceKey: kid must be 1 to 128 characters of [A-Za-z0-9._~=-]")
    key = object.__new__(ServiceKey)
    for attribute, value in (
        ("kid", name),
        ("algorithm", algorithm),
        ("can_sign", material.can_sign),
        ("accept_without_kid", accept_without_kid),
        ("_material", material),
    ):
        object.__setattr__(key, attribute, value)
    return key


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Name a public key by its content (RFC 7638, SHA-256)."""
    members = json.dumps(dict(jwk), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(members.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
