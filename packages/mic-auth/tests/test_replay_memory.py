import threading
from collections.abc import Callable

import pytest

from mic.auth import InMemoryReplayGuard, ServiceAuthClaims
from mic.model import TransientError
from mic.testing import ManualClock

Claims = Callable[..., ServiceAuthClaims]


def test_a_token_passes_once(clock: ManualClock, claims_of: Claims) -> None:
    guard = InMemoryReplayGuard(time_fn=clock)
    assert guard.claim(claims_of(), ttl_seconds=10)
    assert not guard.claim(claims_of(), ttl_seconds=10)
    assert guard.claim(claims_of(jti="token-2"), ttl_seconds=10)
    assert guard.claim(claims_of(iss="billing"), ttl_seconds=10)
    clock.advance(9.9)
    assert not guard.claim(claims_of(), ttl_seconds=10)
    clock.advance(0.1)
    assert guard.claim(claims_of(), ttl_seconds=10)
    assert not guard.performs_io


def test_a_full_guard_refuses_rather_than_forgets(clock: ManualClock, claims_of: Claims) -> None:
    guard = InMemoryReplayGuard(max_entries=2, time_fn=clock)
    assert guard.claim(claims_of(jti="a"), ttl_seconds=10)
    assert guard.claim(claims_of(jti="b"), ttl_seconds=20)
    for _ in range(2):
        with pytest.raises(TransientError, match="can not be told") as caught:
            guard.claim(claims_of(jti="c"), ttl_seconds=10)
    assert caught.value.code == "transient.replay_unavailable"
    assert not guard.claim(claims_of(jti="a"), ttl_seconds=10)
    assert len(guard) == 2
    clock.advance(10)
    assert guard.claim(claims_of(jti="c"), ttl_seconds=10)
    assert not guard.claim(claims_of(jti="b"), ttl_seconds=10)
    assert len(guard) == 2


def test_mistakes(claims_of: Claims) -> None:
    with pytest.raises(ValueError, match="InMemoryReplayGuard: max_entries must be at least 1"):
        InMemoryReplayGuard(max_entries=0)
    with pytest.raises(ValueError, match="claims must have a jti"):
        InMemoryReplayGuard().claim(claims_of(jti=None), ttl_seconds=1)


def test_of_32_threads_one_passes(claims_of: Claims) -> None:
    guard = InMemoryReplayGuard(time_fn=lambda: 0.0)
    barrier = threading.Barrier(32)
    passed: list[bool] = []

    def present() -> None:
        barrier.wait()
        passed.append(guard.claim(claims_of(), ttl_seconds=9))

    threads = [threading.Thread(target=present) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(passed) == [False] * 31 + [True]
