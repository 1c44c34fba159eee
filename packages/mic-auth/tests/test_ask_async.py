from collections.abc import Callable
from typing import Any

import pytest

from mic.auth import InMemoryReplayGuard, KeyRing, ServiceAuthClaims, ServiceKey
from mic.auth._ask_async import candidates_of, check_collaborator, first_time, is_revoked
from mic.model import RateLimitedError, TransientError

Claims = Callable[..., ServiceAuthClaims]
OLD = ServiceKey.hs256("o" * 32, kid="old", accept_without_kid=True)
NEW = ServiceKey.hs256("n" * 32, kid="new")


class Answering:
    """A collaborator of any kind: gives, or raises."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def _say(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def candidates(self, kid: str | None) -> Any:
        return self._say()

    async def is_revoked(self, claims: ServiceAuthClaims) -> Any:
        return self._say()

    async def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> Any:
        return self._say()


class Waiting:
    def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        raise NotImplementedError


def test_what_is_taken() -> None:
    check_collaborator(Answering(True), "claim", "V: guard")
    check_collaborator(InMemoryReplayGuard(), "claim", "V: guard")
    check_collaborator(KeyRing([]), "candidates", "V: keys")
    with pytest.raises(TypeError, match="V: guard needs the method claim"):
        check_collaborator(object(), "claim", "V: guard")
    with pytest.raises(TypeError, match="V: guard is synchronous and may wait"):
        check_collaborator(Waiting(), "claim", "V: guard")


async def test_keys() -> None:
    source: Any = Answering((OLD, NEW))
    assert await candidates_of(source, "new") == (OLD, NEW)
    assert await candidates_of(source, None) == (OLD,)
    ring = KeyRing([OLD, NEW])
    assert await candidates_of(ring, "new") == (NEW,)
    assert await candidates_of(ring, None) == (OLD,)


async def test_answers(claims_of: Claims) -> None:
    for answer in (True, False):
        assert await is_revoked(Answering(answer), claims_of()) is answer
        assert await first_time(Answering(answer), claims_of(), 1) is answer
    guard = InMemoryReplayGuard()
    assert await first_time(guard, claims_of(), 9)
    assert not await first_time(guard, claims_of(), 9)


async def test_who_answers_at_once(claims_of: Claims) -> None:
    class AtOnce:
        performs_io = False

        def is_revoked(self, claims: ServiceAuthClaims) -> bool:
            return True

    check_collaborator(AtOnce(), "is_revoked", "V: revocations")
    assert await is_revoked(AtOnce(), claims_of())


@pytest.mark.parametrize("answer", [OSError("no"), None, 1, "yes"])
async def test_what_can_not_be_told_lets_nobody_pass(answer: Any, claims_of: Claims) -> None:
    with pytest.raises(TransientError, match="revoked can not be told"):
        await is_revoked(Answering(answer), claims_of())
    with pytest.raises(TransientError, match="presented before can not be told"):
        await first_time(Answering(answer), claims_of(), 1)


async def test_keys_that_can_not_be_had() -> None:
    broken: Any = Answering(OSError("no"))
    with pytest.raises(TransientError, match="keys of the issuer are not available"):
        await candidates_of(broken, "k")


async def test_errors_of_the_domain_pass(claims_of: Claims) -> None:
    busy: Any = Answering(RateLimitedError(message="busy"))
    with pytest.raises(RateLimitedError, match="busy"):
        await candidates_of(busy, "k")
    with pytest.raises(RateLimitedError, match="busy"):
        await is_revoked(busy, claims_of())
    with pytest.raises(RateLimitedError, match="busy"):
        await first_time(busy, claims_of(), 1)
