"""One request on its way through the stack, and the one wrapper of `send` for all its parts."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from contextvars import Token
from dataclasses import dataclass, field
from time import perf_counter
from types import MappingProxyType
from typing import cast

from mic.http._types import Message, RawHeaders, Scope, Send
from mic.http._wire import pick_headers
from mic.http.client_address import ForwardHeader, TrustedProxies, resolve_client_address
from mic.http.context import RequestState, _correlation, _trace
from mic.http.correlation import CorrelationStart
from mic.http.middleware._correlating import Correlating, tell, trace_in
from mic.http.middleware._refusals import LOGGER
from mic.http.middleware.recorder import HttpRequestSample, MetricsRecorder
from mic.http.route_spec import HTTP_METHODS
from mic.http.table import RouteTable, look_up

_METHODS: frozenset[str] = frozenset(HTTP_METHODS)
_LENGTH = b"content-length"
_LONGEST_LENGTH = 19
_NOTHING: Mapping[bytes, bytes] = MappingProxyType({})
CLIENT_CLOSED_REQUEST = 499
"""What is recorded when the client left before it was answered; it is never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Which parts of the stack are switched on.

    Attributes:
        added: The names of the headers that they add to an answer.
        wanted: The request headers that they look for, so that one pass finds them all.
        counts_in_flight: Whether the recorder wants to know how many requests are under way.
        samples: Whether the recorder wants all that is measured, rather than the four basic values.
    """

    correlation: Correlating | None = None
    security: tuple[tuple[bytes, bytes], ...] = ()
    metrics: MetricsRecorder | None = None
    routes: RouteTable | None = None
    trusted_proxies: TrustedProxies | None = None
    forward_header: ForwardHeader = "x-forwarded-for"
    added: frozenset[bytes] = field(init=False, compare=False)
    wanted: frozenset[bytes] = field(init=False, compare=False)
    counts_in_flight: bool = field(init=False, compare=False)
    samples: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        added = frozenset(name for name, _ in self.security)
        wanted: frozenset[bytes] = frozenset()
        if self.correlation is not None:
            added |= self.correlation.response_headers
            wanted |= self.correlation.request_headers
        samples = _overrides(self.metrics, "record_request")
        if samples:
            wanted |= {_LENGTH}
        object.__setattr__(self, "added", added)
        object.__setattr__(self, "wanted", wanted)
        object.__setattr__(self, "counts_in_flight", _overrides(self.metrics, "in_flight"))
        object.__setattr__(self, "samples", samples)


def _overrides(recorder: MetricsRecorder | None, name: str) -> bool:
    """Whether a recorder does something of its own in a method that it may leave as it is."""
    if recorder is None:
        return False
    method = getattr(recorder, name)
    return getattr(method, "__func__", method) is not getattr(MetricsRecorder, name)


class Passage:
    """One request that nobody measures or adds to. First `begin`; then `send` is the app's; at last
    `end`, whatever happened.

    Attributes:
        status: The status that was sent; `None` while nothing was.
    """

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    def begin(self) -> None:
        """Prepare: nothing."""

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message of the app on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        return self._send(message)

    def end(self, escaped: BaseException | None) -> None:
        """Conclude: nothing."""


class Exchange(Passage):
    """One request with all the parts that are on."""

    __slots__ = (
        "_correlated",
        "_counted",
        "_first_byte_at",
        "_found",
        "_headers",
        "_parts",
        "_response_bytes",
        "_scope",
        "_start",
        "_started_at",
        "_state",
        "_traced",
    )

    def __init__(self, parts: Parts, scope: Scope, state: RequestState, send: Send) -> None:
        self._send = send
        self.status = None
        self._parts = parts
        self._scope = scope
        self._state = state
        self._started_at = perf_counter()
        self._first_byte_at: float | None = None
        self._found: Mapping[bytes, bytes] = _NOTHING
        self._headers: RawHeaders | tuple[()] = ()
        self._response_bytes = 0
        self._counted = False
        self._start: CorrelationStart | None = None
        self._correlated: Token[CorrelationStart | None] | None = None
        self._traced: Token[tuple[str, str | None] | None] | None = None

    def begin(self) -> None:
        """Read the wanted headers, once; give the request ids, client address and route."""
        parts = self._parts
        if parts.wanted:
            self._found = pick_headers(self._scope["headers"], parts.wanted)
        if parts.counts_in_flight:
            self._counted = self._count(+1)
        if parts.correlation is not None:
            self._start = start = parts.correlation.begin(
                self._scope, self._state, self._found, now=self._started_at
            )
            # the context variables that logs, clients and workers read
            self._correlated = _correlation.set(start)
            trace = trace_in(self._found) if self._found else None
            # a request that is served inside of another one must not pass that one's trace on
            if trace is not None or _trace.get() is not None:
                self._traced = _trace.set(trace)
        if parts.trusted_proxies is not None:
            self._resolve_client(parts.trusted_proxies)
        if parts.routes is not None:
            match = look_up(parts.routes, self._scope, self._state)
            if match is not None and match.route is not None:
                self._state.route = spec = match.route.spec
                self._state.path_params = match.path_params
                self._state.label = spec.path

    def _resolve_client(self, trusted: TrustedProxies) -> None:
        client = self._scope.get("client")
        self._state.client_host = resolve_client_address(
            peer=client[0] if client else None,
            headers=self._scope["headers"],
            trusted_proxies=trusted,
            header=self._parts.forward_header,
        )

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message of the app on; the start of the answer gets the headers of all parts."""
        kind = message["type"]
        if kind == "http.response.body":
            self._response_bytes += len(message.get("body", b""))
        elif kind == "http.response.start":
            self.status = message["status"]
            self._first_byte_at = perf_counter()
            self._headers = message.get("headers", ())
            if self._parts.added:
                message = self._decorated(message, self._first_byte_at)
        elif kind == "http.response.pathsend":
            self._response_bytes += _length_in(self._headers) or 0
        return self._send(message)

    def _decorated(self, message: Message, now: float) -> Message:
        # a message and a list of our own, because an app may send the same ones twice
        headers = list(self._headers)
        present = {name.lower() for name, _ in headers}
        ours = self._parts.security
        correlation = self._parts.correlation
        if correlation is not None and self._start is not None:
            ours = (*correlation.finish(self._scope, self._start, now=now), *ours)
        if present.isdisjoint(self._parts.added):
            headers += ours
        else:
            headers += [pair for pair in ours if pair[0] not in present]
        return {**message, "headers": headers}

    def end(self, escaped: BaseException | None) -> None:
        """Undo and record. `escaped` is the exception that is on its way out."""
        if self._traced is not None:
            _trace.reset(self._traced)
        if self._correlated is not None:
            _correlation.reset(self._correlated)
        if self._parts.metrics is not None:
            self._record(self._parts.metrics, escaped)
        if self._counted:
            self._count(-1)

    def _record(self, metrics: MetricsRecorder, escaped: BaseException | None) -> None:
        status = self.status
        if status is None:
            # a cancelled request, and one that ends without an answer, have lost their client
            status = 500 if isinstance(escaped, Exception) else CLIENT_CLOSED_REQUEST
        duration = perf_counter() - self._started_at
        if self._parts.samples:
            tell("record_request", metrics.record_request, self._sample(status, duration))
            return
        try:
            metrics.record(
                method=self._method(),
                route=self._state.label or "unknown",
                status=status,
                duration_seconds=duration,
            )
        except Exception:
            LOGGER.exception("the hook %s failed", "record")

    def _sample(self, status: int, duration: float) -> HttpRequestSample:
        first_byte_at = self._first_byte_at
        return HttpRequestSample(
            self._method(),
            self._state.label or "unknown",
            status,
            duration,
            _length(self._found.get(_LENGTH)),
            self._response_bytes,
            None if first_byte_at is None else first_byte_at - self._started_at,
        )

    def _count(self, delta: int) -> bool:
        count = cast("MetricsRecorder", self._parts.metrics).in_flight
        return tell("in_flight", count, method=self._method(), delta=delta)

    def _method(self) -> str:
        method: str = self._scope["method"]
        return method if method in _METHODS else "OTHER"


def _length(value: bytes | None) -> int | None:
    usable = value is not None and value.isdigit() and len(value) <= _LONGEST_LENGTH
    return int(value) if value is not None and usable else None


def _length_in(headers: RawHeaders | tuple[()]) -> int | None:
    return next((_length(value) for name, value in headers if name.lower() == _LENGTH), None)
