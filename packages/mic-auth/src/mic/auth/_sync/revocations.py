# Generated from _async/revocations.py by "make unasync"; edit that file.
"""Takes tokens back before they end: `RevocationList`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from mic.auth._revocation_records import (
    REVOKED,
    Absences,
    Names,
    epoch_record,
    is_since,
    read,
    read_many,
    remaining,
)
from mic.auth._stores import RevocationStore, blocks
from mic.auth._texts import checked_whole
from mic.auth.claims import ServiceAuthClaims
from mic.auth.errors import revocation_unavailable

__all__ = ["RevocationList"]


class RevocationList:
    """Revokes single tokens, and all tokens of a subject up to now.

    Guarantees: the next verification in every process that shares the cache sees a revocation
    (with `max_staleness_seconds` 0). It lasts as long as the cache keeps it: use one that neither
    evicts nor is flushed. When the cache can not be asked, or holds something undecodable, nobody
    passes. A token made in the very second of `revoke_all_for_subject` is revoked too. A later
    `revoke_all_for_subject` replaces the earlier one, its lifetime included, so give every one of
    them the longest life of a token.

    Args:
        cache: The cache; its own timeouts bound the wait.
        jti_namespace: What the key of a token begins with.
        subject_namespace: What the key of a subject begins with.
        time_fn: Unix seconds.
        max_staleness_seconds: How long "not revoked" may be believed without asking. Revocations
            through this object are seen at once all the same.
        local_entries: How many such answers are kept.

    Raises:
        ValueError: A value is out of its range.
    """

    __slots__ = ("_absences", "_cache", "_names", "_time_fn")

    def __init__(
        self,
        *,
        cache: RevocationStore,
        jti_namespace: str = "revoke:jti:",
        subject_namespace: str = "revoke:sub:",
        time_fn: Callable[[], float] = time.time,
        max_staleness_seconds: float = 0.0,
        local_entries: int = 10_000,
    ) -> None:
        owner = type(self).__name__
        if not 0 <= max_staleness_seconds < math.inf:
            msg = f"{owner}: max_staleness_seconds must be finite and not negative"
            raise ValueError(msg)
        if jti_namespace == subject_namespace:
            msg = f"{owner}: jti_namespace and subject_namespace must differ"
            raise ValueError(msg)
        self._cache = cache
        self._names = Names(owner, jti_namespace, subject_namespace)
        self._time_fn = time_fn
        size = checked_whole(local_entries, f"{owner}: local_entries", least=0)
        self._absences = Absences(max_staleness_seconds, size, time_fn)

    @property
    def performs_io(self) -> bool:
        """Whether asking may wait: the cache says."""
        return blocks(self._cache)

    def revoke_jti(self, jti: str, *, ttl_seconds: int) -> None:
        """Revoke one token.

        Args:
            jti: Its id.
            ttl_seconds: For how long, at least 1: as long as it could be presented.

        Raises:
            TransientError: The cache can not be written; whether it was, nobody can tell.
            ValueError: A value is out of its range.
        """
        self._write(self._names.of_token(jti), REVOKED, ttl_seconds)

    def is_jti_revoked(self, jti: str) -> bool:
        """Tell whether one token has been revoked.

        Raises:
            TransientError: Nobody can tell.
        """
        return self._ask(self._names.of_token(jti), None, 0)

    def revoke_all_for_subject(self, subject: str, *, ttl_seconds: int) -> None:
        """Revoke all tokens of a subject that were made up to now, this second included.

        Args:
            subject: The subject.
            ttl_seconds: For how long, at least 1: the longest life of a token and the leeway.

        Raises:
            TransientError: The cache can not be written; whether it was, nobody can tell.
            ValueError: A value is out of its range.
        """
        record = epoch_record(self._time_fn())
        self._write(self._names.of_subject(subject), record, ttl_seconds)

    def is_subject_revoked_since(self, subject: str, *, issued_at: int) -> bool:
        """Tell whether tokens of a subject that were made at `issued_at` have been revoked.

        Raises:
            TransientError: Nobody can tell.
        """
        return self._ask(None, self._names.of_subject(subject), issued_at)

    def revoke(self, claims: ServiceAuthClaims, *, leeway_seconds: int = 30) -> None:
        """Revoke one token for as long as it could be presented; one that has ended needs nothing.

        Args:
            claims: Its claims.
            leeway_seconds: The leeway of the verifiers.

        Raises:
            TransientError: The cache can not be written; whether it was, nobody can tell.
            ValueError: It has no `jti`, or the leeway is negative.
        """
        owner = self._names.owner
        if claims.jti is None:
            msg = f"{owner}.revoke: claims must have a jti"
            raise ValueError(msg)
        left = remaining(claims, self._time_fn(), leeway_seconds, owner)
        if left > 0:
            self.revoke_jti(claims.jti, ttl_seconds=left)

    def is_revoked(self, claims: ServiceAuthClaims) -> bool:
        """Tell whether a token has been revoked, itself or with all of its subject.

        One `get_many` where the cache has it, else a `get` for each of the two.

        Raises:
            TransientError: Nobody can tell.
        """
        token, subject = self._names.of_claims(claims)
        return self._ask(token, subject, claims.iat)

    def _ask(self, token: str | None, subject: str | None, issued_at: int) -> bool:
        question = (token, subject, issued_at)
        if self._absences.has(question):
            return False
        asked, writes = self._time_fn(), self._absences.writes
        records = self._read([key for key in (token, subject) if key is not None])
        revoked = token is not None and records[token] is not None
        if subject is not None:
            revoked = is_since(records[subject], issued_at) or revoked
        if not revoked:
            self._absences.keep(question, asked, writes)
        return revoked

    def _read(self, keys: list[str]) -> dict[str, bytes | None]:
        get_many = getattr(self._cache, "get_many", None)
        try:
            if get_many is not None and len(keys) > 1:
                return read_many(get_many(keys), keys)
            return {key: read(self._cache.get(key)) for key in keys}
        except Exception as error:
            raise revocation_unavailable() from error

    def _write(self, key: str, record: bytes, ttl_seconds: int) -> None:
        ttl = checked_whole(ttl_seconds, f"{self._names.owner}: ttl_seconds", least=1)
        try:
            self._cache.set(key, record, ttl_seconds=ttl)
        except Exception as error:
            raise revocation_unavailable() from error
        finally:
            self._absences.forget()  # also after a failure: the write may have been done
