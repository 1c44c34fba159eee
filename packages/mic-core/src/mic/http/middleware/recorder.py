"""Where the measurements of requests go: `MetricsRecorder`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRequestSample:
    """What was measured of one request.

    Attributes:
        method: One of the seven, or `OTHER`.
        route: The path template as declared, or `unknown`: never a path, so that labels stay few.
        status: The status sent; 499 when the client left before, 500 when an error escaped before.
        duration_seconds: From the arrival of the request to the end of the app.
        request_bytes: Length of the body as declared; `None` when it is not.
        response_bytes: Bytes of the body that were sent.
        first_byte_seconds: From arrival to the start of the answer; `None` when there was none.
    """

    method: str
    route: str
    status: int
    duration_seconds: float
    request_bytes: int | None = None
    response_bytes: int = 0
    first_byte_seconds: float | None = None


class MetricsRecorder(ABC):
    """Takes measurements; one subclass serves every host.

    Guarantees: called on the event loop, once a request, after the last byte, so it must not wait.
    What it raises is logged and changes nothing for the request.
    """

    @abstractmethod
    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        """Take the measurements of one request; see `HttpRequestSample` for what they are."""

    def record_request(self, sample: HttpRequestSample) -> None:
        """Take everything that was measured of one request. By default, calls `record`."""
        self.record(
            method=sample.method,
            route=sample.route,
            status=sample.status,
            duration_seconds=sample.duration_seconds,
        )

    def in_flight(self, *, method: str, delta: int) -> None:  # noqa: B027 - to be overridden, or not
        """Take +1 when a request comes and -1 when it has ended, whatever way. By default, does
        nothing.
        """
