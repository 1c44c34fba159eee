from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mic.testing.servers._folders import ROOM_BYTES, new_session_folder, remove_folder

Told = Callable[..., None]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Have every file system say this much of itself."""

    def tell(*, room: int = ROOM_BYTES, flags: int = 0) -> None:
        numbers = [4096, 4096, 0, 0, room // 4096, 0, 0, 0, flags, 255]
        monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(numbers))

    return tell


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `tempfile` puts things."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "disk"))
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    (tmp_path / "memory").mkdir()
    return tmp_path / "memory"


def test_it_is_in_memory_and_may_be_passed_through(told: Told, disk: Path, memory: Path) -> None:
    told()
    folder = new_session_folder({"TMPDIR": ""}, memory=memory)
    assert folder.parent == memory
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711


@pytest.mark.parametrize("name", ["TMPDIR", "TEMP", "TMP"])
def test_who_chose_a_place_is_heard(told: Told, disk: Path, memory: Path, name: str) -> None:
    told()
    assert new_session_folder({name: "/somewhere"}, memory=memory).parent == disk


def test_too_little_room_is_not_used(told: Told, disk: Path, memory: Path) -> None:
    told(room=ROOM_BYTES - 4096)
    assert new_session_folder({}, memory=memory).parent == disk


def test_where_nothing_may_be_run_is_not_used(told: Told, disk: Path, memory: Path) -> None:
    told(flags=os.ST_NOEXEC)
    assert new_session_folder({}, memory=memory).parent == disk


def test_where_we_may_not_write_is_not_used(
    told: Told, disk: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told()
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (memory, 3))
    assert new_session_folder({}, memory=memory).parent == disk


def test_a_machine_without_it_uses_its_disk(disk: Path, tmp_path: Path) -> None:
    assert new_session_folder({}, memory=tmp_path / "none").parent == disk


def test_a_folder_goes_although_somebody_still_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    did: list[str] = []
    remove = shutil.rmtree

    def busy(path: Path, *, ignore_errors: bool) -> None:
        did.append("remove")
        remove(path, ignore_errors=ignore_errors)
        if did.count("remove") < 3:
            path.mkdir()

    monkeypatch.setattr(shutil, "rmtree", busy)
    assert remove_folder(folder, first=lambda: did.append("first"))
    assert did == ["first", "remove"] * 3
    assert not folder.exists()


def test_a_folder_that_does_not_go_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "rmtree", lambda path, *, ignore_errors: None)
    assert not remove_folder(tmp_path, within=0.1)


def test_one_that_is_gone_is_gone(tmp_path: Path) -> None:
    assert remove_folder(tmp_path / "gone")
