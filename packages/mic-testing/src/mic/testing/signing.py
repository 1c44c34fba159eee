"""A signer of service tokens that signs nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_MOST = 1_000
_PREFIX = "fake-token"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a signer was asked for."""

    audience: str
    subject: str | None
    scopes: tuple[str, ...]


@dataclass(slots=True)
class FakeSigner:
    """Fits wherever a signer of `mic.auth` does, and remembers what it was asked for.

    Its tokens name audience and subject in the clear and prove nothing: no verifier of `mic.auth`
    takes one.

    Attributes:
        failure: Raised instead of signing, where given.
        asked: What was asked for, oldest first; the last 1,000 are kept.
    """

    failure: Exception | None = None
    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=_MOST))
    _signed: int = 0

    def sign(
        self,
        *,
        audience: str,
        subject: str | None = None,
        jti: str | None = None,
        extra_claims: Mapping[str, Any] | None = None,
        scopes: Sequence[str] | None = None,
        ttl_seconds: int | None = None,
    ) -> str:
        """A token of its own for every call."""
        del jti, extra_claims, ttl_seconds
        token = self.token(audience=audience, subject=subject, scopes=scopes or ())
        self._signed += 1
        return f"{token}.{self._signed}"

    def token(
        self, *, audience: str, subject: str | None = None, scopes: Sequence[str] = ()
    ) -> str:
        """The same token for the same question."""
        if self.failure is not None:
            raise self.failure
        self.asked.append(Asked(audience, subject, tuple(scopes)))
        return ".".join((_PREFIX, audience, subject or "nobody"))
