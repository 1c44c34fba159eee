"""What a client was made with: checked once, read by every call."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mic.client._headers import is_sendable
from mic.client._propagation import Propagation, installed_propagators
from mic.client._urls import BaseUrl
from mic.client.protocols import ClientObserver, Propagator
from mic.client.retry import HttpRetryPolicy, Retrying, TokenBudget
from mic.model import ErrorFactory, ErrorRegistry, error_factories

_log = logging.getLogger("mic.client")


class Settings:
    """The checked options of a client, and what is made of them at the first call.

    Raises:
        ValueError: A value is out of its range.
        TypeError: A value is of the wrong type.
    """

    __slots__ = (
        "_observer_failed",
        "audience",
        "base",
        "errors",
        "key_factory",
        "observer",
        "owner",
        "propagation",
        "retrying",
        "time_fn",
        "timeout_header",
        "timeout_seconds",
        "token",
        "total_factor",
        "total_timeout_seconds",
    )

    def __init__(
        self,
        owner: str,
        *,
        base_url: str,
        audience: str,
        signer: Any,
        timeout_seconds: float,
        idempotency_key_factory: Callable[[], str] | None,
        total_timeout_seconds: float | None,
        retry: HttpRetryPolicy | None,
        errors: ErrorRegistry,
        propagate: Propagator | None,
        timeout_header: str | None,
        max_connections: int,
        observer: ClientObserver | None,
        time_fn: Callable[[], float],
        random_fn: Callable[[], float],
    ) -> None:
        self.owner = owner
        self.base = BaseUrl(base_url, f"{owner}: base_url")
        if not isinstance(audience, str) or not audience.strip():
            raise ValueError(f"{owner}: audience must be a text that is not empty")
        self.audience = audience
        self.token = _token_function(signer, owner)
        self.timeout_seconds = positive(timeout_seconds, f"{owner}: timeout_seconds")
        self.total_timeout_seconds = total_timeout_seconds
        if total_timeout_seconds is not None:
            positive(total_timeout_seconds, f"{owner}: total_timeout_seconds")
        self.total_factor = 1 if retry is None else 3
        if max_connections < 1:
            raise ValueError(f"{owner}: max_connections must be at least 1")
        self.key_factory = idempotency_key_factory
        self.retrying = None
        if retry is not None:
            self.retrying = Retrying(retry, retry.budget or TokenBudget(), random_fn)
        self.errors: Mapping[str, ErrorFactory] = error_factories(errors)
        if timeout_header is not None and not is_sendable(timeout_header, ""):
            raise ValueError(f"{owner}: timeout_header must be a header name")
        self.timeout_header = None if timeout_header is None else timeout_header.lower()
        self.observer = observer
        self.time_fn = time_fn
        self.propagation = None if propagate is None else Propagation((propagate,))
        self._observer_failed = False

    def find_propagation(self) -> None:
        """Look up what propagates, unless it was given; reads files."""
        if self.propagation is None:
            self.propagation = Propagation(installed_propagators())

    def observer_failed(self, error: Exception) -> None:
        """Log that the observer failed, the first time."""
        if not self._observer_failed:
            self._observer_failed = True
            _log.warning("the observer of a client failed: %s", type(error).__name__)


def positive(seconds: float, name: str) -> float:
    """A time in seconds, above 0 and finite.

    Raises:
        ValueError: It is not.
    """
    if not 0 < seconds < math.inf:
        raise ValueError(f"{name} must be above 0 and finite")
    return seconds


def _token_function(signer: Any, owner: str) -> Callable[[str, str | None, Sequence[str]], str]:
    token, sign = getattr(signer, "token", None), getattr(signer, "sign", None)
    if callable(token):
        return lambda audience, subject, scopes: token(
            audience=audience, subject=subject, scopes=scopes
        )
    if not callable(sign):
        raise TypeError(f"{owner}: signer must have a method sign")

    def signed(audience: str, subject: str | None, scopes: Sequence[str]) -> str:
        if scopes:
            made: str = sign(audience=audience, subject=subject, scopes=scopes)
        else:
            made = sign(audience=audience, subject=subject)
        return made

    return signed
