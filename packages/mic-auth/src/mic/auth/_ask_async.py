"""Asks collaborators that may be asynchronous (`_ask_sync` asks those that may not)."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mic.auth._policy import waits
from mic.auth.errors import jwks_unavailable, replay_unavailable, revocation_unavailable
from mic.auth.key_ring import AsyncKeySource, KeySource
from mic.auth.keys import ServiceKey
from mic.auth.replay import AsyncReplayGuard, ReplayGuard
from mic.model import DomainError

if TYPE_CHECKING:
    from mic.auth.claims import ServiceAuthClaims

__all__ = [
    "AnyKeys",
    "AnyReplayGuard",
    "candidates_of",
    "check_collaborator",
    "first_time",
    "is_revoked",
]

AnyKeys = KeySource | AsyncKeySource
"""What gives keys here; a synchronous one must not wait."""

AnyReplayGuard = ReplayGuard | AsyncReplayGuard
"""What remembers tokens here; a synchronous one must not wait."""


def check_collaborator(collaborator: object, method: str, what: str) -> None:
    """Refuse what would hold the event loop.

    Raises:
        TypeError: The method is missing, or is synchronous and may wait.
    """
    function = getattr(collaborator, method, None)
    if not callable(function):
        msg = f"{what} needs the method {method}"
        raise TypeError(msg)
    if not inspect.iscoroutinefunction(function) and waits(collaborator):
        msg = f"{what} is synchronous and may wait: it would hold the event loop"
        raise TypeError(msg)


async def candidates_of(source: AnyKeys, kid: str | None) -> tuple[ServiceKey, ...]:
    """Ask for the keys of an issuer.

    Raises:
        TransientError: They can not be had.
    """
    try:
        found = source.candidates(kid)
        keys = found if isinstance(found, tuple) else await found
    except DomainError:
        raise
    except Exception as error:
        raise jwks_unavailable() from error
    # An issuer with keys of its own lets a token without a name have only what was made for it.
    return tuple(key for key in keys if key.accept_without_kid) if kid is None else keys


async def is_revoked(revocations: Any, claims: ServiceAuthClaims) -> bool:
    """Ask whether a token has been revoked.

    Raises:
        TransientError: Nobody can tell.
    """
    try:
        answer = revocations.is_revoked(claims)
        if not isinstance(answer, bool):
            answer = await answer
    except DomainError:
        raise
    except Exception as error:
        raise revocation_unavailable() from error
    if not isinstance(answer, bool):
        raise revocation_unavailable()
    return answer


async def first_time(guard: AnyReplayGuard, claims: ServiceAuthClaims, ttl_seconds: int) -> bool:
    """Ask whether a token has not been presented before.

    Raises:
        TransientError: Nobody can tell.
    """
    try:
        answer = guard.claim(claims, ttl_seconds=ttl_seconds)
        if not isinstance(answer, bool):
            answer = await answer
    except DomainError:
        raise
    except Exception as error:
        raise replay_unavailable() from error
    if not isinstance(answer, bool):
        raise replay_unavailable()
    return answer
