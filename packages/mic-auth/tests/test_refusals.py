import logging

import pytest

from mic.auth._refusals import RefusalError, RefusalLog
from mic.testing import ManualClock

LOGGER = "mic.auth.service_auth"


def test_a_refusal_is_written_and_answered(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    error = RefusalLog(clock).note("expired", "orders")
    assert error.code == "service_auth.expired"
    assert RefusalLog(clock).note("malformed", None).code == "service_auth.malformed"
    assert [record.getMessage() for record in caplog.records] == [
        "a token was refused: service_auth.expired, issuer orders",
        "a token was refused: service_auth.malformed, issuer -",
    ]
    assert {(record.name, record.levelno) for record in caplog.records} == {
        (LOGGER, logging.WARNING)
    }
    assert all(record.exc_info is None for record in caplog.records)


def test_at_most_eleven_lines_a_second(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog(clock)
    for _ in range(3):
        before = len(caplog.records)
        for _ in range(10_000):
            log.note("malformed", None)
            clock.advance(0.00009)
        assert len(caplog.records) - before <= 11
        clock.advance(0.11)
    summaries = [each for each in caplog.records if "more tokens" in each.getMessage()]
    assert [each.getMessage() for each in summaries] == ["9990 more tokens were refused before"] * 2


def test_a_clock_that_is_set_back_begins_a_new_second(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    log = RefusalLog(clock)
    for _ in range(20):
        log.note("malformed", None)
    clock.jump(-3600)
    log.note("malformed", None)
    assert len(caplog.records) == 12


def test_what_a_step_raises() -> None:
    error = RefusalError("expired", "orders")
    assert (str(error), error.reason, error.issuer) == ("expired", "expired", "orders")
