"""A verifier that remembers gives the answers of one that does not."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic.auth import (
    AsyncRevocationList,
    AsyncServiceAuthVerifier,
    KeyRing,
    ServiceAuthError,
    ServiceAuthSigner,
    ServiceKey,
)
from mic.testing import ManualClock

NOW = 1_700_000_000
SECRETS = tuple(letter * 32 for letter in "abc")
KEYS = tuple(ServiceKey.hs256(letter * 32, kid=letter) for letter in "xyz")


class AsyncStore:
    """A store in a dict."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        self.values[key] = value


_TOKENS = st.integers(min_value=0, max_value=7)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("verify"), _TOKENS),
        st.tuples(st.just("verify"), _TOKENS),
        st.tuples(st.just("jump"), st.floats(min_value=-200, max_value=200)),
        st.tuples(st.just("secrets"), st.sampled_from([SECRETS[:1], SECRETS[1:2], SECRETS])),
        st.tuples(st.just("audience"), st.sampled_from(["stock", "else"])),
        st.tuples(st.just("issuers"), st.sampled_from([("s", "k"), ("s", "k", "t")])),
        st.tuples(st.just("add"), st.sampled_from(KEYS)),
        st.tuples(st.just("promote"), st.sampled_from(["x", "y", "z"])),
        st.tuples(st.just("retire"), st.sampled_from(["x", "y", "z"])),
        st.tuples(st.just("replace"), st.sampled_from(KEYS)),
        st.tuples(st.just("revoke"), _TOKENS),
        st.tuples(st.just("revoke_all"), st.sampled_from(["u0", "u1"])),
    ),
    min_size=5,
    max_size=40,
)


def _tokens(clock: ManualClock) -> list[str]:
    made = []
    for number in range(8):
        ring = KeyRing([KEYS[number % 3]])
        options: dict[str, Any] = (
            {"secret": SECRETS[number % 3], "issuer": "st"[number // 4 % 2]}
            if number % 2
            else {"keys": ring, "issuer": "k"}
        )
        signer = ServiceAuthSigner(time_fn=clock, **options)
        token = signer.sign(
            audience="stock",
            subject=f"u{number % 2}",
            jti=f"t{number}",
            ttl_seconds=50 + 40 * number,
        )
        made.append(token)
        clock.advance(7.3)
    return made


async def _answer(verifier: AsyncServiceAuthVerifier, token: str) -> Any:
    try:
        return await verifier.verify(token)
    except ServiceAuthError as error:
        return error.code


@settings(deadline=None, max_examples=40)
@given(steps=_STEPS, cache_size=st.integers(min_value=1, max_value=9))
async def test_it_agrees_with_a_verifier_that_remembers_nothing(
    steps: list[tuple[str, Any]], cache_size: int
) -> None:
    clock = ManualClock(float(NOW))
    tokens = _tokens(clock)
    ring = KeyRing(KEYS[:2])
    revocations = AsyncRevocationList(cache=AsyncStore(), time_fn=clock)

    def make(size: int) -> AsyncServiceAuthVerifier:
        return AsyncServiceAuthVerifier(
            secrets=SECRETS[:2],
            audience="stock",
            allowed_issuers=("s", "k", "t"),
            keys={"k": ring},
            max_age_seconds=200,
            revocations=revocations,
            cache_size=size,
            time_fn=clock,
        )

    cached, uncached = make(cache_size), make(0)
    for step, value in steps:
        match step:
            case "verify":
                pass
            case "jump":
                clock.jump(value)
            case "secrets" | "audience" | "issuers":
                name = "allowed_issuers" if step == "issuers" else step
                for each in (cached, uncached):
                    each.update(**{name: value})
            case "add" if value.kid not in ring.kids:
                ring.add(value)
            case "promote" if value in ring.kids:
                ring.promote(value)
            case "retire" if value in ring.kids and ring.current is not KEYS["xyz".index(value)]:
                ring.retire(value)
            case "replace":
                ring = KeyRing([value])
                for each in (cached, uncached):
                    each.update(keys={"k": ring})
            case "revoke":
                await revocations.revoke_jti(f"t{value}", ttl_seconds=60)
            case "revoke_all":
                await revocations.revoke_all_for_subject(value, ttl_seconds=60)
        chosen = [tokens[value]] if step == "verify" else tokens
        for token in chosen:
            assert await _answer(cached, token) == await _answer(uncached, token)


async def test_a_hit_reads_nothing_anew(clock: ManualClock) -> None:
    asked: list[str | None] = []

    class AsyncCounting:
        version = 1

        async def candidates(self, kid: str | None) -> tuple[ServiceKey, ...]:
            asked.append(kid)
            return KEYS[:1]

    source = AsyncCounting()
    verifier = AsyncServiceAuthVerifier(audience="stock", keys={"k": source}, time_fn=clock)
    signer = ServiceAuthSigner(keys=KeyRing(KEYS[:1]), issuer="k", time_fn=clock)
    token = signer.sign(audience="stock")
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    assert asked == ["x"]
    source.version = 2
    await verifier.verify(token)
    assert asked == ["x", "x"]


async def test_the_cache_is_bounded_and_eviction_changes_nothing(clock: ManualClock) -> None:
    verifier = AsyncServiceAuthVerifier(
        secrets=SECRETS[:1], audience="stock", allowed_issuers=("s",), cache_size=8, time_fn=clock
    )
    signer = ServiceAuthSigner(secret=SECRETS[0], issuer="s", time_fn=clock)
    tokens = [signer.sign(audience="stock", jti=f"t{number}") for number in range(100)]
    for _ in range(2):
        for number, token in enumerate(tokens):
            assert (await verifier.verify(token)).jti == f"t{number}"
            assert len(verifier._verified) <= 8


async def test_refusals_are_not_remembered(
    clock: ManualClock, claims_of: Callable[..., Any]
) -> None:
    verifier = AsyncServiceAuthVerifier(
        secrets=SECRETS[:1], audience="stock", allowed_issuers=("s",), time_fn=clock
    )
    clock.jump(100)
    early = ServiceAuthSigner(secret=SECRETS[0], issuer="s", time_fn=clock).sign(audience="stock")
    clock.jump(-100)
    with pytest.raises(ServiceAuthError, match="Token verification failed") as caught:
        await verifier.verify(early)
    assert caught.value.code == "service_auth.not_yet_valid"
    assert len(verifier._verified) == 0
    clock.jump(100)
    await verifier.verify(early)
