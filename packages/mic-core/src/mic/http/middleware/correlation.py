"""Ids for every request: `CorrelationMiddleware`."""

from __future__ import annotations

from mic.http._types import ASGIApp
from mic.http.correlation import CorrelationSpec
from mic.http.middleware._correlating import (
    Correlating,
    CorrelationFinishHook,
    CorrelationStartHook,
)
from mic.http.middleware._engine import Engine
from mic.http.middleware._exchange import Parts

__all__ = ["CorrelationFinishHook", "CorrelationMiddleware", "CorrelationStartHook"]


class CorrelationMiddleware(Engine):
    """ASGI middleware that ties logs, calls and the answer of a request together.

    Guarantees: an id of the request is taken over only when the spec's validator accepts it, else
    one is made; a refused one is neither logged nor sent back. While the request is served,
    `mic.http.current_correlation()` gives the ids, and `propagation_headers()` passes them, and a
    well-formed W3C trace context, on. The answer carries the ids and the milliseconds to its first
    byte, each unless the app set that header itself. Where a correlation stands around this one
    already, its ids are kept. State keys: `correlation_id`, `request_id`, `duration_ms`.

    Args:
        app: The app behind it.
        spec: Header names, factories, validator.
        on_start: Called with the ids, on the loop: it must not wait. What it raises is logged.
        on_finish: Called at the first byte of the answer; otherwise as `on_start`.
    """

    __slots__ = ()

    def __init__(
        self,
        app: ASGIApp,
        *,
        spec: CorrelationSpec | None = None,
        on_start: CorrelationStartHook | None = None,
        on_finish: CorrelationFinishHook | None = None,
    ) -> None:
        part = Correlating(spec or CorrelationSpec(), on_start=on_start, on_finish=on_finish)
        super().__init__(app, Parts(correlation=part))
