# Generated from contracts/test_async_datastorage.py by "make unasync"; edit that file.
"""The storage suites pass a good backend, and catch one that breaks a clause."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mic.datastorage import (
    HealthReport,
    InMemoryKeyValueDataStorage,
    InMemoryRelationalDataStorage,
)
from mic.testing import ManualClock
from mic.testing.contracts.datastorage import (
    ContractRecord,
    DataStorageContract,
    KeyValueContract,
    UnitOfWorkContract,
)


class _Relational:
    @pytest.fixture
    def backend(self) -> Iterator[InMemoryRelationalDataStorage]:
        with InMemoryRelationalDataStorage() as storage:
            yield storage


class TestGoodLifecycle(_Relational, DataStorageContract):
    """A good backend."""


class TestGoodUnitOfWork(_Relational, UnitOfWorkContract):
    """A good backend."""


class TestGoodKeyValue(KeyValueContract):
    """A good backend."""

    @pytest.fixture
    def backend(self, clock: ManualClock) -> Iterator[InMemoryKeyValueDataStorage]:
        with InMemoryKeyValueDataStorage(time_fn=clock) as storage:
            yield storage


CAUGHT = (AssertionError, pytest.fail.Exception, ExceptionGroup)
Patch = pytest.MonkeyPatch


# --- lifecycle -----------------------------------------------------------------------------------


class AlwaysWell(InMemoryRelationalDataStorage):
    def check_health(self) -> bool:
        return True

    def health(self, *, timeout_seconds: float = 2.0) -> HealthReport:
        return HealthReport(healthy=True, latency_seconds=0)


class NeverWell(InMemoryRelationalDataStorage):
    def check_health(self) -> bool:
        return False


class PreparesOnce(InMemoryRelationalDataStorage):
    prepared = False

    def prepare(self) -> None:
        assert not self.prepared
        self.prepared = True


class PreparesTheDead(InMemoryRelationalDataStorage):
    def prepare(self) -> None:
        """Whatever the state."""


class DisposesOnce(InMemoryRelationalDataStorage):
    def dispose(self) -> None:
        assert not self.disposed
        super().dispose()


class NeverDisposes(InMemoryRelationalDataStorage):
    def dispose(self) -> None:
        """Goes on."""


@pytest.mark.parametrize(
    ("faulty", "test"),
    [
        (AlwaysWell, "dispose_may_be_repeated_and_is_final"),
        (NeverWell, "a_fresh_storage_is_healthy"),
        (NeverWell, "health_at_once_is_one_answer_each"),
        (PreparesOnce, "prepare_may_be_repeated"),
        (PreparesTheDead, "every_use_after_dispose_raises"),
        (DisposesOnce, "dispose_may_be_repeated_and_is_final"),
        (NeverDisposes, "the_block_of_a_storage_disposes_of_it"),
    ],
)
def test_a_faulty_lifecycle_is_caught(
    faulty: type[InMemoryRelationalDataStorage], test: str
) -> None:
    with pytest.raises(CAUGHT, match=r"."):
        getattr(DataStorageContract(), f"test_{test}")(faulty())


# --- units of work -------------------------------------------------------------------------------


def _nothing(*arguments: Any, **options: Any) -> None:
    """Do not do it."""


def _commits_on_rollback(unit: Any, patch: Patch) -> None:
    patch.setattr(unit, "_rollback", unit._commit)


def _loses_commits(unit: Any, patch: Patch) -> None:
    patch.setattr(unit, "_commit", _nothing)


def _keeps_savepoints(unit: Any, patch: Patch) -> None:
    patch.setattr(unit, "_rollback_to", _nothing)


def _writes_when_read_only(unit: Any, patch: Patch) -> None:
    checked = unit._check

    def unchecked(self: Any, *, writing: bool = False) -> Any:
        return checked(self, writing=False)

    patch.setattr(unit, "_check", unchecked)


def _goes_on_after_failures(unit: Any, patch: Patch) -> None:
    checked = unit._check

    def forgiving(self: Any, *, writing: bool = False) -> Any:
        self._book._failed_levels = [False for _ in self._book._failed_levels]
        return checked(self, writing=writing)

    patch.setattr(unit, "_check", forgiving)


def _forgets_hooks(unit: Any, patch: Patch) -> None:
    patch.setattr(unit, "before_commit", lambda self, hook: None)


def _swallows_hooks(unit: Any, patch: Patch) -> None:
    def swallowed(self: Any) -> None:
        return None

    patch.setattr(unit, "_obstacle_to_commit", swallowed)


def _is_used_for_ever(unit: Any, patch: Patch) -> None:
    patch.setattr(unit, "_check", lambda self, *, writing=False: self._transaction)


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        (_commits_on_rollback, "an_exception_undoes_everything_and_passes"),
        (_commits_on_rollback, "rollback_only_undoes_without_an_exception"),
        (_commits_on_rollback, "uncommitted_writes_are_invisible_to_others"),
        (_commits_on_rollback, "a_joined_block_that_raises_leaves_nothing_behind"),
        (_commits_on_rollback, "a_conflict_outside_of_a_savepoint_leaves_only_the_rollback"),
        (_commits_on_rollback, "a_hook_before_the_commit_may_decide_to_roll_back"),
        (_loses_commits, "all_writes_are_visible_together"),
        (_loses_commits, "joining_leaves_the_commit_to_the_owner"),
        (_loses_commits, "a_failing_hook_after_the_end_is_only_logged"),
        (_loses_commits, "a_transaction_gives_what_its_function_returned"),
        (_loses_commits, "transactions_that_collide_are_rerun_until_all_are_done"),
        (_keeps_savepoints, "a_savepoint_that_raises_is_undone_alone"),
        (_keeps_savepoints, "a_conflict_inside_a_savepoint_undoes_that_alone"),
        (_keeps_savepoints, "savepoints_nest"),
        (_writes_when_read_only, "a_read_only_unit_reads_and_writes_nothing"),
        (_goes_on_after_failures, "a_conflict_outside_of_a_savepoint_leaves_only_the_rollback"),
        (_forgets_hooks, "hooks_run_in_order_around_the_commit"),
        (_swallows_hooks, "a_failing_hook_before_the_commit_undoes_everything"),
        (_is_used_for_ever, "a_finished_unit_cannot_be_used"),
    ],
)
def test_a_faulty_unit_of_work_is_caught(
    fault: Callable[[Any, Patch], None],
    test: str,
    monkeypatch: Patch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    storage = InMemoryRelationalDataStorage()
    with storage.unit_of_work() as unit:
        fault(type(unit), monkeypatch)
    suite = UnitOfWorkContract()
    suite.record_type = ContractRecord
    arguments = [caplog] if "logged" in test else []
    with pytest.raises(CAUGHT, match=r"."):
        getattr(suite, f"test_{test}")(storage, *arguments)


def test_a_storage_that_was_used_before_is_caught() -> None:
    storage = InMemoryRelationalDataStorage()
    suite = UnitOfWorkContract()
    suite.test_the_fixture_isolates_first(storage)
    with pytest.raises(AssertionError, match="trace"):
        suite.test_the_fixture_isolates_second(storage)


# --- key-value -----------------------------------------------------------------------------------


class SharesValues(InMemoryKeyValueDataStorage):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.values: dict[tuple[str, str], Any] = {}

    def kv_get(self, namespace: str, key: str) -> Any | None:
        return self.values.get((namespace, key))

    def kv_put(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> None:
        self.values[namespace, key] = value


class IgnoresLifetimes(InMemoryKeyValueDataStorage):
    def kv_put(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> None:
        super().kv_put(namespace, key, value)


class AlwaysPuts(InMemoryKeyValueDataStorage):
    def kv_put_if_absent(
        self, namespace: str, key: str, value: Any, *, ttl_seconds: float | None = None
    ) -> bool:
        return True


class HasOneNamespace(InMemoryKeyValueDataStorage):
    def kv_get(self, namespace: str, key: str) -> Any | None:
        return super().kv_get("one", key)


class ScansBackwards(InMemoryKeyValueDataStorage):
    def kv_scan_keys(self, namespace: str) -> Iterator[str]:
        return _backwards(self._entries.keys(namespace))


def _backwards(keys: list[str]) -> Iterator[str]:
    yield from reversed(keys)


class DeniesDeletion(InMemoryKeyValueDataStorage):
    def kv_delete(self, namespace: str, key: str) -> bool:
        return True


@pytest.mark.parametrize(
    ("faulty", "test"),
    [
        (SharesValues, "a_value_comes_back_as_a_fresh_copy"),
        (SharesValues, "bad_values_are_refused"),
        (IgnoresLifetimes, "an_expired_value_is_invisible"),
        (IgnoresLifetimes, "bad_values_are_refused"),
        (AlwaysPuts, "only_one_of_many_puts_what_is_absent"),
        (HasOneNamespace, "namespaces_are_apart"),
        (HasOneNamespace, "several_at_once"),
        (HasOneNamespace, "large_values_and_keys"),
        (HasOneNamespace, "a_new_value_has_a_new_lifetime"),
        (ScansBackwards, "keys_are_scanned_in_order"),
        (DeniesDeletion, "what_is_absent"),
    ],
)
def test_a_faulty_key_value_storage_is_caught(
    faulty: type[InMemoryKeyValueDataStorage], test: str
) -> None:
    suite = KeyValueContract()
    suite.clock = ManualClock()
    with pytest.raises(CAUGHT, match=r"."):
        getattr(suite, f"test_{test}")(faulty(time_fn=suite.clock))
