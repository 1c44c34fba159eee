"""The pytest plugin: markers, collection rules and fixtures.

Loaded by every pytest run of an environment that has `mic-testing`, so it starts nothing and
imports next to nothing: whatever a fixture needs is imported when the fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEEDS_SERVER = "mic_needs_server"


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, so that `--strict-markers` knows them."""
    config.addinivalue_line(
        "markers",
        f"{_NEEDS_SERVER}: kills or pauses the backend's server; not collected without one",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Collector, obj: object
) -> Sequence[pytest.Item | pytest.Collector] | None:
    """Leave out the tests that need a server where the test class names none."""
    marks = getattr(obj, "pytestmark", ())
    if (
        isinstance(collector, pytest.Class)
        and getattr(collector.obj, "server", None) is None
        and any(mark.name == _NEEDS_SERVER for mark in (marks if isinstance(marks, list) else ()))
    ):
        return []
    return None
