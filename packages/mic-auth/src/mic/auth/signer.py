"""Signs tokens: `ServiceAuthSigner`."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mic.auth._claim_rules import REGISTERED
from mic.auth._scopes import checked_scopes
from mic.auth._texts import checked_name, checked_text, checked_whole
from mic.auth.key_ring import KeyRing
from mic.auth.keys import ServiceKey, material_of, secret_key

__all__ = ["ServiceAuthSigner"]

_OWNER = "ServiceAuthSigner"


class _Reusable(NamedTuple):
    """A token that may be given again while `issued <= now < until` and the ring is the same."""

    token: str
    issued: int
    until: float
    version: int


class ServiceAuthSigner:
    """Makes the tokens by which this service calls others.

    Guarantees: no I/O, thread-safe, and never waiting, so that synchronous and asynchronous code
    use the same class. `sign` always gives a new token. `token` gives one again for part of its
    life; at most `cache_size` are held, the least recently used go first. Tokens for a receiver
    with a replay guard must come from `sign`.

    Args:
        secret: A shared HS256 secret of at least 32 bytes; its tokens name no key.
        issuer: Our own name: the claim `iss`.
        token_ttl_seconds: How long a token holds.
        keys: A ring of which the current key signs, instead of `secret`.
        allow_weak_secret: Take a shorter secret, for tests.
        reuse_fraction: For which part of its life `token` gives a token again, 0 up to below 1.
        cache_size: How many tokens `token` holds; 0 for none.
        time_fn: Unix seconds.

    Raises:
        ValueError: Neither or both of `secret` and `keys` are given, the secret is weak, the ring
            has no key that signs, or a value is out of its range.
        TypeError: A value is of the wrong type.
    """

    def __init__(
        self,
        *,
        secret: str | None = None,
        issuer: str,
        token_ttl_seconds: int = 3600,
        keys: KeyRing | None = None,
        allow_weak_secret: bool = False,
        reuse_fraction: float = 0.8,
        cache_size: int = 1024,
        time_fn: Callable[[], float] = time.time,
    ) -> None:
        self._secret: ServiceKey | None = None
        if keys is None:
            if secret is None:
                raise ValueError(f"{_OWNER}: secret or keys must be given")
            self._secret = secret_key(secret, f"{_OWNER}: secret", allow_weak=allow_weak_secret)
        elif secret is not None:
            raise ValueError(f"{_OWNER}: secret and keys must not both be given")
        elif keys.current is None:
            raise ValueError(f"{_OWNER}: keys has no key that can sign")
        if not 0 <= reuse_fraction < 1:
            raise ValueError(f"{_OWNER}: reuse_fraction must be from 0 up to below 1")
        self._keys = keys
        self._issuer = checked_text(issuer, f"{_OWNER}: issuer")
        self._ttl = checked_whole(token_ttl_seconds, f"{_OWNER}: token_ttl_seconds", least=1)
        self._reuse_fraction = reuse_fraction
        self._cache_size = checked_whole(cache_size, f"{_OWNER}: cache_size", least=0)
        self._time_fn = time_fn
        self._lock = threading.Lock()
        self._reusable: OrderedDict[tuple[object, ...], _Reusable] = OrderedDict()

    def sign(
        self,
        *,
        audience: str,
        subject: str | None = None,
        jti: str | None = None,
        extra_claims: Mapping[str, Any] | None = None,
        scopes: Sequence[str] | None = None,
        ttl_seconds: int | None = None,
    ) -> str:
        """Make a new token (JWS compact serialization, RFC 7515).

        Args:
            audience: The service that is called.
            subject: For whom; `sub`.
            jti: The id; by default 32 hexadecimal digits of a random UUID.
            extra_claims: Further members, JSON. Reserved: `iss`, `aud`, `iat`, `exp`, `sub`, `jti`
                and `nbf`; `scope` means `scopes`.
            scopes: What the token allows: at most 64 of `[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}`.
            ttl_seconds: How long it holds, instead of `token_ttl_seconds`.

        Raises:
            ValueError: A text is blank, a claim is reserved, a scope is malformed, or a value is
                out of its range or no JSON.
            TypeError: A value is of the wrong type.
        """
        return self._sign(
            int(self._time_fn()), audience, subject, jti, extra_claims, scopes, ttl_seconds
        )

    def token(
        self, *, audience: str, subject: str | None = None, scopes: Sequence[str] = ()
    ) -> str:
        """Give a token that may have been given before to a call with equal arguments.

        Raises:
            ValueError: As `sign`.
            TypeError: As `sign`.
        """
        if isinstance(scopes, str):
            raise TypeError(f"{_OWNER}: scopes must be a collection of scopes, not one string")
        scopes = tuple(scopes)
        slot = (audience, subject, *scopes)
        version = 0 if self._keys is None else self._keys.version
        now = self._time_fn()
        with self._lock:
            held = self._reusable.get(slot)
            if held is not None and held.version == version and held.issued <= now < held.until:
                self._reusable.move_to_end(slot)
                return held.token
        issued = int(now)
        token = self._sign(issued, audience, subject, None, None, scopes, None)
        until = issued + self._reuse_fraction * self._ttl
        with self._lock:
            self._reusable[slot] = _Reusable(token, issued, until, version)
            self._reusable.move_to_end(slot)
            while len(self._reusable) > self._cache_size:
                self._reusable.popitem(last=False)
        return token

    def _sign(
        self,
        issued: int,
        audience: str,
        subject: str | None,
        jti: str | None,
        extra_claims: Mapping[str, Any] | None,
        scopes: Sequence[str] | None,
        ttl_seconds: int | None,
    ) -> str:
        ttl = self._ttl
        if ttl_seconds is not None:
            ttl = checked_whole(ttl_seconds, f"{_OWNER}.sign: ttl_seconds", least=1)
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": checked_text(audience, f"{_OWNER}.sign: audience"),
            "iat": issued,
            "exp": issued + ttl,
            "jti": uuid.uuid4().hex if jti is None else checked_name(jti, f"{_OWNER}.sign: jti"),
        }
        if subject is not None:
            claims["sub"] = checked_name(subject, f"{_OWNER}.sign: subject")
        extra = {} if extra_claims is None else _checked_extra(extra_claims)
        allowed = _scopes_of(scopes, extra)
        if allowed:
            claims["scope"] = " ".join(allowed)
        claims.update(extra)
        payload = _payload(claims)
        if self._secret is not None:
            return _compact(self._secret, {"alg": "HS256", "typ": "JWT"}, payload)
        key = self._keys.current if self._keys is not None else None
        if key is None:  # not with our own ring, which never loses the key that signs
            raise ValueError(f"{_OWNER}: keys has no key that can sign")
        return _compact(key, {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}, payload)

    def __repr__(self) -> str:
        return f"{_OWNER}(issuer={self._issuer!r})"


def _checked_extra(extra_claims: Mapping[str, Any]) -> dict[str, Any]:
    extra = dict(extra_claims)
    if not all(isinstance(name, str) for name in extra):
        raise TypeError(f"{_OWNER}.sign: extra_claims must have names of text")
    if not REGISTERED.isdisjoint(extra):
        reserved = ", ".join(sorted(REGISTERED))
        raise ValueError(f"{_OWNER}.sign: extra_claims must not hold any of {reserved}")
    return extra


def _scopes_of(scopes: Sequence[str] | None, extra: dict[str, Any]) -> tuple[str, ...]:
    """The scopes, which may stand in the further claims instead; they are taken out of there."""
    if "scope" in extra:
        if scopes:
            raise ValueError(f"{_OWNER}.sign: scopes and extra_claims both give scopes")
        given = extra.pop("scope")
        return checked_scopes(
            given.split(" ") if isinstance(given, str) else given,
            f"{_OWNER}.sign: scope of extra_claims",
        )
    return () if scopes is None else checked_scopes(scopes, f"{_OWNER}.sign: scopes")


def _payload(claims: dict[str, Any]) -> bytes:
    payload: bytes | None = None
    try:
        text = json.dumps(claims, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        payload = text.encode()
    except (TypeError, ValueError, RecursionError):
        payload = None  # their texts may quote a claim, so ours stands alone
    if payload is None:
        raise ValueError(f"{_OWNER}.sign: extra_claims must be JSON")
    return payload


def _compact(key: ServiceKey, header: dict[str, str], payload: bytes) -> str:
    message = _encode(json.dumps(header, separators=(",", ":")).encode()) + b"." + _encode(payload)
    return (message + b"." + _encode(material_of(key).sign(message))).decode()


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
