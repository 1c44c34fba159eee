"""The log of health."""

import logging

import pytest

from mic.datastorage import HealthReport
from mic.datastorage._health import HealthLog


def test_a_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="mic.datastorage")
    log = HealthLog("Storage")
    well = HealthReport(healthy=True, latency_seconds=0)
    reports = [
        well,
        HealthReport(healthy=False, latency_seconds=0, reason="refused"),
        HealthReport(healthy=False, latency_seconds=0, reason="refused"),
        HealthReport(healthy=False, latency_seconds=0, reason="timeout"),
        well,
        well,
    ]
    assert [log.record(report) for report in reports] == reports
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "Storage is not healthy: refused"),
        ("WARNING", "Storage is not healthy: timeout"),
        ("INFO", "Storage is healthy again"),
    ]
