from __future__ import annotations

import gzip

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from mic.testing.servers import Server
from mic.testing.servers.otlp import clear, received


def test_what_was_exported_is_given_back(otlp_collector: Server) -> None:
    clear(otlp_collector)
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(name="a span")
    answer = httpx.post(
        f"{otlp_collector.url}/v1/traces",
        content=gzip.compress(request.SerializeToString()),
        headers={
            "content-type": "application/x-protobuf",
            "content-encoding": "gzip",
            "x-tenant": "one",
        },
    )
    assert (answer.status_code, answer.content) == (200, b"")
    [export] = received(otlp_collector)
    assert (export.signal, export.headers["x-tenant"]) == ("traces", "one")
    [span] = export.message["resource_spans"][0]["scope_spans"][0]["spans"]
    assert span["name"] == "a span"
    clear(otlp_collector)
    assert received(otlp_collector) == []
