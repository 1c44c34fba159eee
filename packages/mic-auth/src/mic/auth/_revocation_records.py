"""What revocations are in a store, and which answers about them may be kept: no I/O."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mic.auth._texts import checked_name, checked_whole
from mic.auth.claims import ServiceAuthClaims
from mic.auth.errors import revocation_unavailable

REVOKED = b"1"
"""The record of a revoked token."""

_EPOCH = re.compile(rb"[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Names:
    """The keys of the records.

    Attributes:
        owner: The class, for messages.
        token: What the key of a token begins with.
        subject: What the key of a subject begins with.
    """

    owner: str
    token: str
    subject: str

    def of_token(self, jti: str) -> str:
        """The key of a token. Raises `ValueError` or `TypeError` for what no token has."""
        return self.token + checked_name(jti, f"{self.owner}: jti")

    def of_subject(self, subject: str) -> str:
        """The key of a subject. Raises `ValueError` or `TypeError` for what no token has."""
        return self.subject + checked_name(subject, f"{self.owner}: subject")

    def of_claims(self, claims: ServiceAuthClaims) -> tuple[str | None, str | None]:
        """The keys that can revoke a token: its own and its subject's."""
        return (
            None if claims.jti is None else self.token + claims.jti,
            None if claims.sub is None else self.subject + claims.sub,
        )


def epoch_record(now: float) -> bytes:
    """The record of a subject: all of its tokens up to this second are revoked."""
    return b"%d" % math.floor(now)


def remaining(claims: ServiceAuthClaims, now: float, leeway: int, owner: str) -> int:
    """How long a token can still be presented, in whole seconds; 0 or less: no more."""
    checked_whole(leeway, f"{owner}.revoke: leeway_seconds", least=0)
    return math.ceil(claims.exp - now + leeway)


def read(record: object) -> bytes | None:
    """Give a record as bytes.

    Raises:
        TransientError: It is something else.
    """
    if record is None or isinstance(record, bytes):
        return record
    if isinstance(record, str):
        return record.encode("ascii", "replace")
    raise revocation_unavailable()


def read_many(records: object, keys: Sequence[str]) -> dict[str, bytes | None]:
    """Give what `get_many` found for keys.

    Raises:
        TransientError: It is no mapping, or holds something else than records.
    """
    if not isinstance(records, Mapping):
        raise revocation_unavailable()
    return {key: read(records.get(key)) for key in keys}


def is_since(record: bytes | None, issued_at: int) -> bool:
    """Whether the record of a subject revokes a token made at `issued_at`, that second included.

    Raises:
        TransientError: The record is undecodable.
    """
    if record is None:
        return False
    if _EPOCH.fullmatch(record) is None:
        raise revocation_unavailable()
    return issued_at <= int(record)


class Absences:
    """Answers "not revoked" that may be given again for a while.

    Guarantees: bounded, the oldest go first; thread-safe. Nothing is kept that was asked before a
    revocation through the same object and answered after it.

    Args:
        seconds: How long an answer may be given; 0 keeps none.
        size: The most answers.
        time_fn: Unix seconds; an answer from the future is none.
    """

    __slots__ = ("_answers", "_lock", "_seconds", "_size", "_time_fn", "_writes")

    def __init__(self, seconds: float, size: int, time_fn: Callable[[], float]) -> None:
        self._seconds = seconds
        self._size = size
        self._time_fn = time_fn
        self._lock = threading.Lock()
        self._answers: dict[Any, float] = {}
        self._writes = 0

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def writes(self) -> int:
        """How many revocations there were; to be read before a store is asked."""
        return self._writes

    def has(self, question: object) -> bool:
        """Whether the answer to a question was "no" not long ago."""
        asked = self._answers.get(question)
        return asked is not None and 0 <= self._time_fn() - asked < self._seconds

    def keep(self, question: object, asked: float, writes: int) -> None:
        """Keep a "no".

        Args:
            question: What was asked; hashable.
            asked: When, before the store was.
            writes: `writes` at that time.
        """
        if self._seconds <= 0 or not self._size:
            return
        with self._lock:
            if writes != self._writes:
                return
            self._answers.pop(question, None)
            if len(self._answers) >= self._size:
                del self._answers[next(iter(self._answers))]
            self._answers[question] = asked

    def forget(self) -> None:
        """Drop all, because something was revoked."""
        with self._lock:
            self._writes += 1
            self._answers.clear()
