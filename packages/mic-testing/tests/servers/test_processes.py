from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic.testing import eventually
from mic.testing.servers import _processes
from mic.testing.servers._processes import (
    carrying,
    descendants,
    is_running,
    same_imports,
    signal_one,
    signal_tree,
    started_at,
    wait_until_gone,
    wait_until_stopped,
)

TREE = """
import subprocess, sys
inner = '''
import subprocess
child = subprocess.Popen(['sleep', '100'])
print(child.pid, flush=True)
child.wait()
'''
child = subprocess.Popen([sys.executable, "-c", inner], stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline(), flush=True)
child.wait()
"""

NOBODY = 2**22 + 1  # above what Linux gives
StartChild = Callable[..., Any]


@pytest.fixture(params=["proc", "ps"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to ask; without /proc it is `ps`."""
    if request.param == "ps":
        monkeypatch.setattr(_processes, "PROC", Path("/nowhere"))
    return str(request.param)


def _tree(start_child: StartChild) -> tuple[int, int, int]:
    root = start_child(TREE)
    child, grandchild = map(int, root.first_line.split())
    return root.pid, child, grandchild


def test_descendants_are_found_however_deep(start_child: StartChild, system: str) -> None:
    root, child, grandchild = _tree(start_child)
    assert descendants(root) == [child, grandchild]
    assert descendants(grandchild) == []
    assert {root, child, grandchild} <= set(descendants(os.getpid()))


def test_a_tree_is_killed_to_its_last_leaf(start_child: StartChild, system: str) -> None:
    pids = _tree(start_child)
    assert set(signal_tree(pids[0], signal.SIGKILL)) == set(pids)
    assert wait_until_gone(pids, 5)
    assert not any(is_running(pid) for pid in pids)


def test_a_tree_is_stopped_and_goes_on(start_child: StartChild) -> None:
    pids = _tree(start_child)
    assert not wait_until_stopped(pids, 0.05)
    assert wait_until_stopped(signal_tree(pids[0], signal.SIGSTOP), 5)
    states = [_processes._look(pid)[1] for pid in pids]
    assert states == ["T", "T", "T"]
    signal_tree(pids[0], signal.SIGCONT)
    eventually(lambda: all(_processes._look(pid)[1] == "S" for pid in pids))


def test_waiting_ends_with_its_time(start_child: StartChild, system: str) -> None:
    root, *_ = _tree(start_child)
    assert wait_until_gone([root], 0.05) is False
    assert is_running(root)


def test_an_ended_child_that_was_not_reaped_does_not_run(
    start_child: StartChild, system: str
) -> None:
    child = start_child("print('up', flush=True)")
    assert wait_until_gone([child.pid], 5)
    assert child.returncode is None


def test_a_process_that_is_not_there_is_nobody(system: str) -> None:
    assert not is_running(NOBODY)
    assert started_at(NOBODY) == ""
    signal_one(NOBODY, signal.SIGKILL)
    assert wait_until_gone([NOBODY], 0)


def test_two_processes_of_one_number_are_told_apart(start_child: StartChild, system: str) -> None:
    child = start_child("print('up', flush=True); input()", stdin=subprocess.PIPE)
    began = started_at(child.pid)
    assert began == started_at(child.pid) != ""
    assert sys.executable  # this process began before
    assert began != started_at(os.getppid())


def test_a_process_is_found_by_its_environment(start_child: StartChild) -> None:
    child = start_child(
        "print('up', flush=True); input()",
        stdin=subprocess.PIPE,
        env={**os.environ, "MIC_TEST_MARK": "a b"},
    )
    assert carrying("MIC_TEST_MARK=a b") == [child.pid]
    assert carrying("MIC_TEST_MARK=a") == []


def test_a_python_elsewhere_can_import_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "relative", "/whole"])
    assert same_imports() == {"PYTHONPATH": f"{tmp_path}/relative:/whole"}


def test_a_name_with_brackets_and_spaces_is_no_riddle(
    start_child: StartChild, tmp_path: Path
) -> None:
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "100"]) as child:
        try:
            assert eventually(lambda: _processes._look(child.pid)[0] == os.getpid())
        finally:
            child.kill()
