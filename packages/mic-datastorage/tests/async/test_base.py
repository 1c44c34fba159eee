"""The lifecycle of a storage that implements nothing but what it must."""

from typing import Any

import pytest

from mic.datastorage import AsyncDataStorage
from mic.model import TransientError


class AsyncLeast(AsyncDataStorage):
    """A backend as others write them: it does not even call `__init__`."""

    def __init__(self, *, healthy: bool = True) -> None:
        self.healthy = healthy
        self.asked = 0

    async def check_health(self) -> bool:
        self.asked += 1
        return self.healthy


def test_check_health_is_the_only_duty() -> None:
    with pytest.raises(TypeError, match="check_health"):
        AsyncDataStorage()  # type: ignore[abstract]  # a caller's mistake


async def test_health_asks_check_health() -> None:
    assert (await AsyncLeast().health()).healthy
    report = await AsyncLeast(healthy=False).health(timeout_seconds=1)
    assert (report.healthy, report.reason) == (False, "refused")


async def test_a_change_of_health_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    storage = AsyncLeast(healthy=False)
    for _ in range(3):
        await storage.health()
    assert [record.message for record in caplog.records] == ["AsyncLeast is not healthy: refused"]


async def test_prepare_needs_a_healthy_storage() -> None:
    await AsyncLeast().prepare()
    with pytest.raises(TransientError, match="unavailable") as caught:
        await AsyncLeast(healthy=False).prepare()
    assert caught.value.code == "transient.storage_unavailable"


async def test_a_disposed_storage_is_not_asked() -> None:
    storage = AsyncLeast()
    await storage.aclose()
    assert (await storage.health()).reason == "disposed"
    assert storage.asked == 0
    with pytest.raises(RuntimeError, match="AsyncLeast is disposed"):
        storage.session()


async def test_the_session_is_the_storage_itself() -> None:
    storage = AsyncLeast()
    async with storage.session() as session:
        same: Any = session
        assert same is storage


async def test_the_block_gives_the_storage_with_its_type() -> None:
    async with AsyncLeast() as storage:
        assert storage.asked == 0
    assert storage.disposed
