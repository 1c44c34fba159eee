"""The end of a unit of work, on a driver that fails where a test wants."""

from typing import Any

import pytest

from mic.datastorage import (
    AsyncRepository,
    AsyncTransactionalDataStorage,
    AsyncUnitOfWork,
    CommitUnknownError,
)
from mic.datastorage.repository import RepositoryOptions
from mic.datastorage.uow import UnitOptions


class DriverError(Exception):
    """What a driver raises."""


class AsyncScriptedUnit(AsyncUnitOfWork):
    """Notes each step, and raises what its storage's script has for it."""

    def __init__(self, storage: "AsyncScriptedStorage", options: UnitOptions) -> None:
        super().__init__(options)
        self.storage = storage

    @property
    def session(self) -> Any:
        return self

    def _repository(
        self, record_type: type[Any], options: RepositoryOptions
    ) -> AsyncRepository[Any]:
        raise NotImplementedError

    async def _step(self, name: str) -> None:
        self.storage.steps.append(name)
        if name in self.storage.script:
            raise self.storage.script[name]

    async def _begin(self) -> None:
        await self._step("begin")

    async def _flush(self) -> None:
        await self._step("flush")

    async def _commit(self) -> None:
        await self._step("commit")

    async def _rollback(self) -> None:
        await self._step("rollback")

    async def _release(self) -> None:
        await self._step("release")

    async def _set_savepoint(self) -> str:
        await self._step("savepoint")
        return "mark"

    async def _release_savepoint(self, mark: str) -> None:
        await self._step(f"release {mark}")

    async def _rollback_to(self, mark: str) -> None:
        await self._step(f"rollback to {mark}")

    def _translated(self, error: BaseException) -> BaseException:
        return LookupError("translated") if isinstance(error, DriverError) else error


class AsyncScriptedStorage(AsyncTransactionalDataStorage):
    def __init__(self, **script: BaseException) -> None:
        self.script = {name.replace("_", " "): error for name, error in script.items()}
        self.steps: list[str] = []
        self.hooks: list[str] = []
        self.unit: AsyncUnitOfWork | None = None

    async def check_health(self) -> bool:
        return True

    def _new_unit(self, options: UnitOptions) -> AsyncUnitOfWork:
        return AsyncScriptedUnit(self, options)

    def _known_fields(self, record_type: type[Any], options: RepositoryOptions) -> None:
        return None

    async def work(self, *errors: BaseException) -> None:
        async with self.unit_of_work() as unit:
            self.unit = unit
            unit.after_commit(lambda: self.hooks.append("committed"))
            unit.after_rollback(lambda: self.hooks.append("rolled back"))
            for error in errors:
                raise error

    def outcome(self) -> tuple[str, list[str], list[str]]:
        assert self.unit is not None
        return self.unit.state, self.steps, self.hooks


async def test_a_clean_end() -> None:
    storage = AsyncScriptedStorage()
    await storage.work()
    steps = ["begin", "flush", "commit", "release"]
    assert storage.outcome() == ("committed", steps, ["committed"])


async def test_a_failing_begin_gives_back_and_is_translated() -> None:
    storage = AsyncScriptedStorage(begin=DriverError("x"))
    with pytest.raises(LookupError, match="translated") as caught:
        await storage.work()
    assert isinstance(caught.value.__cause__, DriverError)
    assert storage.steps == ["begin", "release"]
    untranslated = AsyncScriptedStorage(begin=OSError("of the driver"))
    with pytest.raises(OSError, match="of the driver"):
        await untranslated.work()


async def test_a_failing_flush_rolls_back() -> None:
    storage = AsyncScriptedStorage(flush=DriverError("x"))
    with pytest.raises(LookupError, match="translated"):
        await storage.work()
    steps = ["begin", "flush", "rollback", "release"]
    assert storage.outcome() == ("rolled_back", steps, ["rolled back"])


async def test_a_failing_commit_rolls_back() -> None:
    storage = AsyncScriptedStorage(commit=LookupError("of the driver"))
    with pytest.raises(LookupError, match="of the driver"):
        await storage.work()
    steps = ["begin", "flush", "commit", "rollback", "release"]
    assert storage.outcome() == ("rolled_back", steps, ["rolled back"])


async def test_a_commit_that_is_not_known_runs_no_hook() -> None:
    storage = AsyncScriptedStorage(commit=CommitUnknownError())
    with pytest.raises(CommitUnknownError, match="not known"):
        await storage.work()
    assert storage.outcome() == ("unknown", ["begin", "flush", "commit", "release"], [])


async def test_an_interrupted_commit_is_not_known() -> None:
    storage = AsyncScriptedStorage(commit=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        await storage.work()
    assert storage.outcome()[0] == "unknown"


async def test_a_failing_rollback_hides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    storage = AsyncScriptedStorage(rollback=DriverError("x"), release=DriverError("y"))
    with pytest.raises(LookupError, match="of the caller"):
        await storage.work(LookupError("of the caller"))
    assert storage.outcome()[0] == "rolled_back"
    assert storage.hooks == ["rolled back"]
    assert [record.message for record in caplog.records] == [
        "a unit of work could not be rolled back cleanly",
        "a unit of work could not give its connection back",
    ]


async def test_an_exception_of_the_engine_is_translated_at_the_end() -> None:
    storage = AsyncScriptedStorage()
    with pytest.raises(LookupError, match="translated") as caught:
        await storage.work(DriverError("x"))
    assert isinstance(caught.value.__cause__, DriverError)
    assert storage.outcome()[0] == "rolled_back"


async def test_a_savepoint_that_cannot_be_undone_dooms_the_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    storage = AsyncScriptedStorage(rollback_to_mark=DriverError("x"))

    async def fail(unit: AsyncUnitOfWork) -> None:
        async with unit.savepoint():
            raise LookupError("of the block")

    async with storage.unit_of_work() as unit:
        with pytest.raises(LookupError, match="of the block"):
            await fail(unit)
        with pytest.raises(RuntimeError, match="rolled back"):
            await unit.flush()
    assert unit.state == "rolled_back"
    assert [record.message for record in caplog.records] == ["a savepoint could not be rolled back"]


async def test_a_savepoint_is_released_or_undone() -> None:
    storage = AsyncScriptedStorage()
    async with storage.unit_of_work() as unit:
        async with unit.savepoint():
            pass
        async with unit.savepoint():
            unit._book.fail()
    assert storage.steps == [
        "begin",
        "savepoint",
        "release mark",
        "savepoint",
        "rollback to mark",
        "flush",
        "commit",
        "release",
    ]


async def test_a_joined_block_of_a_finished_owner() -> None:
    storage = AsyncScriptedStorage()
    entering = storage.unit_of_work()
    unit = await entering.__aenter__()
    joined = storage.unit_of_work(join=unit)
    assert await joined.__aenter__() is unit
    await entering.__aexit__(None, None, None)
    await joined.__aexit__(LookupError, LookupError("x"), None)
    assert unit.state == "committed"


async def test_a_unit_of_another_storage_cannot_be_joined() -> None:
    storage = AsyncScriptedStorage()
    unit = await storage.unit_of_work().__aenter__()
    with pytest.raises(ValueError, match="another storage"):
        AsyncScriptedStorage().unit_of_work(join=unit)
