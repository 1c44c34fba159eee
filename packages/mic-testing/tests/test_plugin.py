from __future__ import annotations

import runpy
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import mic.testing
from mic.testing import _eventually, clock, plugin

pytest_plugins = ["pytester"]

RunTests = Callable[..., pytest.RunResult]


@pytest.mark.parametrize("module", [plugin, clock, _eventually, mic.testing])
def test_importing_starts_and_imports_nothing(module: object) -> None:
    file = getattr(module, "__file__", "")
    threads, modules = threading.active_count(), set(sys.modules)
    found = runpy.run_path(file, run_name="mic.testing" if Path(file).stem == "__init__" else "m")
    assert set(found) >= set(getattr(module, "__all__", ()))
    new = set(sys.modules) - modules - {"pkgutil"}  # which `runpy` imports for itself
    assert (threading.active_count(), new) == (threads, set())


def test_importing_costs_less_than_20_ms_and_no_capability() -> None:
    program = """
import pytest, pytest_asyncio, sys, time
before, began = set(sys.modules), time.thread_time()
import mic.testing.plugin
cost = time.thread_time() - began
new = set(sys.modules) - before
lazy = {"mic", "mic.plugins", "mic.plugins._lazy_names"}
assert all(name in lazy or name.startswith("mic.testing") for name in new), new
assert len(new) < 10, new
print(cost)
"""
    # the cheapest of up to three: other programs may make a run dearer
    costs = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(3)
    )
    assert any(float(run.stdout) < 0.020 for run in costs)


def test_a_project_that_uses_nothing_of_it_sees_nothing_of_it(run_tests: RunTests) -> None:
    result = run_tests("def test_x(): ...", "-W", "error")
    result.assert_outcomes(passed=1)


def test_the_markers_are_registered(run_tests: RunTests) -> None:
    result = run_tests("", "--markers")
    result.stdout.fnmatch_lines(["*mic_needs_server: *", "*loop_guard(limit_seconds=0.05): *"])


_GUARDED = """
import asyncio, time, pytest

async def business():
    await asyncio.sleep(0)
    time.sleep(0.1)
"""


def test_the_loop_guard_fails_a_test_that_sleeps_on_the_loop(run_tests: RunTests) -> None:
    result = run_tests(_GUARDED + "async def test_x(loop_guard): await business()")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*the event loop was held for * ms (limit 50 ms) by test_x*", "*in business*"]
    )


def test_without_the_guard_nobody_notices(run_tests: RunTests) -> None:
    run_tests(_GUARDED + "async def test_x(): await business()").assert_outcomes(passed=1)


def test_the_marker_alone_guards(run_tests: RunTests) -> None:
    result = run_tests(
        _GUARDED + "pytestmark = pytest.mark.loop_guard\nasync def test_x(): await business()"
    )
    result.assert_outcomes(failed=1)


def test_the_marker_sets_the_limit(run_tests: RunTests) -> None:
    source = (
        "@pytest.mark.loop_guard(limit_seconds=10)\nasync def test_x(loop_guard): await business()"
    )
    run_tests(_GUARDED + source).assert_outcomes(passed=1)


def test_a_wrong_limit_is_told(run_tests: RunTests) -> None:
    source = (
        "@pytest.mark.loop_guard(limit_seconds=0)\nasync def test_x(loop_guard): await business()"
    )
    result = run_tests(_GUARDED + source)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*limit_seconds must be a finite number above 0*"])


def test_a_synchronous_test_without_a_loop_is_told(run_tests: RunTests) -> None:
    result = run_tests("def test_x(loop_guard): ...")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*loop_guard saw no event loop run*"])


def test_the_tests_own_failure_is_what_is_told(run_tests: RunTests) -> None:
    result = run_tests(
        _GUARDED
        + "async def test_x(loop_guard):\n    await business()\n    assert not 'own failure'"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*own failure*"])
    result.stdout.no_fnmatch_line("*event loop was held*")


def test_setting_a_test_up_is_not_guarded(run_tests: RunTests) -> None:
    source = """
@pytest.fixture
async def slow_set_up():
    await business()

async def test_x(slow_set_up, loop_guard): await asyncio.sleep(0)
"""
    run_tests(_GUARDED + source).assert_outcomes(passed=1)


_APP = """
import pytest
from mic.http import HttpRouteSpec

ROUTES = [HttpRouteSpec("GET", "/{n}", "double", "demo", lambda n: n + n)]
"""


def test_app_client_runs_a_test_on_every_host(run_tests: RunTests) -> None:
    source = """
def test_x(app_client):
    client = app_client(ROUTES)
    assert client.get("/ab").json() == "abab"
    assert type(client).__name__ == "RouteClient"
"""
    result = run_tests(_APP + source, "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*test_x[[]asgi]*", "*test_x[[]fastapi]*", "*test_x[[]litestar]*"])


def test_async_app_client_runs_a_test_on_every_host(run_tests: RunTests) -> None:
    source = """
async def test_x(async_app_client):
    answer = await async_app_client(ROUTES).get("/ab")
    assert answer.json() == "abab"
"""
    run_tests(_APP + source).assert_outcomes(passed=3)


def test_a_host_that_is_not_installed_is_skipped_and_said(
    run_tests: RunTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mic.litestar", None)
    result = run_tests(_APP + "def test_x(app_client): ...", "-rs")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(['*litestar is not installed: pip install "mic-http-litestar"*'])
