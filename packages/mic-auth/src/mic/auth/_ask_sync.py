"""Asks collaborators that are synchronous (`_ask_async` asks those that may not be)."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mic.auth._policy import AnyKeySource
from mic.auth.errors import jwks_unavailable, replay_unavailable, revocation_unavailable
from mic.auth.key_ring import KeySource
from mic.auth.keys import ServiceKey
from mic.auth.replay import ReplayGuard
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

AnyKeys = KeySource
AnyReplayGuard = ReplayGuard


def check_collaborator(collaborator: object, method: str, what: str) -> None:
    """Refuse what nobody here could await.

    Raises:
        TypeError: The method is missing, or asynchronous.
    """
    function = getattr(collaborator, method, None)
    if not callable(function):
        msg = f"{what} needs the method {method}"
        raise TypeError(msg)
    if inspect.iscoroutinefunction(function):
        msg = f"{what} is asynchronous: it needs the asynchronous verifier"
        raise TypeError(msg)


def candidates_of(source: AnyKeySource, kid: str | None) -> tuple[ServiceKey, ...]:
    """Ask for the keys of an issuer.

    Raises:
        TransientError: They can not be had.
    """
    try:
        keys: object = source.candidates(kid)
    except DomainError:
        raise
    except Exception as error:
        raise jwks_unavailable() from error
    if not isinstance(keys, tuple):
        raise jwks_unavailable()
    # An issuer with keys of its own lets a token without a name have only what was made for it.
    return tuple(key for key in keys if key.accept_without_kid) if kid is None else keys


def is_revoked(revocations: Any, claims: ServiceAuthClaims) -> bool:
    """Ask whether a token has been revoked.

    Raises:
        TransientError: Nobody can tell.
    """
    try:
        answer = revocations.is_revoked(claims)
    except DomainError:
        raise
    except Exception as error:
        raise revocation_unavailable() from error
    if not isinstance(answer, bool):
        raise revocation_unavailable()
    return answer


def first_time(guard: AnyReplayGuard, claims: ServiceAuthClaims, ttl_seconds: int) -> bool:
    """Ask whether a token has not been presented before.

    Raises:
        TransientError: Nobody can tell.
    """
    try:
        answer: object = guard.claim(claims, ttl_seconds=ttl_seconds)
    except DomainError:
        raise
    except Exception as error:
        raise replay_unavailable() from error
    if not isinstance(answer, bool):
        raise replay_unavailable()
    return answer
