"""Key sets of other services: what is accepted of them, and how long they are believed. No I/O."""

from __future__ import annotations

import itertools
import json
import math
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mic.auth._texts import checked_whole, is_kid
from mic.auth.keys import Algorithm, ServiceKey

_ALGORITHMS = ("EdDSA", "ES256")
_KINDS = frozenset({("OKP", "Ed25519"), ("EC", "P-256")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a source was told about times and sizes; checked when it is made.

    Attributes:
        owner: The class, for messages.
        algorithms: The algorithms that are accepted.
        refresh_seconds: From which age on a set is fetched anew.
        stale_seconds: How much longer a set is believed when that fails.
        cooldown_seconds: The least time between two fetches that are not a must.
        timeout_seconds: Of one fetch.
        max_keys: The most keys of a set.
        max_bytes: The most bytes of a set.
    """

    owner: str
    algorithms: Sequence[Algorithm]
    refresh_seconds: float
    stale_seconds: float
    cooldown_seconds: float
    timeout_seconds: float
    max_keys: int
    max_bytes: int

    def __post_init__(self) -> None:
        if isinstance(self.algorithms, str) or not self.algorithms:
            msg = f"{self.owner}: algorithms must be a collection with at least one"
            raise ValueError(msg)
        if not set(self.algorithms) <= set(_ALGORITHMS):
            msg = f"{self.owner}: algorithms must be of {', '.join(_ALGORITHMS)}"
            raise ValueError(msg)
        for name in ("refresh_seconds", "timeout_seconds"):
            if not 0 < getattr(self, name) < math.inf:
                msg = f"{self.owner}: {name} must be finite and above 0"
                raise ValueError(msg)
        for name in ("stale_seconds", "cooldown_seconds"):
            if not 0 <= getattr(self, name) < math.inf:
                msg = f"{self.owner}: {name} must be finite and not negative"
                raise ValueError(msg)
        checked_whole(self.max_keys, f"{self.owner}: max_keys", least=1)
        checked_whole(self.max_bytes, f"{self.owner}: max_bytes", least=1)


def read_document(
    body: bytes, *, algorithms: Collection[str], max_keys: int
) -> Mapping[str, ServiceKey]:
    """Read a JSON Web Key Set (RFC 7517, section 5).

    Guarantees: a key that is shared, of another kind, for something else than
    signatures or malformed is skipped; only public parts are taken over.

    Raises:
        ValueError: The whole document is refused: it is no key set, has too many keys, or one name
            twice.
    """
    document: Any = json.loads(body)
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise ValueError("no key set")
    if len(members) > max_keys:
        raise ValueError("too many keys")
    found: dict[str, ServiceKey] = {}
    for member in members:
        key = _key_of(member, algorithms)
        if key is None:
            continue
        if key.kid in found:
            raise ValueError("one kid twice")
        found[key.kid] = key
    return found


def _key_of(member: object, algorithms: Collection[str]) -> ServiceKey | None:
    if not isinstance(member, dict):
        return None
    kind = (member.get("kty"), member.get("crv"))
    if not all(isinstance(part, str) for part in kind) or kind not in _KINDS:
        return None
    if "kid" in member and not is_kid(member["kid"]):
        return None
    try:
        key = ServiceKey.from_jwk(member).public()
    except ValueError:
        return None
    return key if key.algorithm in algorithms else None


class KeySet:
    """The keys of the last good document, and what their age means.

    Guarantees: thread-safe; a reader sees one document as a whole.

    Args:
        limits: Ages.
        time_fn: Monotonic seconds.
    """

    __slots__ = (
        "_began",
        "_fetched",
        "_keys",
        "_limits",
        "_lock",
        "_reported",
        "_time_fn",
        "_unique",
        "_version",
    )

    def __init__(self, limits: Limits, time_fn: Callable[[], float]) -> None:
        self._limits = limits
        self._time_fn = time_fn
        self._lock = threading.Lock()
        self._keys: Mapping[str, ServiceKey] = {}
        self._fetched: float | None = None
        self._began: float | None = None
        self._reported: float | None = None
        self._version = 0
        self._unique = itertools.count(1)

    @property
    def version(self) -> int:
        """Changes with the keys.

        While the set is to be asked for anew every reading is another number, so that nobody who
        remembers a verification goes by the source that would fetch, or refuse.
        """
        if self.is_usable() and not self.is_due():
            return self._version
        return -next(self._unique)

    def is_usable(self) -> bool:
        """Whether the keys may be believed at all."""
        limits = self._limits
        return self._age() <= limits.refresh_seconds + limits.stale_seconds

    def is_unusable(self) -> bool:
        """Whether nothing can be told without a fetch."""
        return not self.is_usable()

    def is_due(self) -> bool:
        """Whether the keys are old enough for a fetch, and none began just now."""
        return self._age() >= self._limits.refresh_seconds and self.may_ask()

    def may_ask(self) -> bool:
        """Whether no fetch began within the cooldown."""
        began = self._began
        return began is None or self._time_fn() - began >= self._limits.cooldown_seconds

    def find(self, kid: str) -> ServiceKey | None:
        """Give the key of that name."""
        return self._keys.get(kid)

    def begin(self) -> float:
        """Note that a fetch begins; give the time of it."""
        self._began = began = self._time_fn()
        return began

    def may_report(self) -> bool:
        """Whether a failure is worth a line: one in a cooldown is, however often one tries."""
        now = self._time_fn()
        reported = self._reported
        if reported is not None and now - reported < self._limits.cooldown_seconds:
            return False
        self._reported = now
        return True

    def store(self, keys: Mapping[str, ServiceKey], began: float) -> None:
        """Take over the keys of a document that was asked for at `began`."""
        with self._lock:
            if _members(keys) != _members(self._keys):
                # The keys before the version: a verifier reads the version first, so it can never
                # remember old keys under the new version.
                self._keys = keys
                self._version += 1
            self._fetched = began

    def _age(self) -> float:
        fetched = self._fetched
        return math.inf if fetched is None else self._time_fn() - fetched


def _members(keys: Mapping[str, ServiceKey]) -> dict[str, dict[str, str]]:
    return {kid: key.to_jwk() for kid, key in keys.items()}
