# Generated from _async/client.py by "make unasync"; edit that file.
"""`ServiceHttpClient`, which people edit; `ServiceHttpClient` is generated."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from mic.client._answers import is_about, read_model
from mic.client._call import CALL_OPTIONS, Call
from mic.client._settings import Settings
from mic.client._sync.attempt import guarded, send
from mic.client._sync.exchange import Exchange, exchange, open_exchange
from mic.client._sync.native import Native
from mic.client.protocols import Breaker, ClientObserver, Propagator, TokenSigner
from mic.client.retry import HttpRetryPolicy
from mic.model import ErrorRegistry

__all__ = ["ServiceHttpClient"]

T = TypeVar("T")


class ServiceHttpClient:
    """Calls another service over HTTP as this service.

    Guarantees:
        - The token, the idempotency key and the headers of the request that is being served go to
          the scheme, host and port of `base_url` and below its path only, redirects included.
        - A call ends by its deadline: the sooner of `total_timeout_seconds` and
          `mic.http.current_deadline()`.
        - More than one attempt is made only with `retry`, and only for GET, HEAD, OPTIONS, or with
          an idempotency key, which is the same in all of them.
        - What comes out is an error of `mic.model`; `TypeError` and `ValueError` for misuse; and
          what the signer and the breaker raise. No text of the other service is in it but the
          message and details of an error document of the family.
        - Every connection goes back to its pool, also when a call is cancelled at any step.
        - A client that is given is used, and neither closed nor changed. Our own keeps no cookies.

    Args:
        base_url: Absolute, http or https, without user info, query and fragment.
        audience: The service that is called: whom tokens are made for.
        signer: Makes the tokens.
        timeout_seconds: How long an attempt may take; finite, above 0.
        client: An httpx client to use; its `base_url` and `auth` are ignored.
        circuit_breaker: Asked before every attempt.
        idempotency_key_factory: Makes a key for each call of POST, PUT, PATCH and DELETE that has
            none.
        total_timeout_seconds: How long a call may take; `None`: as one attempt, and with `retry`
            three times as long.
        retry: When a call is repeated; `None`: never.
        errors: The error classes that may come back, each under its `default_code`; or factories
            by code, or by a prefix of codes that ends in `.`.
        propagate: Writes further headers; `None`: the entry points `propagate*` of the group
            `mic.client`, which are looked up at the first call.
        timeout_header: Tells the other service how many milliseconds are left; `None`: nothing.
        max_connections: Of our own client, which makes further calls wait in the order in which
            they come; a client that is given has its own bound. Connections are kept for the next
            call.
        observer: Told of every attempt.
        time_fn: Monotonic seconds: the clock of `mic.http.current_deadline()`.
        sleep_fn: Waits before a retry.
        random_fn: From 0 to 1; spreads retries.

    Raises:
        ValueError: A value is out of its range, `base_url` is not acceptable, or `errors` holds a
            class without a `default_code` of its own.
        TypeError: A value is of the wrong type.
    """

    __slots__ = ("_breaker", "_native", "_settings", "_sleep")

    def __init__(
        self,
        *,
        base_url: str,
        audience: str,
        signer: TokenSigner,
        timeout_seconds: float = 10.0,
        client: httpx.Client | None = None,
        circuit_breaker: Breaker | None = None,
        idempotency_key_factory: Callable[[], str] | None = None,
        total_timeout_seconds: float | None = None,
        retry: HttpRetryPolicy | None = None,
        errors: ErrorRegistry = (),
        propagate: Propagator | None = None,
        timeout_header: str | None = "X-Request-Timeout-Ms",
        max_connections: int = 100,
        observer: ClientObserver | None = None,
        time_fn: Callable[[], float] = time.monotonic,
        sleep_fn: Callable[[float], None] = time.sleep,
        random_fn: Callable[[], float] = random.random,
    ) -> None:
        owner = type(self).__name__
        self._settings = Settings(
            owner,
            base_url=base_url,
            audience=audience,
            signer=signer,
            timeout_seconds=timeout_seconds,
            idempotency_key_factory=idempotency_key_factory,
            total_timeout_seconds=total_timeout_seconds,
            retry=retry,
            errors=errors,
            propagate=propagate,
            timeout_header=timeout_header,
            max_connections=max_connections,
            observer=observer,
            time_fn=time_fn,
            random_fn=random_fn,
        )
        if circuit_breaker is not None and not hasattr(circuit_breaker, "call"):
            raise TypeError(f"{owner}: circuit_breaker must have a method call")
        self._breaker = circuit_breaker
        self._sleep = sleep_fn
        self._native = Native(
            owner,
            client,
            max_connections=max_connections,
            timeout_seconds=timeout_seconds,
            find=self._settings.find_propagation,
            is_found=propagate is not None,
        )

    @property
    def native(self) -> httpx.Client:
        """The httpx client that was given, or our own: opened here if no call has opened it yet.

        Raises:
            RuntimeError: Closed before it was ever opened.
        """
        return self._native.open()

    def request(
        self,
        method: str,
        url: str | httpx.URL,
        *,
        subject: str | None = None,
        scopes: Sequence[str] = (),
        idempotency_key: str | None = None,
        total_timeout_seconds: float | None = None,
        raise_for_status: bool = True,
        follow_redirects: bool = False,
        **kwargs: Any,
    ) -> httpx.Response:
        """Call the other service and read its answer.

        Args:
            method: The HTTP method.
            url: Below the base URL; a relative one is appended to its path.
            subject: For whom this service calls.
            scopes: What the token is to allow.
            idempotency_key: Tells the other service that attempts are the same call; the caller's
                own header wins.
            total_timeout_seconds: How long the call may take, instead of the client's.
            raise_for_status: `False`: an answer with an error status is returned, not raised.
            follow_redirects: Follow up to five redirects of a GET or HEAD below the base URL.
            **kwargs: Those of `httpx.Client.build_request`: `params`, `json`, `headers`, ...
                A number as `timeout` replaces `timeout_seconds`; an `httpx.Timeout` bounds the
                phases, and `None` leaves only the bound of the call.

        Returns:
            The answer, read and closed.

        Raises:
            DomainError: The error of the other service; `client.foreign_origin` and
                `client.invalid_request`: nothing was sent.
            TransientError: `transient.upstream_timeout`, `transient.upstream_network`,
                `transient.client_saturated`.
            DeadlineExceededError: There was no time left.
            UpstreamResponseError: The answer cannot be read.
            RuntimeError: The client has been closed.
            TypeError: `auth`, or something that `build_request` does not take.
            ValueError: A time is out of its range.
        """
        client, began = self._native.ready, None
        if client is None:
            # the first call waits for the client to be opened, and that is part of its time
            began = self._settings.time_fn()
            client = self._native.prepared()
        call = Call(
            self._settings,
            method,
            url,
            kwargs,
            began=began,
            subject=subject,
            scopes=scopes,
            idempotency_key=idempotency_key,
            total_timeout_seconds=total_timeout_seconds,
            raise_for_status=raise_for_status,
            follow_redirects=follow_redirects,
        )
        while True:
            self._attempt(client, call, exchange)
            response = call.response
            if response is not None and call.error is None:
                return response
            delay = call.delay()
            if delay is None:
                if response is not None and not raise_for_status:
                    return response
                raise call.final_error()
            self._sleep(delay)

    def get(self, url: str | httpx.URL, **kwargs: Any) -> httpx.Response:
        """`request` with GET."""
        return self.request("GET", url, **kwargs)

    def head(self, url: str | httpx.URL, **kwargs: Any) -> httpx.Response:
        """`request` with HEAD."""
        return self.request("HEAD", url, **kwargs)

    def post(self, url: str | httpx.URL, **kwargs: Any) -> httpx.Response:
        """`request` with POST."""
        return self.request("POST", url, **kwargs)

    def put(self, url: str | httpx.URL, **kwargs: Any) -> httpx.Response:
        """`request` with PUT."""
        return self.request("PUT", url, **kwargs)

    def patch(self, url: str | httpx.URL, **kwargs: Any) -> httpx.Response:
        """`request` with PATCH."""
        return self.request("PATCH", url, **kwargs)

    def delete(self, url: str | httpx.URL, **kwargs: Any) -> httpx.Response:
        """`request` with DELETE."""
        return self.request("DELETE", url, **kwargs)

    def request_as(self, model: type[T], method: str, url: str | httpx.URL, **kwargs: Any) -> T:
        """`request`, and read the answer as JSON of a type that pydantic knows.

        Args:
            model: Of the whole answer, or of `data` where the answer is a success envelope.
            method: As `request`.
            url: As `request`.
            **kwargs: As `request`, but `raise_for_status`.

        Raises:
            UpstreamResponseError: The answer is no JSON, or not the model.
        """
        if "raise_for_status" in kwargs:
            raise TypeError("request_as always raises the error of an error status")
        found: T = read_model(model, self.request(method, url, **kwargs))
        return found

    @contextmanager
    def stream(self, method: str, url: str | httpx.URL, **kwargs: Any) -> Iterator[httpx.Response]:
        """Call the other service, and read its answer piece by piece within the block.

        Guarantees: one attempt. Reading ends by the deadline of the call, too; leaving the block
        gives the connection back.

        Args:
            method: As `request`.
            url: As `request`.
            **kwargs: As `request`.

        Raises:
            DomainError: As `request`; also while the answer is being read.
        """
        began = self._settings.time_fn()
        client = self._native.prepared()
        named = {name: kwargs.pop(name) for name in CALL_OPTIONS if name in kwargs}
        call = Call(self._settings, method, url, kwargs, began=began, **named)
        self._attempt(client, call, open_exchange)
        response = call.response
        if response is None or not (call.error is None or call.keeps_errors):
            raise call.final_error()
        try:
            yield response
        except httpx.DecodingError as error:
            if not is_about(error, response):
                raise
            failure = call.translated(error)
        else:
            return
        finally:
            response.close()
        raise failure

    def close(self) -> None:
        """End; our own client is closed, one that was given is not. Twice is as good as once."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{self._settings.owner}(origin={self._settings.base.origin!r})"

    def _attempt(self, client: httpx.Client, call: Call, do: Exchange) -> None:
        """Make one attempt; how it ended is in `call`."""
        request = call.next_request(client.build_request)
        slots, breaker = self._native.slots, self._breaker
        if breaker is None:
            return send(client, slots, request, call, do)
        return guarded(breaker, client, slots, request, call, do)
