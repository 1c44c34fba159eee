"""Exit codes are part of the API."""

from __future__ import annotations

from mic.cli import ExitCode


def test_the_codes_are_what_they_were() -> None:
    assert {each.name: int(each) for each in ExitCode} == {
        "OK": 0,
        "FAILED": 1,
        "USAGE": 2,
        "SOFTWARE": 70,
        "TEMPFAIL": 75,
        "NOPERM": 77,
        "CONFIG": 78,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }
