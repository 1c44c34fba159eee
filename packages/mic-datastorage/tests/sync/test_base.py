# Generated from async/test_base.py by "make unasync"; edit that file.
"""The lifecycle of a storage that implements nothing but what it must."""

from typing import Any

import pytest

from mic.datastorage import DataStorage
from mic.model import TransientError


class Least(DataStorage):
    """A backend as others write them: it does not even call `__init__`."""

    def __init__(self, *, healthy: bool = True) -> None:
        self.healthy = healthy
        self.asked = 0

    def check_health(self) -> bool:
        self.asked += 1
        return self.healthy


def test_check_health_is_the_only_duty() -> None:
    with pytest.raises(TypeError, match="check_health"):
        DataStorage()  # type: ignore[abstract]  # a caller's mistake


def test_health_asks_check_health() -> None:
    assert (Least().health()).healthy
    report = Least(healthy=False).health(timeout_seconds=1)
    assert (report.healthy, report.reason) == (False, "refused")


def test_a_change_of_health_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    storage = Least(healthy=False)
    for _ in range(3):
        storage.health()
    assert [record.message for record in caplog.records] == ["Least is not healthy: refused"]


def test_prepare_needs_a_healthy_storage() -> None:
    Least().prepare()
    with pytest.raises(TransientError, match="unavailable") as caught:
        Least(healthy=False).prepare()
    assert caught.value.code == "transient.storage_unavailable"


def test_a_disposed_storage_is_not_asked() -> None:
    storage = Least()
    storage.close()
    assert (storage.health()).reason == "disposed"
    assert storage.asked == 0
    with pytest.raises(RuntimeError, match="Least is disposed"):
        storage.session()


def test_the_session_is_the_storage_itself() -> None:
    storage = Least()
    with storage.session() as session:
        same: Any = session
        assert same is storage


def test_the_block_gives_the_storage_with_its_type() -> None:
    with Least() as storage:
        assert storage.asked == 0
    assert storage.disposed
