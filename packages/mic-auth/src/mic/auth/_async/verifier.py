"""Verifies tokens: `AsyncServiceAuthVerifier`."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from mic.auth._ask_async import (
    AnyKeys,
    AnyReplayGuard,
    candidates_of,
    check_collaborator,
    first_time,
    is_revoked,
)
from mic.auth._claim_rules import Rules, check_claims
from mic.auth._compact import digest_of, parse
from mic.auth._policy import Given, checked_issuers, checked_secrets, make_policy, waits
from mic.auth._refusals import RefusalError, RefusalLog
from mic.auth._signatures import check_algorithm, check_signature
from mic.auth._texts import checked_text, checked_whole
from mic.auth._verified_tokens import VerifiedTokens
from mic.auth.claims import ServiceAuthClaims
from mic.auth.revocation import AsyncRevocationList

__all__ = ["AsyncServiceAuthVerifier"]


class AsyncServiceAuthVerifier:
    """Verifies tokens of other services: who calls, for whom, with which scopes.

    Guarantees: a token that was verified before gets, at every reading of the clock, exactly the
    answer that a new one would get; revocation and replay are asked about every time. A key is
    bound to its issuer: what a key of one issuer signed is never taken for another's, and an issuer
    in `keys` is never verified with `secrets`. With `secrets` alone, whoever holds a secret can be
    any of the allowed issuers. The algorithm is that of the key. No I/O with `secrets` and
    `KeyRing` only. What can not be told is refused. Thread-safe; the memory is bounded by
    `cache_size`.

    The signature is checked before the claims, so a token of the right key always gets the precise
    code, such as `service_auth.expired`.

    Args:
        secrets: Shared HS256 secrets, at most 8, usually the current one and the previous one, each
            of at least 32 bytes.
        audience: Our own name, as callers give it.
        allowed_issuers: Who may call; `None` means the issuers of `keys`. Required with `secrets`.
        leeway_seconds: By how much clocks may differ.
        require_subject: Whether `sub` must be there and not blank.
        keys: The keys of each issuer, such as a `KeyRing` or `AsyncJwksSource`.
        max_age_seconds: The longest time since `iat`.
        revocations: The `AsyncRevocationList` to ask: one round trip more a verification.
        replay_guard: Lets every token pass once; such tokens must come from `sign`.
        cache_size: How many verified tokens are remembered; 0 for none.
        max_token_bytes: Longer tokens are refused unread.
        allow_weak_secret: Take shorter secrets, for tests.
        time_fn: Unix seconds.

    Raises:
        ValueError: A secret is weak, a value is out of its range, or an issuer has no keys.
        TypeError: A collaborator is of the wrong kind.
    """

    def __init__(
        self,
        *,
        secrets: tuple[str, ...] = (),
        audience: str,
        allowed_issuers: tuple[str, ...] | None = None,
        leeway_seconds: int = 30,
        require_subject: bool = False,
        keys: Mapping[str, AnyKeys] | None = None,
        max_age_seconds: int | None = None,
        revocations: AsyncRevocationList | None = None,
        replay_guard: AnyReplayGuard | None = None,
        cache_size: int = 10_000,
        max_token_bytes: int = 8192,
        allow_weak_secret: bool = False,
        time_fn: Callable[[], float] = time.time,
    ) -> None:
        self._owner = owner = type(self).__name__
        if max_age_seconds is not None:
            checked_whole(max_age_seconds, f"{owner}: max_age_seconds", least=1)
        if revocations is not None:
            check_collaborator(revocations, "is_revoked", f"{owner}: revocations")
        if replay_guard is not None:
            check_collaborator(replay_guard, "claim", f"{owner}: replay_guard")
        self._allow_weak_secret = allow_weak_secret
        self._revocations = revocations
        self._replay_guard = replay_guard
        self._has_state = revocations is not None or replay_guard is not None
        self._max_token_bytes = checked_whole(max_token_bytes, f"{owner}: max_token_bytes", least=1)
        self._time_fn = time_fn
        self._verified = VerifiedTokens(checked_whole(cache_size, f"{owner}: cache_size", least=0))
        self._refusals = RefusalLog(time_fn)
        self._lock = threading.Lock()
        self._policy = make_policy(
            owner,
            Given(
                secrets=checked_secrets(owner, secrets, allow_weak=allow_weak_secret),
                keys=self._checked_keys(keys or {}),
                rules=Rules(
                    audience=checked_text(audience, f"{owner}: audience"),
                    leeway=checked_whole(leeway_seconds, f"{owner}: leeway_seconds", least=0),
                    max_age=max_age_seconds,
                    needs_subject=require_subject,
                    needs_id=self._has_state,
                ),
                allowed_issuers=checked_issuers(owner, allowed_issuers),
            ),
        )

    @property
    def performs_io(self) -> bool:
        """Whether `verify` may wait: for a key set, or for a store that does not say otherwise."""
        return self._policy.performs_io or waits(self._revocations) or waits(self._replay_guard)

    async def verify(self, token: str) -> ServiceAuthClaims:
        """Give the claims of a good token.

        Raises:
            ServiceAuthError: The token is refused; its `code` says why.
            TransientError: Keys, revocations or presented tokens can not be asked about (503).
        """
        try:
            digest = digest_of(token, self._max_token_bytes)
            claims = self._verified.find(digest, self._policy, self._time_fn())
            if claims is None:
                claims = await self._verify_whole(token, digest)
            if self._has_state:
                await self._check_state(claims)
        except RefusalError as error:
            reason, issuer = error.reason, error.issuer
        else:
            return claims
        # Outside of the handler, so that the error is chained to nothing.
        raise self._refusals.note(reason, issuer)

    async def require(self, token: str, *, scope: str) -> ServiceAuthClaims:
        """Give the claims of a good token that has a scope.

        Raises:
            ServiceAuthError: As `verify`.
            ForbiddenError: The token does not have the scope.
            TransientError: As `verify`.
            ValueError: `scope` is not one scope.
        """
        claims = await self.verify(token)
        claims.require(scope)
        return claims

    def update(
        self,
        *,
        secrets: tuple[str, ...] | None = None,
        keys: Mapping[str, AnyKeys] | None = None,
        audience: str | None = None,
        allowed_issuers: tuple[str, ...] | None = None,
    ) -> None:
        """Change whom to believe, in one step; `None` leaves a value as it is.

        Guarantee: a verification uses the old values or the new ones, never both, and nothing that
        was verified before is remembered.

        Raises:
            ValueError: As the constructor; nothing has changed then.
            TypeError: As the constructor; nothing has changed then.
        """
        owner = self._owner
        with self._lock:
            given = self._policy.given
            if secrets is not None:
                given = replace(
                    given,
                    secrets=checked_secrets(owner, secrets, allow_weak=self._allow_weak_secret),
                )
            if keys is not None:
                given = replace(given, keys=self._checked_keys(keys))
            if audience is not None:
                rules = replace(given.rules, audience=checked_text(audience, f"{owner}: audience"))
                given = replace(given, rules=rules)
            if allowed_issuers is not None:
                given = replace(given, allowed_issuers=checked_issuers(owner, allowed_issuers))
            self._policy = make_policy(owner, given)
        self._verified.clear()

    def _checked_keys(self, keys: Mapping[str, AnyKeys]) -> Mapping[str, AnyKeys]:
        what = f"{self._owner}: keys"
        for issuer, source in keys.items():
            checked_text(issuer, what)
            check_collaborator(source, "candidates", what)
        return dict(keys)

    async def _verify_whole(self, token: str, digest: bytes) -> ServiceAuthClaims:
        policy = self._policy
        compact = parse(token)
        name, source = policy.issuer_of(compact.payload)
        try:
            check_algorithm(compact)
            if source is None:
                version = 0
                keys = policy.given.secrets
            else:
                # Before the keys are read: what changes in between is then seen as a change.
                version = source.version
                keys = await candidates_of(source, compact.kid)
            check_signature(compact, keys)
            # The clock is read here, because asking for keys may have taken its time.
            checked = check_claims(compact.payload, name, policy.given.rules, self._time_fn())
        except RefusalError as error:
            error.issuer = name
            raise
        self._verified.keep(digest, checked, policy=policy, source=source, version=version)
        return checked.claims

    async def _check_state(self, claims: ServiceAuthClaims) -> None:
        if self._revocations is not None and await is_revoked(self._revocations, claims):
            raise RefusalError("revoked", claims.iss)
        if self._replay_guard is not None:  # last, so that a refused token is not spent
            ends = claims.exp + self._policy.given.rules.leeway
            left = max(1, math.ceil(ends - self._time_fn()))
            if not await first_time(self._replay_guard, claims, left):
                raise RefusalError("replayed", claims.iss)
