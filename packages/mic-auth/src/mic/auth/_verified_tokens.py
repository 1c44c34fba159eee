"""Tokens that have been verified, and for how long that holds."""

from __future__ import annotations

import threading
from typing import NamedTuple

from mic.auth._claim_rules import Checked
from mic.auth._policy import AnyKeySource, Policy
from mic.auth.claims import ServiceAuthClaims


class _Entry(NamedTuple):
    claims: ServiceAuthClaims
    first: int
    until: int
    policy: Policy
    source: AnyKeySource | None
    version: int


class VerifiedTokens:
    """Remembers successes by the digest of the token.

    Guarantees: an entry is an answer only while the policy is the very one that verified it, the
    keys of the issuer have not changed, and the clock is where the claims hold. At most `size`
    entries, the oldest go first; thread-safe, and reading takes no lock.

    Args:
        size: The most entries; 0 remembers nothing.
    """

    __slots__ = ("_entries", "_lock", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: dict[bytes, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, digest: bytes, policy: Policy, now: float) -> ServiceAuthClaims | None:
        """Give the claims of a token, if an entry of it still is an answer."""
        entry = self._entries.get(digest)
        if entry is None:
            return None
        claims, first, until, verified_under, source, version = entry
        if (
            verified_under is policy
            and first <= now < until
            and (source is None or source.version == version)
        ):
            return claims
        return None

    def keep(
        self,
        digest: bytes,
        checked: Checked,
        *,
        policy: Policy,
        source: AnyKeySource | None,
        version: int,
    ) -> None:
        """Remember a success.

        Args:
            digest: Of the token.
            checked: What the claims are, and when they hold.
            policy: What the token was verified under.
            source: Where the keys came from, if not from the policy.
            version: Of that source, read before the keys were.
        """
        if not self._size:
            return
        entry = _Entry(checked.claims, checked.first, checked.until, policy, source, version)
        with self._lock:
            entries = self._entries
            entries.pop(digest, None)  # so that what is verified anew is the youngest
            if len(entries) >= self._size:
                del entries[next(iter(entries))]
            entries[digest] = entry

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
