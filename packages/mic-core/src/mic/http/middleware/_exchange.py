"""One request on its way through the stack, and the one wrapper of `send` for all its parts."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Mapping
from contextvars import Token
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from mic.http._types import Message, RawHeaders, Scope, Send
from mic.http._wire import pick_headers
from mic.http.client_address import ForwardHeader, TrustedProxies, resolve_client_address
from mic.http.context import RequestState, _correlation, _trace
from mic.http.correlation import CorrelationStart
from mic.http.middleware._correlating import Correlating, tell
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
        counts_in_flight: Whether the recorder wants to know how many requests are under way.
    """

    correlation: Correlating | None = None
    security: tuple[tuple[bytes, bytes], ...] = ()
    metrics: MetricsRecorder | None = None
    routes: RouteTable | None = None
    trusted_proxies: TrustedProxies | None = None
    forward_header: ForwardHeader = "x-forwarded-for"
    added: frozenset[bytes] = field(init=False, compare=False)
    counts_in_flight: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        added = {name for name, _ in self.security}
        if self.correlation is not None:
            added |= self.correlation.response_headers
        object.__setattr__(self, "added", frozenset(added))
        count = None if self.metrics is None else self.metrics.in_flight
        default = getattr(count, "__func__", count) in (None, MetricsRecorder.in_flight)
        object.__setattr__(self, "counts_in_flight", not default)

    def request_headers(self) -> frozenset[bytes]:
        """The request headers that the parts look for, so that one pass finds them all."""
        names = frozenset((_LENGTH,)) if self.metrics is not None else frozenset()
        return names if self.correlation is None else names | self.correlation.request_headers


class Passage:
    """One request that nobody measures or adds to. First `begin`; then `send` is the app's; at last
    `end`, whatever happened.

    Attributes:
        status: The status that was sent; `None` while nothing was.
    """

    # a default of the class, here and below, so that a request pays only for what it sets
    status: int | None = None

    def __init__(self, send: Send) -> None:
        self._send = send

    def begin(self, wanted: frozenset[bytes]) -> None:
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

    _counted = False
    _first_byte_at: float | None = None
    _found: Mapping[bytes, bytes] = _NOTHING
    _response_bytes = 0
    _start: CorrelationStart | None = None
    _tokens: _Tokens | None = None

    def __init__(self, parts: Parts, scope: Scope, state: RequestState, send: Send) -> None:
        self._parts = parts
        self._scope = scope
        self._state = state
        self._send = send
        self._started_at = time.perf_counter()
        self._headers: RawHeaders = []

    def begin(self, wanted: frozenset[bytes]) -> None:
        """Read the wanted headers, once; give the request ids, client address and route."""
        parts = self._parts
        if wanted:
            self._found = pick_headers(self._scope["headers"], wanted)
        if parts.counts_in_flight:
            self._counted = self._count(+1)
        if parts.correlation is not None:
            self._start = parts.correlation.begin(self._scope, self._state, self._found)
            self._tokens = _bind(self._start, parts.correlation.trace(self._found))
        if parts.trusted_proxies is not None:
            self._resolve_client(parts.trusted_proxies)
        if parts.routes is not None:
            self._find_route(parts.routes)

    def _resolve_client(self, trusted: TrustedProxies) -> None:
        client = self._scope.get("client")
        self._state.client_host = resolve_client_address(
            peer=client[0] if client else None,
            headers=self._scope["headers"],
            trusted_proxies=trusted,
            header=self._parts.forward_header,
        )

    def _find_route(self, routes: RouteTable) -> None:
        match = look_up(routes, self._scope, self._state)
        if match is not None and match.route is not None:
            self._state.route = match.route.spec
            self._state.path_params = match.path_params
            self._state.label = match.route.spec.path

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message of the app on; the start of the answer gets the headers of all parts."""
        kind = message["type"]
        if kind == "http.response.start":
            message = self._decorated(message)
        elif kind == "http.response.body":
            self._response_bytes += len(message.get("body", b""))
        elif kind == "http.response.pathsend":
            self._response_bytes += _length_in(self._headers) or 0
        return self._send(message)

    def _decorated(self, message: Message) -> Message:
        self.status = message["status"]
        self._first_byte_at = time.perf_counter()
        # a list of our own, because an app may send the same one twice
        self._headers = headers = list(message.get("headers", ()))
        ours = self._parts.security
        correlation = self._parts.correlation
        if correlation is not None and self._start is not None:
            ours = (*correlation.finish(self._scope, self._start), *ours)
        present = {name.lower() for name, _ in headers}
        if present.isdisjoint(self._parts.added):
            headers += ours
        else:
            headers += [pair for pair in ours if pair[0] not in present]
        return {**message, "headers": headers}

    def end(self, escaped: BaseException | None) -> None:
        """Undo and record. `escaped` is the exception that is on its way out."""
        if self._tokens is not None:
            _unbind(self._tokens)
        metrics = self._parts.metrics
        if metrics is not None:
            tell("record_request", metrics.record_request, self._sample(escaped))
        if self._counted:
            self._count(-1)

    def _sample(self, escaped: BaseException | None) -> HttpRequestSample:
        status = self.status
        if status is None:
            # a cancelled request, and one that ends without an answer, have lost their client
            status = 500 if isinstance(escaped, Exception) else CLIENT_CLOSED_REQUEST
        first_byte_at = self._first_byte_at
        return HttpRequestSample(
            self._method(),
            self._state.label or "unknown",
            status,
            time.perf_counter() - self._started_at,
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


_Tokens = tuple[Token[CorrelationStart | None], Token[tuple[str, str | None] | None] | None]


def _bind(start: CorrelationStart, trace: tuple[str, str | None] | None) -> _Tokens:
    """Set the context variables that logs, clients and workers read."""
    # a request that is served inside of another one must not pass that one's trace on
    replaces = trace is not None or _trace.get() is not None
    return _correlation.set(start), _trace.set(trace) if replaces else None


def _unbind(tokens: _Tokens) -> None:
    correlation, trace = tokens
    if trace is not None:
        _trace.reset(trace)
    _correlation.reset(correlation)


def _length(value: bytes | None) -> int | None:
    usable = value is not None and value.isdigit() and len(value) <= _LONGEST_LENGTH
    return int(value) if value is not None and usable else None


def _length_in(headers: RawHeaders) -> int | None:
    return next((_length(value) for name, value in headers if name.lower() == _LENGTH), None)
