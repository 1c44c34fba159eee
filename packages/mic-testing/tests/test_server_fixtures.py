from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mic.testing import eventually
from mic.testing.servers._processes import is_running, wait_until_gone

pytest_plugins = ["pytester"]

RunTests = Callable[..., pytest.RunResult]

MISSING = """
import importlib
import pytest

@pytest.fixture(scope="session", autouse=True)
def nothing_is_installed():
    _redis = importlib.import_module("mic.testing.servers._redis")  # the one of this very run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_redis, "wheel_folder", lambda package: None)
        patch.setenv("PATH", "/nowhere")
        patch.delenv("MIC_TEST_REDIS_URL", raising=False)
        yield
"""
USES = "\ndef test_x(redis_server): ...\n"
SKIP = "*no redis server here: install mic-testing[[]redis], or Valkey or Redis as an*"


@pytest.fixture(autouse=True)
def nothing_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this very run requires."""
    monkeypatch.delenv("MIC_REQUIRE_SERVERS", raising=False)


def test_a_missing_server_skips_and_says_what_to_install(run_tests: RunTests) -> None:
    result = run_tests(MISSING + USES, "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([SKIP])


@pytest.mark.parametrize(
    ("how", "names"),
    [("option", "redis"), ("option", " redis ,redis"), ("option", "all"), ("variable", "redis")],
)
def test_a_required_server_fails(
    how: str, names: str, run_tests: RunTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "variable":
        monkeypatch.setenv("MIC_REQUIRE_SERVERS", names)
        result = run_tests(MISSING + USES)
    else:
        result = run_tests(MISSING + USES, f"--mic-require={names}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([SKIP])
    result.stdout.fnmatch_lines(["*--mic-require or $MIC_REQUIRE_SERVERS requires it*"])


def test_the_option_outdoes_the_variable(
    run_tests: RunTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC_REQUIRE_SERVERS", "redis")
    run_tests(MISSING + USES, "--mic-require=").assert_outcomes(skipped=1)


@pytest.mark.parametrize("how", ["option", "variable"])
def test_an_unknown_name_is_a_usage_error(
    how: str, run_tests: RunTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "variable":
        monkeypatch.setenv("MIC_REQUIRE_SERVERS", "redis,mistake")
        result = run_tests(USES)
        written = "MIC_REQUIRE_SERVERS=redis,mistake"
    else:
        result = run_tests(USES, "--mic-require=redis,mistake")
        written = "--mic-require=redis,mistake"
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{written}: no server is called mistake; there are all, redis*"])


def test_a_servers_log_is_part_of_a_failing_tests_report(run_tests: RunTests) -> None:
    source = """
import redis

def test_fails(redis_server):
    with redis.Redis.from_url(redis_server.url) as client:
        try:
            client.execute_command("DEBUG", "LOG", "what the test did")
        except redis.ResponseError:
            redis_server.restart()
    assert not "this"

def test_fails_later(redis_server): assert not "that"
def test_passes(redis_server): ...
"""
    result = run_tests(source)
    result.assert_outcomes(passed=1, failed=2)
    text = result.stdout.str()
    assert text.count("log of redis") == 1
    assert "Ready to accept connections" in text


def test_without_a_server_a_failing_test_has_no_log(run_tests: RunTests) -> None:
    result = run_tests("def test_x(): assert 0")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*log of*")


def test_a_server_that_a_test_left_killed_or_paused_serves_the_next(run_tests: RunTests) -> None:
    source = """
import pytest, redis

@pytest.fixture
def client(redis_server):
    client = redis.Redis.from_url(redis_server.url, socket_timeout=5)
    yield client
    assert client.ping()  # what fixtures tidy up finds its server again
    client.close()

@pytest.mark.parametrize("how", ["kill", "pause"])
def test_breaks(redis_server, client, how): getattr(redis_server, how)()

def test_works(client): assert client.ping()
"""
    run_tests(source).assert_outcomes(passed=3)


def test_a_server_that_does_not_come_back_fails_the_test_and_nothing_is_left_undone(
    run_tests: RunTests,
) -> None:
    source = """
import pytest

