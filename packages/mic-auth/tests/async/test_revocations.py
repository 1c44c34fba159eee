"""Revocations on a cache."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mic.auth import AsyncRevocationList, ServiceAuthClaims
from mic.model import TransientError
from mic.testing import ManualClock

Claims = Callable[..., ServiceAuthClaims]


class AsyncStore:
    """A cache in a dict that counts, and fails when it is told to."""

    blocking = False

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.lifetimes: dict[str, float] = {}
        self.gets = 0
        self.failure: Exception | None = None

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def get(self, key: str) -> Any:
        self.gets += 1
        self._fail()
        return self.values.get(key)

    async def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
        self._fail()
        self.values[key] = value
        self.lifetimes[key] = ttl_seconds


class AsyncBatchStore(AsyncStore):
    """The same with `get_many`."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []

    async def get_many(self, keys: Sequence[str]) -> Any:
        self.batches.append(list(keys))
        self._fail()
        return {key: self.values[key] for key in keys if key in self.values}


def make(store: Any, clock: ManualClock, **options: Any) -> AsyncRevocationList:
    return AsyncRevocationList(cache=store, time_fn=clock, **options)


async def test_one_token(clock: ManualClock) -> None:
    store = AsyncStore()
    revocations = make(store, clock)
    assert not await revocations.is_jti_revoked("a")
    await revocations.revoke_jti("a", ttl_seconds=60)
    assert await revocations.is_jti_revoked("a")
    assert not await revocations.is_jti_revoked("b")
    assert store.values == {"revoke:jti:a": b"1"}
    assert store.lifetimes == {"revoke:jti:a": 60}


async def test_all_tokens_of_a_subject(clock: ManualClock) -> None:
    store = AsyncStore()
    revocations = make(store, clock)
    clock.advance(0.9)
    await revocations.revoke_all_for_subject("u", ttl_seconds=60)
    assert store.values == {"revoke:sub:u": b"1700000000"}
    for issued_at, revoked in (
        (1_699_999_999, True),
        (1_700_000_000, True),
        (1_700_000_001, False),
    ):
        answer = await revocations.is_subject_revoked_since("u", issued_at=issued_at)
        assert answer is revoked
    assert not await revocations.is_subject_revoked_since("v", issued_at=0)


async def test_namespaces(clock: ManualClock) -> None:
    store = AsyncStore()
    revocations = make(store, clock, jti_namespace="j/", subject_namespace="s/")
    await revocations.revoke_jti("a", ttl_seconds=1)
    await revocations.revoke_all_for_subject("a", ttl_seconds=1)
    assert set(store.values) == {"j/a", "s/a"}


@pytest.mark.parametrize("kind", [AsyncStore, AsyncBatchStore])
async def test_claims(clock: ManualClock, claims_of: Claims, kind: type[AsyncStore]) -> None:
    revocations = make(kind(), clock)
    assert not await revocations.is_revoked(claims_of())
    await revocations.revoke_all_for_subject("user-1", ttl_seconds=60)
    assert await revocations.is_revoked(claims_of())
    assert not await revocations.is_revoked(claims_of(iat=1_700_000_001))
    assert not await revocations.is_revoked(claims_of(sub=None))
    await revocations.revoke_jti("token-1", ttl_seconds=60)
    assert await revocations.is_revoked(claims_of(iat=1_700_000_001))
    assert await revocations.is_revoked(claims_of(sub=None))
    assert not await revocations.is_revoked(claims_of(jti=None, iat=1_700_000_001))
    assert not await revocations.is_revoked(claims_of(jti=None, sub=None))


async def test_one_round_trip(clock: ManualClock, claims_of: Claims) -> None:
    store = AsyncBatchStore()
    revocations = make(store, clock)
    await revocations.is_revoked(claims_of())
    assert store.batches == [["revoke:jti:token-1", "revoke:sub:user-1"]]
    assert store.gets == 0
    await revocations.is_revoked(claims_of(sub=None))
    assert (len(store.batches), store.gets) == (1, 1)


async def test_a_token_is_revoked_as_long_as_it_could_be_presented(
    clock: ManualClock, claims_of: Claims
) -> None:
    store = AsyncStore()
    revocations = make(store, clock)
    await revocations.revoke(claims_of())
    assert store.lifetimes == {"revoke:jti:token-1": 3630}
    await revocations.revoke(claims_of(jti="other"), leeway_seconds=0)
    assert store.lifetimes["revoke:jti:other"] == 3600
    clock.advance(3630)
    await revocations.revoke(claims_of(jti="over"))
    assert "revoke:jti:over" not in store.values


