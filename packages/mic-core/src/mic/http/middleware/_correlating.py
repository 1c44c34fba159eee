"""The correlation part of the stack: ids into the request's state, context and answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from mic.http._types import RawHeaders, Scope
from mic.http.context import RequestState, valid_trace
from mic.http.correlation import (
    CorrelationFinish,
    CorrelationSpec,
    CorrelationStart,
    new_id,
    start_correlation,
)
from mic.http.middleware._refusals import LOGGER

CorrelationStartHook = Callable[[CorrelationStart], None]
CorrelationFinishHook = Callable[[CorrelationFinish], None]

_TRACE_PARENT = b"traceparent"
_TRACE_STATE = b"tracestate"


class Correlating:
    """A `CorrelationSpec` ready for raw headers, with the hooks. Stateless between requests."""

    __slots__ = (
        "_correlation",
        "_ids",
        "_makes_own",
        "_on_finish",
        "_on_start",
        "_request",
        "_response_time",
        "_spec",
    )

    def __init__(
        self,
        spec: CorrelationSpec,
        *,
        on_start: CorrelationStartHook | None = None,
        on_finish: CorrelationFinishHook | None = None,
    ) -> None:
        self._spec = spec
        self._on_start = on_start
        self._on_finish = on_finish
        self._correlation = spec.correlation_header.lower().encode()
        self._request = spec.request_header.lower().encode()
        self._response_time = spec.response_time_header.lower().encode()
        self._ids = frozenset((self._correlation, self._request))
        self._makes_own = spec.correlation_id_factory is spec.request_id_factory is new_id

    @property
    def request_headers(self) -> frozenset[bytes]:
        """The request headers that `begin` and `trace_in` look for."""
        return self._ids | {_TRACE_PARENT, _TRACE_STATE}

    @property
    def response_headers(self) -> frozenset[bytes]:
        """The headers that `finish` gives."""
        return self._ids | {self._response_time}

    def begin(
        self, scope: Scope, state: RequestState, found: Mapping[bytes, bytes], *, now: float
    ) -> CorrelationStart:
        """Give the request its ids, unless something around has given it some.

        Args:
            scope: The request.
            state: Its state.
            found: The headers that it brings, of `request_headers`.
            now: When it came, on the clock of `time.perf_counter()`.
        """
        start = state.correlation
        if start is None:
            if self._makes_own and self._ids.isdisjoint(found):
                # most requests of most services: nothing to validate, nothing that could fail
                start = CorrelationStart(new_id(), new_id(), now)
            else:
                start = self._start(found)
            state.correlation = start
        kept = kept_state(scope)
        kept["correlation_id"] = start.correlation_id
        kept["request_id"] = start.request_id
        if self._on_start is not None:
            tell("on_start", self._on_start, start)
        return start

    def _start(self, found: Mapping[bytes, bytes]) -> CorrelationStart:
        try:
            return self._spec.begin(
                _text(found.get(self._correlation)), _text(found.get(self._request))
            )
        except Exception:
            # no request fails for want of an id
            LOGGER.exception("a factory or validator of CorrelationSpec failed")
            return start_correlation(headers={})

    def finish(self, scope: Scope, start: CorrelationStart, *, now: float) -> RawHeaders:
        """At the first byte of the answer: keep the duration, and give the headers to send."""
        duration_ms = int((now - start.started_at_perf) * 1000)
        kept_state(scope)["duration_ms"] = duration_ms
        if self._on_finish is not None:
            ids = (start.correlation_id, start.request_id)
            tell("on_finish", self._on_finish, CorrelationFinish(*ids, duration_ms))
        return [
            (self._correlation, start.correlation_id.encode("latin-1")),
            (self._request, start.request_id.encode("latin-1")),
            (self._response_time, b"%d" % duration_ms),
        ]


def trace_in(found: Mapping[bytes, bytes]) -> tuple[str, str | None] | None:
    """The trace context that a request brings, where it is well formed."""
    if _TRACE_PARENT not in found:
        return None
    return valid_trace(_text(found[_TRACE_PARENT]), _text(found.get(_TRACE_STATE)))


def kept_state(scope: Scope) -> MutableMapping[str, Any]:
    """`scope["state"]`, made on first use."""
    kept: MutableMapping[str, Any] | None = scope.get("state")
    if kept is None:
        kept = scope["state"] = {}
    return kept


def tell(what: str, hook: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Call a hook; what it raises is logged. Tell whether it came back."""
    try:
        hook(*args, **kwargs)
    except Exception:
        LOGGER.exception("the hook %s failed", what)
        return False
    return True


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
