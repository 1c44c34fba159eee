from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mic.testing import ProcessHarness, eventually
from mic.testing.servers._processes import is_running, wait_until_gone

WORK = """
import sys
from mic.testing.worker import point, say
print("working", flush=True)
for turn in range(3):
    say(["began", turn, *sys.argv[1:]])
    point("half")
say("ended")
"""
WAITS = """
import os, subprocess, time
from mic.testing.worker import say
child = subprocess.Popen(["sleep", "100"])
say(child.pid)
time.sleep(100)
"""


@pytest.fixture
def harness() -> Iterator[ProcessHarness]:
    with ProcessHarness() as made:
        yield made


def test_a_worker_is_killed_at_its_point_and_another_ends(harness: ProcessHarness) -> None:
    killed = harness.start(WORK, "x", kill_at="half#2")
    assert killed.wait() == -signal.SIGKILL
    assert killed.said == [["began", 0, "x"], ["began", 1, "x"]]
    assert killed.output == "working\n"
    ended = harness.start(WORK)
    assert ended.wait() == 0
    assert ended.said[-1] == "ended"
    assert harness.said == killed.said + ended.said


def test_a_file_is_a_program_too(harness: ProcessHarness, tmp_path: Path) -> None:
    program = tmp_path / "work.py"
    program.write_text("import os\nprint(os.environ['COLOUR'])")
    worker = harness.start(program, environment={"COLOUR": "red"})
    assert worker.wait() == 0
    assert (worker.output, worker.said) == ("red\n", [])


def test_a_worker_is_killed_with_its_children(harness: ProcessHarness) -> None:
    worker = harness.start(WAITS)
    [child] = eventually(lambda: worker.said, within=30)
    worker.kill()
    worker.kill()
    assert not worker.is_running
    assert wait_until_gone([worker.pid, child], 0)
    assert worker.wait() == -signal.SIGKILL


def test_a_worker_is_paused_and_goes_on(harness: ProcessHarness) -> None:
    source = """
import time
from mic.testing.worker import say
for turn in range(1000):
    say(turn)
    time.sleep(0.01)
"""
    worker = harness.start(source)
    worker.wait_until_said(3)
    worker.pause()
    count = eventually(lambda: before if (before := len(worker.said)) == len(worker.said) else 0)
    with pytest.raises(AssertionError, match=r"worker \d+ still runs after 0\.1 s"):
        worker.wait(within=0.1)
    assert len(worker.said) <= count + 1
    worker.resume()
    worker.wait_until_said(count + 5)
    worker.kill()
    worker.pause()
    worker.resume()


def test_a_worker_that_ends_without_saying_it_is_told(harness: ProcessHarness) -> None:
    worker = harness.start("print('I forgot')")
    with pytest.raises(
        AssertionError, match=r"(?s)did not say 'done' but \[\]; it printed:\nI forgot"
    ):
        worker.wait_until_said("done")


def test_a_worker_that_does_not_say_it_in_time_is_told(harness: ProcessHarness) -> None:
    worker = harness.start(WAITS)
    with pytest.raises(AssertionError, match="did not say 'done' but"):
        worker.wait_until_said("done", within=0.05)


def test_whoever_still_runs_is_killed_at_the_end() -> None:
    with ProcessHarness() as harness:
        worker = harness.start(WAITS)
        [child] = eventually(lambda: worker.said, within=30)
    assert wait_until_gone([worker.pid, child], 0)


def test_no_worker_survives_a_killed_test_process() -> None:
    source = f"""
import time
from mic.testing import ProcessHarness, eventually
harness = ProcessHarness()
worker = harness.start({WAITS!r})
[child] = eventually(lambda: worker.said, within=30)
print(worker.pid, child, flush=True)
time.sleep(100)
"""
    with subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        pids = [int(word) for word in owner.stdout.readline().split()]
        assert len(pids) == 2
        assert all(is_running(pid) for pid in pids)
        os.kill(owner.pid, signal.SIGKILL)
    assert wait_until_gone(pids, 10)
