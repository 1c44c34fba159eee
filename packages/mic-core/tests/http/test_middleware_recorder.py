"""`mic.http.middleware.recorder`: what a recorder gets."""

from typing import Any

import pytest

from mic.http.middleware import HttpRequestSample, MetricsRecorder


class Recorder(MetricsRecorder):
    """As simple as it gets."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        self.calls.append(
            {"method": method, "route": route, "status": status, "seconds": duration_seconds}
        )


def test_record_is_all_that_a_recorder_needs() -> None:
    recorder = Recorder()
    recorder.record_request(HttpRequestSample("GET", "/items/{id}", 200, 0.25, None, 7, 0.1))
    recorder.in_flight(method="GET", delta=1)
    assert recorder.calls == [
        {"method": "GET", "route": "/items/{id}", "status": 200, "seconds": 0.25}
    ]


def test_a_recorder_without_record_is_none() -> None:
    class Nothing(MetricsRecorder):
        """Lacks `record`."""

    with pytest.raises(TypeError, match="abstract"):
        Nothing()  # type: ignore[abstract]  # the mistake under test
