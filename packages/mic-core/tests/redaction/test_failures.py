"""Failures are counted, and never raised."""

import pytest

from mic.redaction import _failures as failures
from mic.redaction import error_counts


@pytest.fixture(autouse=True)
def _own_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_counts", {})


def test_failures_are_counted_by_place() -> None:
    for where in ("logs", "logs", "traces"):
        failures.report(where, None)
    counts = error_counts()
    assert counts == {"logs": 2, "traces": 1}
    failures.report("logs", None)
    assert counts["logs"] == 2
    assert error_counts()["logs"] == 3


def test_places_are_bounded() -> None:
    for number in range(200):
        failures.report(f"place-{number}", None)
    failures.report("place-0", None)
    counts = error_counts()
    assert len(counts) == 65
    assert (counts["place-0"], counts["other"]) == (2, 136)


def test_a_hook_is_told_instead() -> None:
    told: list[str] = []
    failures.report("logs", told.append)
    assert (told, error_counts()) == (["logs"], {})


def test_a_hook_that_fails_is_ignored() -> None:
    def failing(where: str) -> None:
        raise RuntimeError(where)

    failures.report("logs", failing)
    assert error_counts() == {}
