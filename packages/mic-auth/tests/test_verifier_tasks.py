"""What only an event loop can break."""

import asyncio

import pytest

from mic.auth import (
    AsyncCacheReplayGuard,
    AsyncServiceAuthVerifier,
    InMemoryReplayGuard,
    RevocationList,
    ServiceAuthError,
    ServiceAuthSigner,
)

SECRET = "s" * 32


class Store:
    """An atomic store that others run beside."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    async def set_if_absent(self, key: str, value: bytes, *, ttl_seconds: float) -> bool:
        await asyncio.sleep(0)
        absent = key not in self.keys
        self.keys.add(key)
        await asyncio.sleep(0)
        return absent


@pytest.mark.loop_guard
@pytest.mark.parametrize("guard", [InMemoryReplayGuard(), AsyncCacheReplayGuard(cache=Store())])
async def test_of_32_tasks_one_passes(guard: InMemoryReplayGuard | AsyncCacheReplayGuard) -> None:
    verifier = AsyncServiceAuthVerifier(
        secrets=(SECRET,), audience="stock", allowed_issuers=("orders",), replay_guard=guard
    )
    token = ServiceAuthSigner(secret=SECRET, issuer="orders").sign(audience="stock")
    answers = await asyncio.gather(
        *(verifier.verify(token) for _ in range(32)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, ServiceAuthError)]
    assert len(refused) == 31
    assert {error.code for error in refused} == {"service_auth.replayed"}


def test_what_would_hold_the_loop_is_refused() -> None:
    class Blocking:
        def get(self, key: str) -> bytes | None:
            raise NotImplementedError

        def set(self, key: str, value: bytes, *, ttl_seconds: float) -> None:
            raise NotImplementedError

    verifier: type = AsyncServiceAuthVerifier
    with pytest.raises(TypeError, match="revocations is synchronous and may wait"):
        verifier(
            secrets=(SECRET,),
            audience="stock",
            allowed_issuers=("orders",),
            revocations=RevocationList(cache=Blocking()),
        )
