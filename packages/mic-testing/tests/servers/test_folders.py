from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mic.testing.servers._folders import ROOM_BYTES, new_session_folder

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
