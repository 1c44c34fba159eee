"""What travels with a request: its state in the ASGI scope, and the context variables that logs,
clients and workers read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from mic.http._types import EMPTY

if TYPE_CHECKING:
    from mic.http._forms import FormData
    from mic.http._gate import RouteGate
    from mic.http.correlation import CorrelationStart
    from mic.http.principal import Principal
    from mic.http.route_spec import HttpRouteSpec
    from mic.http.table import RouteMatch, RouteTable

STATE_KEY = "mic"

_correlation: ContextVar[CorrelationStart | None] = ContextVar("mic_correlation", default=None)
_deadline: ContextVar[float | None] = ContextVar("mic_deadline", default=None)
_trace: ContextVar[tuple[str, str | None] | None] = ContextVar("mic_trace", default=None)

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_MAX_TRACESTATE = 512


class RequestState:
    """The mutable state of one request, one object at `scope["mic"]`, shared by every middleware
    and adapter.

    Attributes:
        route: The matched route, known before any middleware runs where the stack was given the
            routes.
        principal: Who calls, once somebody verified it.
        correlation: The ids of this request.
        label: The path template that metrics and traces use, `None` while unknown.
        client_host: The client's address as the trusted proxies tell it.
    """

    # slots, and each of them set, because an attribute that may be the class's is slow to read
    __slots__ = (
        "client_host",
        "correlation",
        "deadline",
        "deferred",
        "failure",
        "form",
        "found",
        "gates",
        "label",
        "path_params",
        "principal",
        "route",
        "type_base",
    )

    def __init__(self) -> None:
        self.route: HttpRouteSpec | None = None
        self.principal: Principal | None = None
        self.correlation: CorrelationStart | None = None
        self.label: str | None = None
        self.client_host: str | None = None
        # what adapters and the gate use among themselves
        self.path_params: Mapping[str, str] = EMPTY
        self.gates: tuple[RouteGate, ...] = ()
        self.deadline: float | None = None
        self.form: FormData | None = None
        self.found: tuple[RouteTable, str, str, RouteMatch | None] | None = None
        self.failure: BaseException | None = None
        self.type_base: str | None = None
        self.deferred: list[Callable[[], Any]] | None = None


def request_state(scope: MutableMapping[str, Any]) -> RequestState:
    """The state of the request in `scope`, made on first use."""
    state = scope.get(STATE_KEY)
    if type(state) is not RequestState:
        state = scope[STATE_KEY] = RequestState()
    return state


def current_correlation() -> CorrelationStart | None:
    """The ids of the request, call or message that this code runs for."""
    return _correlation.get()


def current_deadline() -> float | None:
    """The moment, on `time.monotonic()`'s clock in seconds, at which nobody waits for the answer
    any more.
    """
    return _deadline.get()


@contextmanager
def bind(
    *, correlation: CorrelationStart | None = None, deadline: float | None = None
) -> Iterator[None]:
    """Set both context variables for a block: for transports other than HTTP, and for workers.

    Args:
        correlation: The ids; `None` means there are none.
        deadline: Seconds on `time.monotonic()`'s clock; `None` means no deadline.
    """
    correlation_token = _correlation.set(correlation)
    deadline_token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(deadline_token)
        _correlation.reset(correlation_token)


def propagation_headers() -> dict[str, str]:
    """The headers that carry this request's identity to the next service.

    Returns:
        `x-correlation-id`, and the incoming W3C `traceparent` and `tracestate` unchanged where they
        were well formed; empty outside a request.
    """
    headers: dict[str, str] = {}
    correlation = _correlation.get()
    if correlation is not None:
        headers["x-correlation-id"] = correlation.correlation_id
    trace = _trace.get()
    if trace is not None:
        headers["traceparent"] = trace[0]
        if trace[1]:
            headers["tracestate"] = trace[1]
    return headers


def valid_trace(traceparent: str | None, tracestate: str | None) -> tuple[str, str | None] | None:
    """Check trace headers (W3C Trace Context, section 3): `None` where the parent is malformed; a
    long state is left out.
    """
    if traceparent is None or _TRACEPARENT.fullmatch(traceparent) is None:
        return None
    if tracestate is None or len(tracestate) > _MAX_TRACESTATE or not tracestate.isprintable():
        return (traceparent, None)
    return (traceparent, tracestate)