@pytest.fixture
def broken(redis_server):
    command = redis_server.control._launch.command
    right, command[0] = command[0], "/bin/false"
    yield
    command[0] = right

def test_breaks(redis_server, broken): redis_server.kill()
def test_next(redis_server): assert redis_server.pid
"""
    result = run_tests(source)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*redis ended with code 1 instead of starting*"])


def test_all_of_it_ends_with_the_session(run_tests: RunTests) -> None:
    source = """
def test_x(redis_server, mic_servers):
    folder, watchdog = mic_servers._session
    print("PIDS", redis_server.pid, watchdog.pid, folder)
"""
    result = run_tests(source, "-s")
    result.assert_outcomes(passed=1)
    match = re.search(r"PIDS (\d+) (\d+) (\S+)", result.stdout.str())
    assert match is not None
    assert wait_until_gone([int(match[1]), int(match[2])], 0)
    assert not Path(match[3]).exists()


TELLS = """
import os, pathlib, pytest, time

@pytest.mark.parametrize("turn", range(2))
def test_x(redis_server, mic_servers, turn):
    told = pathlib.Path({folder!r}) / f"told-{{os.getpid()}}"
    part = told.with_suffix(".part")
    folder, watchdog = mic_servers._session
    part.write_text(f"{{redis_server.pid}} {{watchdog.pid}} {{folder}}")
    part.rename(told)
    {then}
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """A pytest of its own, in a session of its own, whose tests tell of their servers."""
    runs: list[subprocess.Popen[bytes]] = []

    def start(then: str, *arguments: str) -> subprocess.Popen[bytes]:
        (tmp_path / "test_it.py").write_text(TELLS.format(folder=str(tmp_path), then=then))
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "test_it.py",
            # what the environment has besides takes seconds to load
            *("-p", "no:cacheprovider", "-p", "mic.testing.plugin", "-p", "xdist.plugin"),
        ]
        run = subprocess.Popen(
            [*command, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        runs.append(run)
        return run

    yield start
    for run in runs:
        run.kill()
        run.wait()


def _told(folder: Path, count: int = 1) -> tuple[list[int], list[Path]]:
    """Processes and folders of the servers, once so many test processes have told of them."""
    files = eventually(
        lambda: found if len(found := list(folder.glob("told-*[0-9]"))) == count else [], within=60
    )
    words = [file.read_text().split() for file in files]
    return [int(pid) for each in words for pid in each[:2]], [Path(each[2]) for each in words]


def _gone(pids: list[int], folders: list[Path]) -> bool:
    return wait_until_gone(pids, 15) and not any(folder.exists() for folder in folders)


def test_two_workers_have_servers_of_their_own(
    session: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    # both workers run a test, as neither is let go before both have told
    run = session(
        "while len(list(told.parent.glob('told-*[0-9]'))) < 2: time.sleep(0.01)", "-n", "2"
    )
    pids, folders = _told(tmp_path, 2)
    assert len(set(pids)) == 4
    assert run.wait(60) == 0
    assert _gone(pids, folders)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_pytest_ends_no_server_survives_it(
    number: signal.Signals, session: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    run = session("time.sleep(100)")
    pids, folders = _told(tmp_path)
    assert all(is_running(pid) for pid in pids)
    os.killpg(run.pid, number)
    run.wait(60)
    assert _gone(pids, folders)


def test_a_killed_worker_takes_its_servers_with_it(
    session: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    run = session("time.sleep(100)", "-n", "2", "--max-worker-restart=0")
    pids, folders = _told(tmp_path, 2)
    for file in tmp_path.glob("told-*[0-9]"):
        os.kill(int(file.name.partition("-")[2]), signal.SIGKILL)
    assert _gone(pids, folders)
    assert run.wait(60) == 1


def test_a_project_that_uses_no_server_loads_nothing_of_it(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile("""
        import sys

        def test_x():
            assert not [name for name in sys.modules if name.startswith("mic.testing.servers")]
        """)
    # what the environment has besides takes seconds to load
    alone = ("-p", "no:valkey", "-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cov")
    pytester.runpytest_subprocess(*alone).assert_outcomes(passed=1)
