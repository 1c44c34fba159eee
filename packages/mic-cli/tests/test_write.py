"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mic.cli._failures import CliError
from mic.cli._write import write_whole


def test_a_new_file_and_one_that_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    write_whole(str(file), b"one")
    assert file.read_bytes() == b"one"
    file.chmod(0o640)
    write_whole(str(file), b"two")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o640)
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    file = tmp_path / "there" / "real"
    file.write_bytes(b"one")
    link = tmp_path / "link"
    link.symlink_to(file)
    write_whole(str(link), b"two")
    assert link.is_symlink()
    assert file.read_bytes() == b"two"


def test_what_is_no_file_is_left_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(CliError, match=r"pipe is something else than a file$"):
        write_whole(str(pipe), b"x")
    assert pipe.is_fifo()


@pytest.mark.parametrize("path", ["missing/out", ".", "a\0b", "x" * 300])
def test_a_place_that_cannot_be(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CliError, match=r"cannot be written|something else than a file"):
        write_whole(path, b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out"
    file.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "secret")

    monkeypatch.setattr(os if name == "fsync" else Path, name, fail)
    with pytest.raises(CliError, match=r"out cannot be written: No space left on device$") as found:
        write_whole(str(file), b"new")
    monkeypatch.undo()
    assert found.value.exit_code == 1
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"old", [file])