async def test_answers_may_be_kept(clock: ManualClock, claims_of: Claims) -> None:
    store = AsyncStore()
    revocations = make(store, clock, max_staleness_seconds=5)
    assert not await revocations.is_revoked(claims_of())
    asked = store.gets
    assert not await revocations.is_revoked(claims_of())
    assert store.gets == asked
    store.values["revoke:jti:token-1"] = b"1"  # by another process
    assert not await revocations.is_revoked(claims_of())
    clock.advance(5)
    assert await revocations.is_revoked(claims_of())
    assert await revocations.is_revoked(claims_of())
    assert store.gets == asked + 4


async def test_ones_own_revocation_is_seen_at_once(clock: ManualClock, claims_of: Claims) -> None:
    store = AsyncStore()
    revocations = make(store, clock, max_staleness_seconds=5)
    assert not await revocations.is_revoked(claims_of())
    await revocations.revoke(claims_of())
    assert await revocations.is_revoked(claims_of())
    # Also when nobody knows whether it was written.
    assert not await revocations.is_jti_revoked("b")
    store.failure = OSError("lost")
    with pytest.raises(TransientError, match="revoked can not be told"):
        await revocations.revoke_jti("b", ttl_seconds=9)
    store.failure = None
    store.values["revoke:jti:b"] = b"1"
    assert await revocations.is_jti_revoked("b")


async def test_nothing_is_believed_without_asking_by_default(
    clock: ManualClock, claims_of: Claims
) -> None:
    store = AsyncStore()
    revocations = make(store, clock)
    await revocations.is_revoked(claims_of())
    await revocations.is_revoked(claims_of())
    assert store.gets == 4


@pytest.mark.parametrize("kind", [AsyncStore, AsyncBatchStore])
@pytest.mark.parametrize("failure", [OSError("down"), TimeoutError(), RuntimeError("secret")])
async def test_a_store_that_can_not_tell_lets_nobody_pass(
    clock: ManualClock, claims_of: Claims, kind: type[AsyncStore], failure: Exception
) -> None:
    store = kind()
    store.failure = failure
    revocations = make(store, clock)
    with pytest.raises(TransientError, match="revoked can not be told") as caught:
        await revocations.is_revoked(claims_of())
    assert caught.value.code == "transient.revocation_unavailable"
    with pytest.raises(TransientError, match="revoked can not be told"):
        await revocations.revoke_jti("a", ttl_seconds=1)


@pytest.mark.parametrize("record", [b"soon", b"", 5, "x"])
@pytest.mark.parametrize("kind", [AsyncStore, AsyncBatchStore])
async def test_an_undecodable_record_lets_nobody_pass(
    clock: ManualClock, claims_of: Claims, kind: type[AsyncStore], record: Any
) -> None:
    store = kind()
    store.values["revoke:sub:user-1"] = record
    with pytest.raises(TransientError, match="revoked can not be told"):
        await make(store, clock).is_revoked(claims_of())


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"max_staleness_seconds": -1}, "max_staleness_seconds must be finite"),
        ({"max_staleness_seconds": float("inf")}, "max_staleness_seconds must be finite"),
        ({"max_staleness_seconds": float("nan")}, "max_staleness_seconds must be finite"),
        ({"local_entries": -1}, "local_entries must be at least 0"),
        ({"jti_namespace": "x", "subject_namespace": "x"}, "must differ"),
    ],
)
def test_the_constructor_refuses(clock: ManualClock, options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=f"AsyncRevocationList: .*{match}"):
        make(AsyncStore(), clock, **options)


async def test_mistakes(clock: ManualClock, claims_of: Claims) -> None:
    revocations = make(AsyncStore(), clock)
    with pytest.raises(ValueError, match="ttl_seconds must be at least 1"):
        await revocations.revoke_jti("a", ttl_seconds=0)
    with pytest.raises(ValueError, match="jti must not be empty"):
        await revocations.revoke_jti(" ", ttl_seconds=1)
    with pytest.raises(ValueError, match="subject must not be empty"):
        await revocations.revoke_all_for_subject("", ttl_seconds=1)
    with pytest.raises(ValueError, match="claims must have a jti"):
        await revocations.revoke(claims_of(jti=None))


def test_the_cache_says_whether_it_waits(clock: ManualClock) -> None:
    store = AsyncStore()
    assert not make(store, clock).performs_io
    store.blocking = True
    assert make(store, clock).performs_io
