"""Twins on disk: written, compared, refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.unasync.__main__ import main
from tools.unasync.twins import check_twins, plan_twins, write_twins
from tools.workspace import Workspace

PAIRS = """
[project]
name = "mic-a"
[tool.mic.unasync]
pairs = [["src/mic/a/_async", "src/mic/a/_sync"], ["tests/test_async_x.py", "tests/test_x.py"]]
[tool.mic.unasync.names]
"make" = "build"
"""
SOURCE = """
from collections.abc import AsyncIterator, Awaitable, Iterator
from asyncio import sleep

async def make(x:Awaitable[int]) -> AsyncIterator[int]:
    yield await x
def other() -> Iterator[int]: ...
"""
TWIN = """# Generated from _async/x.py by "make unasync"; edit that file.
from collections.abc import Iterator


def build(x: int) -> Iterator[int]:
    yield x


def other() -> Iterator[int]: ...
"""


@pytest.fixture
def paired(tree: Any) -> Any:
    tree.write("packages/mic-a/pyproject.toml", PAIRS)
    tree.write("packages/mic-a/src/mic/a/_async/x.py", SOURCE)
    tree.write("packages/mic-a/src/mic/a/_async/deep/y.py", "class AsyncY: ...\n")
    tree.write("packages/mic-a/tests/test_async_x.py", "async def test_x() -> None: ...\n")
    return tree


def _write(tree: Any) -> list[str]:
    workspace: Workspace = tree.load()
    changed = write_twins(plan_twins(workspace), root=tree.root)
    return [path.relative_to(tree.root / "packages/mic-a").as_posix() for path in changed]


def _stale(tree: Any) -> list[str]:
    return [path.name for path in check_twins(plan_twins(tree.load()), root=tree.root)]


def test_folders_and_files_are_written_formatted_and_without_idle_imports(paired: Any) -> None:
    assert _write(paired) == [
        "src/mic/a/_sync/deep/y.py",
        "src/mic/a/_sync/x.py",
        "tests/test_x.py",
    ]
    assert paired.read("packages/mic-a/src/mic/a/_sync/x.py") == TWIN
    assert _write(paired) == []
    assert _stale(paired) == []


def test_a_changed_source_and_an_edited_twin_are_both_stale(paired: Any) -> None:
    assert _stale(paired) == ["y.py", "x.py", "test_x.py"]
    _write(paired)
    paired.write("packages/mic-a/src/mic/a/_async/deep/y.py", "class AsyncZ: ...\n")
    paired.write("packages/mic-a/src/mic/a/_sync/x.py", TWIN + "x = 1\n")
    assert _stale(paired) == ["y.py", "x.py"]


def test_a_twin_whose_source_is_gone_goes_and_a_file_of_ones_own_stays(paired: Any) -> None:
    _write(paired)
    mine = paired.write("packages/mic-a/src/mic/a/_sync/mine.py", "x = 1\n")
    (paired.root / "packages/mic-a/src/mic/a/_async/deep/y.py").unlink()
    assert _stale(paired) == ["y.py"]
    assert _write(paired) == ["src/mic/a/_sync/deep/y.py"]
    assert mine.exists()


def test_a_hand_written_file_is_never_overwritten(paired: Any) -> None:
    paired.write("packages/mic-a/tests/test_x.py", "x = 1\n")
    with pytest.raises(ValueError, match=r"test_x\.py: is written by hand"):
        plan_twins(paired.load())


def test_two_pairs_for_one_twin_are_refused(paired: Any) -> None:
    paired.write("packages/mic-b/pyproject.toml", PAIRS.replace("mic-a", "mic-b"))
    paired.write(
        "packages/mic-a/pyproject.toml",
        '[tool.mic.unasync]\npairs = [["tests/test_async_x.py", "t.py"], '
        '["tests/test_async_x.py", "t.py"]]',
    )
    with pytest.raises(ValueError, match=r"t\.py: two pairs make this file"):
        plan_twins(paired.load(), ["mic-a"])


def test_a_missing_source_a_bad_source_and_an_unknown_name_are_refused(paired: Any) -> None:
    paired.write("packages/mic-a/tests/test_async_x.py", "async def\n")
    with pytest.raises(ValueError, match=r"test_async_x\.py: cannot be rewritten: invalid syntax"):
        plan_twins(paired.load())
    (paired.root / "packages/mic-a/tests/test_async_x.py").unlink()
    with pytest.raises(ValueError, match=r"test_async_x\.py: a pair names this source"):
        plan_twins(paired.load())
    with pytest.raises(ValueError, match="no such distribution: mic-z"):
        plan_twins(paired.load(), ["mic-z"])


def test_the_command_writes_compares_and_refuses(
    paired: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.unasync.__main__.load_workspace", paired.load)
    assert main(["--check"]) == 1
    assert "x.py: differs from its source; run `make unasync`" in capsys.readouterr().out
    assert main([]) == 0
    assert "wrote packages/mic-a/src/mic/a/_sync/x.py" in capsys.readouterr().out
    assert main(["--check", "mic-a"]) == 0
    assert capsys.readouterr().out == "3 of 3 twins are up to date\n"
    assert main(["mic-z"]) == 2
    assert "no such distribution: mic-z" in capsys.readouterr().err


def test_the_twins_of_this_repository_are_up_to_date(repository: Workspace) -> None:
    twins = plan_twins(repository)
    assert check_twins(twins, root=repository.root) == list[Path]()
