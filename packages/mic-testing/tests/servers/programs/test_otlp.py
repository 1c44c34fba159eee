from __future__ import annotations

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from mic.testing.servers._programs.hosting import Answer, Request
from mic.testing.servers._programs.otlp import PROTOBUF, Collector


def _post(
    collector: Collector, signal: str, body: bytes, kind: str = PROTOBUF, coding: str = ""
) -> Answer:
    headers = {"content-type": kind, "content-encoding": coding}
    return collector.respond(Request("POST", ("v1", signal), "", headers, body))


def test_every_signal_is_kept_in_order() -> None:
    collector = Collector()
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add().body.string_value = "said"
    metrics = ExportMetricsServiceRequest()
    metrics.resource_metrics.add().scope_metrics.add().metrics.add(name="count")
    assert _post(collector, "logs", logs.SerializeToString()).status == 200
    assert _post(collector, "metrics", metrics.SerializeToString()).status == 200
    answer = collector.respond(Request("GET", ("received",), "", {}, b""))
    assert [each["signal"] for each in answer.body] == ["logs", "metrics"]
    record = answer.body[0]["message"]["resource_logs"][0]["scope_logs"][0]["log_records"][0]
    assert record["body"] == {"string_value": "said"}
    collector.respond(Request("DELETE", ("received",), "", {}, b""))
    assert list(collector.received) == []


@pytest.mark.parametrize(
    ("body", "coding"), [(b"\xff\xff", ""), (b"not zipped", "gzip"), (b"\x1f\x8b\x08", "gzip")]
)
def test_what_cannot_be_decoded_is_refused(body: bytes, coding: str) -> None:
    collector = Collector()
    assert _post(collector, "traces", body, coding=coding).status == 400
    assert not collector.received


def test_another_kind_of_body_is_refused() -> None:
    assert _post(Collector(), "traces", b"{}", "application/json").status == 415


def test_pages_there_are_and_are_not() -> None:
    collector = Collector()
    assert collector.respond(Request("GET", ("health",), "", {}, b"")).status == 200
    assert _post(collector, "profiles", b"").status == 404


def test_what_it_keeps_is_bounded() -> None:
    assert Collector().received.maxlen == 10_000
