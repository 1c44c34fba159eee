"""`python -m ... PORT`: a collector of OTLP/HTTP that keeps what it got.

It takes `POST /v1/traces`, `/v1/metrics` and `/v1/logs` with protobuf bodies (OTLP 1.x, section
"OTLP/HTTP", binary encoding), gzipped or not, and gives them back from `GET /received`;
`DELETE /received` forgets them. It holds the last 10,000 requests.
"""

from __future__ import annotations

import gzip
import sys
from collections import deque
from collections.abc import Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

from mic.testing.servers._programs.hosting import Answer, Request, serve

PROTOBUF = "application/x-protobuf"
_MOST_REQUESTS = 10_000
_SIGNALS: dict[str, tuple[Any, Any]] = {
    "traces": (trace.ExportTraceServiceRequest, trace.ExportTraceServiceResponse),
    "metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
    "logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
}


class Collector:
    """The function of the server, and what it keeps."""

    def __init__(self) -> None:
        self.received: deque[dict[str, Any]] = deque(maxlen=_MOST_REQUESTS)

    def respond(self, request: Request) -> Answer:
        """Answer one request."""
        match request.method, request.path:
            case "GET", ("health",):
                return Answer()
            case "GET", ("received",):
                return Answer(body=list(self.received))
            case "DELETE", ("received",):
                self.received.clear()
                return Answer()
            case "POST", ("v1", signal) if signal in _SIGNALS:
                return self._take(signal, request)
        return Answer(404, {"message": "no such page"})

    def _take(self, signal: str, request: Request) -> Answer:
        if request.headers.get("content-type") != PROTOBUF:
            return Answer(415, {"message": f"only {PROTOBUF} is taken"})
        kind, response = _SIGNALS[signal]
        try:
            zipped = request.headers.get("content-encoding") == "gzip"
            message = kind.FromString(gzip.decompress(request.body) if zipped else request.body)
        except (DecodeError, EOFError, OSError):
            return Answer(400, {"message": "the body cannot be decoded"})
        decoded = MessageToDict(message, preserving_proto_field_name=True)
        self.received.append(
            {"signal": signal, "headers": dict(request.headers), "message": decoded}
        )
        return Answer(200, response().SerializeToString(), PROTOBUF)


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM."""
    serve(Collector().respond, int(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
