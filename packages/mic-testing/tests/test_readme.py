"""The tests that the README shows are run as a service's own would be."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

README = Path(__file__).parents[1] / "README.md"


def test_what_the_readme_shows_passes(run_tests: Callable[..., pytest.RunResult]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
    chosen = [block for block in blocks if "redis_server" in block]
    assert len(chosen) == 2
    result = run_tests("\n".join(chosen))
    result.assert_outcomes(passed=3)
