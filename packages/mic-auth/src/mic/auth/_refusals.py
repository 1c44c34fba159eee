"""Why a token is refused, and the log of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from mic.auth.errors import ServiceAuthError, refusal

LINES_A_SECOND = 10
"""The most lines about single refusals that one verifier writes in a second."""

_log = logging.getLogger("mic.auth.service_auth")


class RefusalError(Exception):
    """A step of the verification that failed; never leaves the verifier.

    Attributes:
        reason: The last part of the code.
        issuer: Who the token says made it, once that is somebody who is allowed.
    """

    def __init__(self, reason: str, issuer: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.issuer = issuer


class RefusalLog:
    """Writes refusals, at most `LINES_A_SECOND` and one summary in a second.

    Guarantees: nothing of a token is written but the issuer, and that only when it is an allowed
    one, so that nobody can write into the log what he likes.

    Args:
        time_fn: Seconds; a clock that is set back begins a new second.
    """

    __slots__ = ("_lock", "_second", "_time_fn", "_unwritten", "_written")

    def __init__(self, time_fn: Callable[[], float]) -> None:
        self._time_fn = time_fn
        self._lock = threading.Lock()
        self._second: float | None = None
        self._written = 0
        self._unwritten = 0

    def note(self, reason: str, issuer: str | None) -> ServiceAuthError:
        """Write a line about a refusal, or count it, and give the error of it."""
        now = self._time_fn()
        with self._lock:
            missed = 0
            if self._second is None or not 0 <= now - self._second < 1:
                missed, self._unwritten = self._unwritten, 0
                self._second, self._written = now, 0
            writes = self._written < LINES_A_SECOND
            self._written += writes
            self._unwritten += not writes
        if missed:
            _log.warning("%d more tokens were refused before", missed)
        if writes:
            _log.warning("a token was refused: service_auth.%s, issuer %s", reason, issuer or "-")
        return refusal(reason)
