"""What a call sends: one request, which each attempt brings up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from mic.client._headers import CallerHeaders, is_sendable
from mic.client._settings import Settings
from mic.client._timeouts import PhaseTimeouts
from mic.client._urls import invalid_request

BuildRequest = Callable[..., httpx.Request]
"""`build_request` of an httpx client."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEYED = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_AUTHORIZATION = "authorization"
_KEY = "idempotency-key"


class Outgoing:
    """The request of a call.

    Guarantees: it is built once, below the base URL; each header is in it once. The token is
    made after everything else was found acceptable.

    Args:
        settings: Of the client.
        method: In upper case.
        url: As the caller gives it.
        kwargs: Those of `build_request` but `timeout`; taken over.
        timeouts: What the transport is told.
        subject: For whom.
        scopes: What the token allows.
        idempotency_key: Used where the caller's headers have none.

    Raises:
        DomainError: It cannot be sent, or leads elsewhere.
        ValueError: An extension is not allowed.
    """

    __slots__ = (
        "_given",
        "_headers",
        "_kwargs",
        "_replays",
        "_request",
        "_scopes",
        "_settings",
        "_subject",
        "_tells_patience",
        "method",
        "url",
    )

    def __init__(
        self,
        settings: Settings,
        method: str,
        url: str | httpx.URL,
        kwargs: dict[str, Any],
        timeouts: PhaseTimeouts,
        *,
        subject: str | None,
        scopes: Sequence[str],
        idempotency_key: str | None,
    ) -> None:
        self._settings = settings
        self.method = method
        self.url = settings.base.resolve(url)
        self._subject = subject
        self._scopes = scopes
        given = kwargs.pop("headers", None)
        self._given = None if given is None else CallerHeaders(given)
        header = settings.timeout_header
        self._tells_patience = header is not None and not self._has(header)
        kwargs["extensions"] = _extensions(kwargs.pop("extensions", None), timeouts)
        self._kwargs = kwargs
        self._headers = self._own_headers(idempotency_key)
        self._request: httpx.Request | None = None
        self._replays = False

    def request(self, build_request: BuildRequest, left: float) -> httpx.Request:
        """The request of the next attempt.

        Args:
            build_request: Of the httpx client.
            left: The seconds that the call has.

        Raises:
            DomainError: A part of it cannot be sent.
        """
        settings, headers = self._settings, self._headers
        token = settings.token(settings.audience, self._subject, self._scopes)
        headers[_AUTHORIZATION] = f"Bearer {token}"
        header = settings.timeout_header
        if header is not None and self._tells_patience:
            headers[header] = str(max(1, int(left * 1000)))
        request = self._request
        if request is None:
            request = self._request = self._built(build_request)
            # asked now: a transport may replace a stream by what it read from it
            self._replays = isinstance(request.stream, httpx.ByteStream)
            return request
        request.headers[_AUTHORIZATION] = headers[_AUTHORIZATION]
        if header is not None and self._tells_patience:
            request.headers[header] = headers[header]
        return request

    def is_repeatable(self) -> bool:
        """Whether it does no harm to send it again, and whether that can be done."""
        if not self._replays or self._request is None:
            return False
        return self.method in _SAFE or _KEY in self._request.headers

    def _has(self, name: str) -> bool:
        return self._given is not None and name in self._given

    def _own_headers(self, key: str | None) -> dict[str, str]:
        settings = self._settings
        propagation = settings.propagation
        headers = {} if propagation is None else propagation.headers()
        wanted = settings.key_factory is not None and self.method in _KEYED
        if key is None and wanted and not self._has(_KEY):
            key = settings.key_factory()  # type: ignore[misc] # asked above
        if key is not None:
            if not key or not is_sendable(_KEY, key):
                raise invalid_request("an idempotency key that cannot be sent")
            headers[_KEY] = key
        return headers

    def _built(self, build_request: BuildRequest) -> httpx.Request:
        headers: Any = self._headers
        if self._given is not None:
            headers = self._given.with_ours(headers)
        try:
            return build_request(self.method, self.url, headers=headers, **self._kwargs)
        except (httpx.InvalidURL, UnicodeError):
            pass  # their texts quote what was given
        raise invalid_request("a malformed part")


def _extensions(given: Mapping[str, Any] | None, timeouts: PhaseTimeouts) -> dict[str, Any]:
    if given is None:
        return {"timeout": timeouts}
    if "target" in given:
        raise ValueError("extensions must not hold target, which would replace the path")
    return {**given, "timeout": timeouts}
