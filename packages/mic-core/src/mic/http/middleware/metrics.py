"""Measures every request: `MetricsMiddleware`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mic.http._types import ASGIApp
from mic.http.middleware._engine import Engine
from mic.http.middleware._exchange import Parts
from mic.http.middleware.recorder import HttpRequestSample, MetricsRecorder

if TYPE_CHECKING:
    from mic.http.asgi import RouteTable

__all__ = ["HttpRequestSample", "MetricsMiddleware", "MetricsRecorder"]


class MetricsMiddleware(Engine):
    """ASGI middleware that measures requests.

    Guarantees: recorded once a request, when the app has ended, also after errors and
    cancellation; labels are bounded (seven methods and `OTHER`; path templates and `unknown`);
    `in_flight` returns to zero.

    Args:
        app: The app behind it.
        recorder: Takes the measurements; `None` takes none.
        routes: The routes, to name the template even when something in between answers.
    """

    __slots__ = ()

    def __init__(
        self, app: ASGIApp, *, recorder: MetricsRecorder | None, routes: RouteTable | None = None
    ) -> None:
        super().__init__(app, Parts(metrics=recorder, routes=routes))
