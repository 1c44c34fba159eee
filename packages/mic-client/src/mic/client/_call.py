"""One call: how long it has, how its attempts ended, whether there is another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from mic.client._answers import error_of
from mic.client._bodies import MOST_BYTES
from mic.client._failures import Failure, failure_of
from mic.client._outgoing import BuildRequest, Outgoing
from mic.client._settings import Settings, positive
from mic.client._timeouts import PhaseTimeouts
from mic.http import current_deadline
from mic.model import DeadlineExceededError, DomainError

_REDIRECTABLE = frozenset({"GET", "HEAD"})

CALL_OPTIONS = (
    "subject",
    "scopes",
    "idempotency_key",
    "total_timeout_seconds",
    "raise_for_status",
    "follow_redirects",
)
"""What a call takes besides the arguments of `build_request`."""

_UNREAD: tuple[bytes | None, str] = (None, "")


class Call:
    """A call under way; used by one task or thread. No I/O.

    Args:
        settings: Of the client.
        method: In any case.
        url: As the caller gives it.
        kwargs: Those of `build_request`; taken over.
        began: When the caller called, on the clock of the client; `None`: now.
        subject: For whom.
        scopes: What the token allows.
        idempotency_key: Used where the caller's headers have none.
        total_timeout_seconds: Instead of the client's.
        raise_for_status: Whether an error status is raised.
        follow_redirects: Whether redirects of GET and HEAD are followed.

    Raises:
        DomainError: The request cannot be sent, or leads elsewhere.
        ValueError: A value is out of its range.

    Attributes:
        response: The answer of the last attempt.
        error: How the last attempt failed.
        failed: Whether the other service is to blame for that.
        keeps_errors: Whether an answer with an error status is what the caller wants.
        follows: Whether redirects are followed.
        timeouts: The time that each phase of the attempt has.
    """

    __slots__ = (
        "_attempts",
        "_began",
        "_body",
        "_deadline",
        "_is_total",
        "_limit",
        "_outgoing",
        "_retryable",
        "_settings",
        "error",
        "failed",
        "follows",
        "keeps_errors",
        "response",
        "timeouts",
    )

    def __init__(
        self,
        settings: Settings,
        method: str,
        url: str | httpx.URL,
        kwargs: dict[str, Any],
        *,
        began: float | None = None,
        subject: str | None = None,
        scopes: Sequence[str] = (),
        idempotency_key: str | None = None,
        total_timeout_seconds: float | None = None,
        raise_for_status: bool = True,
        follow_redirects: bool = False,
    ) -> None:
        method = method.upper()
        self._settings = settings
        self._limit: float | None = settings.timeout_seconds
        self.timeouts = PhaseTimeouts(settings.time_fn)
        if "timeout" in kwargs:
            self._take_timeout(kwargs.pop("timeout"))
        self._set_deadline(total_timeout_seconds, settings.time_fn() if began is None else began)
        self._outgoing = Outgoing(
            settings,
            method,
            url,
            kwargs,
            self.timeouts,
            subject=subject,
            scopes=scopes,
            idempotency_key=idempotency_key,
        )
        self.keeps_errors = not raise_for_status
        self.follows = follow_redirects and method in _REDIRECTABLE
        self._attempts = 0
        self._began = 0.0
        self._retryable: bool | None = None
        self._body = _UNREAD
        self.response: httpx.Response | None = None
        self.error: DomainError | None = None
        self.failed = False

    def next_request(self, build_request: BuildRequest) -> httpx.Request:
        """The request of the next attempt: with a token, and the time that is left.

        Raises:
            DomainError: There is no time left: the last error, else a `DeadlineExceededError`; or
                the request cannot be sent.
        """
        now = self._settings.time_fn()
        left = self._deadline - now
        if left <= 0:
            if self.error is not None:
                raise self.final_error()
            raise DeadlineExceededError(message="there was no time left to make the call")
        request = self._outgoing.request(build_request, left)
        limit = self._limit
        self.timeouts.until = self._deadline if limit is None or left < limit else now + limit
        self.timeouts.phase = None
        self._attempts += 1
        self._began = now
        self.response = self.error = self._retryable = None
        self._body = _UNREAD
        self.failed = False
        retrying = self._settings.retrying
        if retrying is not None and self._attempts == 1:
            retrying.budget.deposit()
        return request

    def check(self, url: httpx.URL) -> None:
        """Refuse the target of a redirect that leads elsewhere.

        Raises:
            DomainError: As for a URL that the caller gives.
        """
        self._settings.base.check(url)

    def read(self, body: bytes, coding: str = "") -> None:
        """The body of the answer has been read; that of an error is needed later."""
        if len(body) <= MOST_BYTES:
            self._body = (body, coding)

    def answered(self, response: httpx.Response) -> None:
        """The attempt has an answer."""
        self.response = response
        status = response.status_code
        self.observe("ok" if status < 400 else self._take_error(response), status)

    def broke(self, raised: Exception) -> None:
        """The attempt has no answer."""
        if isinstance(raised, httpx.HTTPStatusError) and raised.response.status_code >= 400:
            # a hook of the client looked at the status, and nobody read the body
            outcome = self._take_error(raised.response)
        else:
            failure = self._failure(raised)
            self.error, self.failed = failure.error, failure.is_upstream
            outcome = failure.outcome
        self.observe(outcome, None)

    def translated(self, raised: Exception) -> DomainError:
        """What the caller gets for what was raised while it was reading the answer."""
        return self._failure(raised).error

    def observe(self, outcome: str, status: int | None) -> None:
        """Tell the observer, where there is one, how the attempt ended."""
        settings = self._settings
        observer = settings.observer
        if observer is None:
            return
        try:
            observer.attempt(
                method=self._outgoing.method,
                origin=settings.base.origin,
                attempt=self._attempts,
                status=status,
                outcome=outcome,
                duration_seconds=settings.time_fn() - self._began,
            )
        except Exception as error:  # who watches must not take calls down
            settings.observer_failed(error)

    def delay(self) -> float | None:
        """The seconds until the next attempt, which is then paid for; `None`: there is none."""
        settings, error, response = self._settings, self.error, self.response
        retrying = settings.retrying
        if retrying is None or error is None or self._retryable is False:
            return None
        asked = None if response is None else error.retry_after_seconds
        wanted = self._retryable or (
            self.failed if response is None else response.status_code in retrying.policy.statuses
        )
        if not wanted or not self._outgoing.is_repeatable():
            return None
        left = self._deadline - settings.time_fn()
        return retrying.delay_after(self._attempts, left=left, retry_after=asked)

    def final_error(self) -> DomainError:
        """What the caller gets when there is no further attempt.

        Raises:
            RuntimeError: There was no attempt.
        """
        error = self.error
        if error is None:
            raise RuntimeError("the circuit breaker neither called nor raised")
        if self._attempts > 1:
            error.details["attempts"] = self._attempts
        return error

    def _take_timeout(self, given: Any) -> None:
        """What httpx calls `timeout`: a number replaces the limit of an attempt, and everything
        else that of its phases.
        """
        if isinstance(given, (int, float)):
            self._limit = positive(given, "timeout")
        else:
            self._limit = None
            self.timeouts.limits = httpx.Timeout(given).as_dict()

    def _set_deadline(self, seconds: float | None, began: float) -> None:
        settings = self._settings
        if seconds is not None:
            seconds = positive(seconds, "total_timeout_seconds")
        else:
            seconds = settings.total_timeout_seconds
        self._is_total = seconds is not None or settings.retrying is not None
        if seconds is None:
            seconds = (self._limit or settings.timeout_seconds) * settings.total_factor
        self._deadline = began + seconds
        bound = current_deadline()
        if bound is not None and bound < self._deadline:
            self._deadline, self._is_total = bound, True

    def _failure(self, raised: Exception) -> Failure:
        base = self._settings.base
        return failure_of(
            raised,
            method=self._outgoing.method,
            url=base.shown(self._outgoing.url),
            phase=self.timeouts.phase,
            total=self._is_total and self.timeouts.until >= self._deadline,
        )

    def _take_error(self, response: httpx.Response) -> str:
        """Take the error of an answer; how observers are told of it."""
        body, coding = self._body
        self.error, self._retryable = error_of(response, body, coding, self._settings.errors)
        self.failed = response.status_code >= 500
        return "server_error" if self.failed else "client_error"
