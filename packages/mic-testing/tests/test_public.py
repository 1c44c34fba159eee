from __future__ import annotations

import subprocess
import sys

import pytest

import mic.testing


def test_a_name_is_imported_when_it_is_asked_for_and_then_kept() -> None:
    program = """
import sys, mic.testing
assert "mic.testing.route_client" not in sys.modules
first = mic.testing.RouteClient
assert vars(mic.testing)["RouteClient"] is first
import mic.testing.route_client as module
assert first is module.RouteClient
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_dir_lists_what_is_not_imported_yet() -> None:
    names = dir(mic.testing)
    assert {"AsyncRouteClient", "LoopGuard", "ManualClock", "RouteClient", "eventually"} <= set(
        names
    )
    assert names == sorted(names)


def test_an_unknown_name_is_an_attribute_error() -> None:
    name = "Nothing"
    with pytest.raises(AttributeError, match=r"module 'mic\.testing' has no attribute 'Nothing'"):
        getattr(mic.testing, name)


@pytest.mark.parametrize("name", sorted(set(dir(mic.testing)) - {"TYPE_CHECKING"}))
def test_every_listed_name_is_there(name: str) -> None:
    assert getattr(mic.testing, name) is not None


def test_all_lists_what_costs_nothing() -> None:
    assert mic.testing.__all__ == sorted(mic.testing.__all__)
    assert set(mic.testing.__all__) <= set(vars(mic.testing))
