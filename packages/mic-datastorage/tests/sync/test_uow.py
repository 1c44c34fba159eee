# Generated from async/test_uow.py by "make unasync"; edit that file.
"""The end of a unit of work, on a driver that fails where a test wants."""

from typing import Any

import pytest

from mic.datastorage import (
    CommitUnknownError,
    Repository,
    TransactionalDataStorage,
    UnitOfWork,
)
from mic.datastorage.repository import RepositoryOptions
from mic.datastorage.uow import UnitOptions


class DriverError(Exception):
    """What a driver raises."""


class ScriptedUnit(UnitOfWork):
    """Notes each step, and raises what its storage's script has for it."""

    def __init__(self, storage: "ScriptedStorage", options: UnitOptions) -> None:
        super().__init__(options)
        self.storage = storage

    @property
    def session(self) -> Any:
        return self

    def _repository(self, record_type: type[Any], options: RepositoryOptions) -> Repository[Any]:
        raise NotImplementedError

    def _step(self, name: str) -> None:
        self.storage.steps.append(name)
        if name in self.storage.script:
            raise self.storage.script[name]

    def _begin(self) -> None:
        self._step("begin")

    def _flush(self) -> None:
        self._step("flush")

    def _commit(self) -> None:
        self._step("commit")

    def _rollback(self) -> None:
        self._step("rollback")

    def _release(self) -> None:
        self._step("release")

    def _set_savepoint(self) -> str:
        self._step("savepoint")
        return "mark"

    def _release_savepoint(self, mark: str) -> None:
        self._step(f"release {mark}")

    def _rollback_to(self, mark: str) -> None:
        self._step(f"rollback to {mark}")

    def _translated(self, error: BaseException) -> BaseException:
        return LookupError("translated") if isinstance(error, DriverError) else error


class ScriptedStorage(TransactionalDataStorage):
    def __init__(self, **script: BaseException) -> None:
        self.script = {name.replace("_", " "): error for name, error in script.items()}
        self.steps: list[str] = []
        self.hooks: list[str] = []
        self.unit: UnitOfWork | None = None

    def check_health(self) -> bool:
        return True

    def _new_unit(self, options: UnitOptions) -> UnitOfWork:
        return ScriptedUnit(self, options)

    def _known_fields(self, record_type: type[Any], options: RepositoryOptions) -> None:
        return None

    def work(self, *errors: BaseException) -> None:
        with self.unit_of_work() as unit:
            self.unit = unit
            unit.after_commit(lambda: self.hooks.append("committed"))
            unit.after_rollback(lambda: self.hooks.append("rolled back"))
            for error in errors:
                raise error

    def outcome(self) -> tuple[str, list[str], list[str]]:
        assert self.unit is not None
        return self.unit.state, self.steps, self.hooks


def test_a_clean_end() -> None:
    storage = ScriptedStorage()
    storage.work()
    steps = ["begin", "flush", "commit", "release"]
    assert storage.outcome() == ("committed", steps, ["committed"])


def test_a_failing_begin_gives_back_and_is_translated() -> None:
    storage = ScriptedStorage(begin=DriverError("x"))
    with pytest.raises(LookupError, match="translated") as caught:
        storage.work()
    assert isinstance(caught.value.__cause__, DriverError)
    assert storage.steps == ["begin", "release"]
    untranslated = ScriptedStorage(begin=OSError("of the driver"))
    with pytest.raises(OSError, match="of the driver"):
        untranslated.work()


def test_a_failing_flush_rolls_back() -> None:
    storage = ScriptedStorage(flush=DriverError("x"))
    with pytest.raises(LookupError, match="translated"):
        storage.work()
    steps = ["begin", "flush", "rollback", "release"]
    assert storage.outcome() == ("rolled_back", steps, ["rolled back"])


def test_a_failing_commit_rolls_back() -> None:
    storage = ScriptedStorage(commit=LookupError("of the driver"))
    with pytest.raises(LookupError, match="of the driver"):
        storage.work()
    steps = ["begin", "flush", "commit", "rollback", "release"]
    assert storage.outcome() == ("rolled_back", steps, ["rolled back"])


def test_a_commit_that_is_not_known_runs_no_hook() -> None:
    storage = ScriptedStorage(commit=CommitUnknownError())
    with pytest.raises(CommitUnknownError, match="not known"):
        storage.work()
    assert storage.outcome() == ("unknown", ["begin", "flush", "commit", "release"], [])


def test_an_interrupted_commit_is_not_known() -> None:
    storage = ScriptedStorage(commit=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        storage.work()
    assert storage.outcome()[0] == "unknown"


def test_a_failing_rollback_hides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    storage = ScriptedStorage(rollback=DriverError("x"), release=DriverError("y"))
    with pytest.raises(LookupError, match="of the caller"):
        storage.work(LookupError("of the caller"))
    assert storage.outcome()[0] == "rolled_back"
    assert storage.hooks == ["rolled back"]
    assert [record.message for record in caplog.records] == [
        "a unit of work could not be rolled back cleanly",
        "a unit of work could not give its connection back",
    ]


def test_an_exception_of_the_engine_is_translated_at_the_end() -> None:
    storage = ScriptedStorage()
    with pytest.raises(LookupError, match="translated") as caught:
        storage.work(DriverError("x"))
    assert isinstance(caught.value.__cause__, DriverError)
    assert storage.outcome()[0] == "rolled_back"


def test_a_savepoint_that_cannot_be_undone_dooms_the_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    storage = ScriptedStorage(rollback_to_mark=DriverError("x"))

    def fail(unit: UnitOfWork) -> None:
        with unit.savepoint():
            raise LookupError("of the block")

    with storage.unit_of_work() as unit:
        with pytest.raises(LookupError, match="of the block"):
            fail(unit)
        with pytest.raises(RuntimeError, match="rolled back"):
            unit.flush()
    assert unit.state == "rolled_back"
    assert [record.message for record in caplog.records] == ["a savepoint could not be rolled back"]


def test_a_savepoint_is_released_or_undone() -> None:
    storage = ScriptedStorage()
    with storage.unit_of_work() as unit:
        with unit.savepoint():
            pass
        with unit.savepoint():
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


def test_a_joined_block_of_a_finished_owner() -> None:
    storage = ScriptedStorage()
    entering = storage.unit_of_work()
    unit = entering.__enter__()
    joined = storage.unit_of_work(join=unit)
    assert joined.__enter__() is unit
    entering.__exit__(None, None, None)
    joined.__exit__(LookupError, LookupError("x"), None)
    assert unit.state == "committed"


def test_a_unit_of_another_storage_cannot_be_joined() -> None:
    storage = ScriptedStorage()
    unit = storage.unit_of_work().__enter__()
    with pytest.raises(ValueError, match="another storage"):
        ScriptedStorage().unit_of_work(join=unit)
