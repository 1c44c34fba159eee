from collections.abc import Callable
from typing import Any

import pytest

from mic.auth import InMemoryReplayGuard, KeyRing, ServiceAuthClaims, ServiceKey
from mic.auth._ask_sync import candidates_of, check_collaborator, first_time, is_revoked
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

    def candidates(self, kid: str | None) -> Any:
        return self._say()

    def is_revoked(self, claims: ServiceAuthClaims) -> Any:
        return self._say()

    def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> Any:
        return self._say()


class Waiting:
    async def claim(self, claims: ServiceAuthClaims, *, ttl_seconds: int) -> bool:
        raise NotImplementedError


def test_what_is_taken() -> None:
    check_collaborator(Answering(True), "claim", "V: guard")
    check_collaborator(InMemoryReplayGuard(), "claim", "V: guard")
    check_collaborator(KeyRing([]), "candidates", "V: keys")
    with pytest.raises(TypeError, match="V: guard needs the method claim"):
        check_collaborator(object(), "claim", "V: guard")
    with pytest.raises(TypeError, match="V: guard is asynchronous"):
        check_collaborator(Waiting(), "claim", "V: guard")


def test_keys() -> None:
    source: Any = Answering((OLD, NEW))
    assert candidates_of(source, "new") == (OLD, NEW)
    assert candidates_of(source, None) == (OLD,)
    ring = KeyRing([OLD, NEW])
    assert candidates_of(ring, "new") == (NEW,)
    assert candidates_of(ring, None) == (OLD,)


def test_answers(claims_of: Claims) -> None:
    for answer in (True, False):
        assert is_revoked(Answering(answer), claims_of()) is answer
        assert first_time(Answering(answer), claims_of(), 1) is answer
    guard = InMemoryReplayGuard()
    assert first_time(guard, claims_of(), 9)
    assert not first_time(guard, claims_of(), 9)


@pytest.mark.parametrize("answer", [OSError("no"), None, 1, "yes"])
def test_what_can_not_be_told_lets_nobody_pass(answer: Any, claims_of: Claims) -> None:
    with pytest.raises(TransientError, match="revoked can not be told"):
        is_revoked(Answering(answer), claims_of())
    with pytest.raises(TransientError, match="presented before can not be told"):
        first_time(Answering(answer), claims_of(), 1)


def test_keys_that_can_not_be_had() -> None:
    for answer in (OSError("no"), None, "keys"):
        broken: Any = Answering(answer)
        with pytest.raises(TransientError, match="keys of the issuer are not available"):
            candidates_of(broken, "k")


def test_errors_of_the_domain_pass(claims_of: Claims) -> None:
    busy: Any = Answering(RateLimitedError(message="busy"))
    with pytest.raises(RateLimitedError, match="busy"):
        candidates_of(busy, "k")
    with pytest.raises(RateLimitedError, match="busy"):
        is_revoked(busy, claims_of())
    with pytest.raises(RateLimitedError, match="busy"):
        first_time(busy, claims_of(), 1)
