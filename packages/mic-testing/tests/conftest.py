"""What the tests of this distribution share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
addopts = --strict-markers --import-mode=importlib -p no:cacheprovider
"""

RunTests = Callable[..., pytest.RunResult]


@pytest.fixture
def run_tests(pytester: pytest.Pytester) -> RunTests:
    """Run a test file of its own in a strict project, in process."""
    pytester.makefile(".ini", pytest=_INI)

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess(*arguments)

    return run
