"""What only threads can break."""

import threading
from collections.abc import Callable

import pytest

from mic.auth import (
    InMemoryReplayGuard,
    KeyRing,
    ServiceAuthError,
    ServiceAuthSigner,
    ServiceAuthVerifier,
    ServiceKey,
)

THREADS = 8


def run_all(work: Callable[[], None], *, beside: Callable[[], None] | None = None) -> None:
    """Run the work in several threads, and something else beside it; raise what they raised."""
    failures: list[BaseException] = []
    done: list[bool] = []
    barrier = threading.Barrier(THREADS + 1)
    leave = threading.Event()

    def guarded() -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            failures.append(error)
        done.append(True)
        # Coverage with greenlets may spin where a thread ends beside traced code, so all end later.
        leave.wait(60)

    threads = [threading.Thread(target=guarded, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    barrier.wait()
    while len(done) < THREADS:
        if beside is not None:
            beside()
        threads[0].join(0.0005)  # lets the others have their turn
    leave.set()
    for thread in threads:
        thread.join(60)
    assert failures == []


@pytest.mark.parametrize("cache_size", [0, 16])
def test_nobody_sees_a_torn_ring(cache_size: int) -> None:
    keys = [ServiceKey.hs256(f"{number}".rjust(40, "s"), kid=f"k{number}") for number in range(4)]
    ring = KeyRing(keys[:1])
    signer = ServiceAuthSigner(keys=ring, issuer="orders")
    verifier = ServiceAuthVerifier(audience="stock", keys={"orders": ring}, cache_size=cache_size)
    rotations = 0

    def rotate() -> None:
        nonlocal rotations
        old, new = keys[rotations % 4], keys[(rotations + 1) % 4]
        ring.add(new)
        ring.promote(new.kid)
        ring.retire(old.kid)
        rotations += 1

    def work() -> None:
        for _ in range(80):
            token = signer.token(audience="stock")
            try:
                assert verifier.verify(token).iss == "orders"
            except ServiceAuthError as error:
                # Between signing and verifying its key may have been retired, or have come again.
                assert error.code == "service_auth.unknown_key"  # noqa: PT017  # both may happen

    run_all(work, beside=rotate)
    assert rotations > 0
    assert len(ring.kids) == 1


def test_nobody_sees_half_an_update() -> None:
    one, two = "1" * 32, "2" * 32
    verifier = ServiceAuthVerifier(secrets=(one,), audience="a1", allowed_issuers=("orders",))
    # Good for one of the states, and for no mixture of the two.
    crossed = [
        ServiceAuthSigner(secret=one, issuer="orders").sign(audience="a2"),
        ServiceAuthSigner(secret=two, issuer="orders").sign(audience="a1"),
    ]
    turn = 0

    def swap() -> None:
        nonlocal turn
        turn += 1
        if turn % 2:
            verifier.update(secrets=(two,), audience="a2")
        else:
            verifier.update(secrets=(one,), audience="a1")

    def work() -> None:
        for _ in range(80):
            for token in crossed:
                with pytest.raises(ServiceAuthError, match="Token verification failed"):
                    verifier.verify(token)

    run_all(work, beside=swap)
    assert turn > 0


def test_of_32_presentations_one_passes() -> None:
    secret = "s" * 32
    verifier = ServiceAuthVerifier(
        secrets=(secret,),
        audience="stock",
        allowed_issuers=("orders",),
        replay_guard=InMemoryReplayGuard(),
    )
    token = ServiceAuthSigner(secret=secret, issuer="orders").sign(audience="stock")
    passed: list[str] = []
    refused: list[str] = []

    def work() -> None:
        for _ in range(4):
            try:
                passed.append(verifier.verify(token).iss)
            except ServiceAuthError as error:
                refused.append(error.code)

    run_all(work)
    assert passed == ["orders"]
    assert refused == ["service_auth.replayed"] * 31


def test_the_memory_is_bounded_by_the_cache() -> None:
    secret = "s" * 32
    verifier = ServiceAuthVerifier(
        secrets=(secret,), audience="stock", allowed_issuers=("orders",), cache_size=50
    )
    signer = ServiceAuthSigner(secret=secret, issuer="orders")

    def work() -> None:
        for _ in range(60):
            assert verifier.verify(signer.sign(audience="stock")).aud == "stock"
            assert len(verifier._verified) <= 50

    run_all(work)
    assert len(verifier._verified) == 50
