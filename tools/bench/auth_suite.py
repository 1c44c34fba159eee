"""What verifying and signing tokens cost, against plain PyJWT."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import jwt

from mic.auth import (
    AsyncServiceAuthVerifier,
    KeyRing,
    ServiceAuthSigner,
    ServiceAuthVerifier,
    ServiceKey,
)
from tools.bench.harness import Benchmark, Work

SECRET = "a secret of at least thirty-two bytes"
ISSUER, AUDIENCE, SUBJECT = "orders", "stock", "user-1"

SHARED = ServiceKey.hs256(SECRET, kid="2026-01")
EDDSA, ES256 = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
RING = KeyRing([SHARED, EDDSA, ES256])


def _signer(key: ServiceKey | None) -> ServiceAuthSigner:
    if key is None:
        return ServiceAuthSigner(secret=SECRET, issuer=ISSUER)
    return ServiceAuthSigner(keys=KeyRing([key]), issuer=ISSUER)


def _token(key: ServiceKey | None) -> str:
    return _signer(key).sign(audience=AUDIENCE, subject=SUBJECT)


def _options(key: ServiceKey | None) -> dict[str, Any]:
    if key is None:
        return {"secrets": (SECRET,), "allowed_issuers": (ISSUER,)}
    return {"keys": {ISSUER: RING}}


def _repeat(call: Callable[[], object]) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            call()

    return work


def verifying(key: ServiceKey | None, *, cache_size: int) -> Work:
    """Verify one token again and again; with `cache_size` 0 every time is the first."""
    verifier = ServiceAuthVerifier(audience=AUDIENCE, cache_size=cache_size, **_options(key))
    token = _token(key)
    verifier.verify(token)
    return _repeat(lambda: verifier.verify(token))


def decoding(key: ServiceKey | None) -> Work:
    """Do the same checks with PyJWT, the key prepared."""
    token = _token(key)
    algorithm = "HS256" if key is None else key.algorithm
    prepared: Any = SECRET
    if key is not None and key.algorithm != "HS256":
        prepared = jwt.PyJWK(key.to_jwk()).key
    options: Any = {"require": ["iss", "aud", "iat", "exp"]}
    return _repeat(
        lambda: jwt.decode(
            token,
            prepared,
            algorithms=[algorithm],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=30,
            options=options,
        )
    )


def awaiting(count: int) -> None:
    """Verify one token again and again on an event loop."""

    async def verify() -> None:
        for _ in range(count):
            await _ASYNC.verify(_ASYNC_TOKEN)

    _LOOP.run_until_complete(verify())


def in_a_loop(count: int) -> None:
    """The synchronous hit where the asynchronous one runs: inside a running loop."""

    async def verify() -> None:
        for _ in range(count):
            _SYNC.verify(_ASYNC_TOKEN)

    _LOOP.run_until_complete(verify())


_LOOP = asyncio.new_event_loop()
_ASYNC = AsyncServiceAuthVerifier(audience=AUDIENCE, **_options(None))
_SYNC = ServiceAuthVerifier(audience=AUDIENCE, **_options(None))
_ASYNC_TOKEN = _token(None)


def signing() -> tuple[Work, Work]:
    """A token that is given again, and one that PyJWT writes."""
    signer = _signer(None)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": 1_700_000_000,
        "exp": 1_700_003_600,
        "jti": "0" * 32,
        "sub": SUBJECT,
    }
    return (
        _repeat(lambda: signer.token(audience=AUDIENCE, subject=SUBJECT)),
        _repeat(lambda: jwt.encode(claims, SECRET, algorithm="HS256")),
    )


def benchmarks() -> list[Benchmark]:
    """Every comparison, in the order in which they are shown."""
    held, encoded = signing()
    first = [
        ("one secret", None, 1.0),
        ("one kid of a ring", SHARED, 1.0),
        ("EdDSA", EDDSA, 1.0),
        ("ES256", ES256, 1.0),
    ]
    return [
        Benchmark(
            "auth: one token verified again",
            verifying(None, cache_size=10_000),
            decoding(None),
            "jwt.decode",
            8.0,
        ),
        *(
            Benchmark(
                f"auth: first verification, {name}",
                verifying(key, cache_size=0),
                decoding(key),
                "jwt.decode",
                must,
                faster=False,
            )
            for name, key, must in first
        ),
        Benchmark("auth: token() again", held, encoded, "jwt.encode", 15.0),
        Benchmark(
            "auth: await verify again",
            awaiting,
            in_a_loop,
            "the synchronous verifier",
            1.6,
            faster=False,
        ),
    ]
