"""The replay guard on a shared cache."""

from collections.abc import Callable
from typing import Any

import pytest

from mic.auth import AsyncCacheReplayGuard, ServiceAuthClaims
from mic.model import TransientError

Claims = Callable[..., ServiceAuthClaims]


class AsyncStore:
    """A cache in a dict, or one that fails."""

    blocking = False

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.values: dict[str, tuple[bytes, float]] = {}

    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        absent = key not in self.values
        self.values.setdefault(key, (value, ttl_seconds))
        return absent


async def test_a_token_passes_once(claims_of: Claims) -> None:
    store = AsyncStore()
    guard = AsyncCacheReplayGuard(cache=store)
    answers = [await guard.claim(claims_of(), ttl_seconds=7) for _ in range(2)]
    assert answers == [True, False]
    assert await guard.claim(claims_of(iss="billing"), ttl_seconds=7)
    assert list(store.values["replay:jti:orders:token-1"]) == [b"1", 7]
    other = AsyncCacheReplayGuard(cache=store, namespace="mine:")
    assert await other.claim(claims_of(), ttl_seconds=7)
    assert "mine:orders:token-1" in store.values


@pytest.mark.parametrize("answer", [OSError("down"), TimeoutError(), "OK", 1])
async def test_a_cache_that_can_not_tell_lets_nobody_pass(answer: Any, claims_of: Claims) -> None:
    guard = AsyncCacheReplayGuard(cache=AsyncStore(answer))
    with pytest.raises(TransientError, match="presented before can not be told") as caught:
        await guard.claim(claims_of(), ttl_seconds=7)
    assert caught.value.code == "transient.replay_unavailable"


async def test_a_token_without_id(claims_of: Claims) -> None:
    with pytest.raises(ValueError, match="claims must have a jti"):
        await AsyncCacheReplayGuard(cache=AsyncStore()).claim(claims_of(jti=None), ttl_seconds=7)


def test_the_cache_says_whether_it_waits() -> None:
    store = AsyncStore()
    assert not AsyncCacheReplayGuard(cache=store).performs_io
    store.blocking = True
    assert AsyncCacheReplayGuard(cache=store).performs_io
