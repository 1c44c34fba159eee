# Generated from _async/datastorage.py by "make unasync"; edit that file.
"""The suites of storages: lifecycle, unit of work, key-value."""

from typing import Any

import pytest

from mic.datastorage import (
    DataStorage,
    DuplicateRecordError,
    KeyValueCapability,
    TransactionalDataStorage,
    UnitOfWork,
    UnsupportedOperationError,
)
from mic.model import TransientError
from mic.testing.contracts._base import ContractBase
from mic.testing.contracts._storage_records import ContractRecord
from mic.testing.contracts._together_sync import collected, together

__all__ = ["DataStorageContract", "KeyValueContract", "UnitOfWorkContract"]


class DataStorageContract(ContractBase):
    """The lifecycle of every storage. A test class gives the fixture `backend`, a fresh storage."""

    def test_a_fresh_storage_is_healthy(self, backend: DataStorage) -> None:
        report = backend.health()
        assert report.healthy
        assert report.reason is None
        assert 0 <= report.latency_seconds < 2
        assert backend.check_health()
        assert not backend.disposed

    def test_prepare_may_be_repeated(self, backend: DataStorage) -> None:
        backend.prepare()
        backend.prepare()
        assert backend.check_health()

    def test_dispose_may_be_repeated_and_is_final(self, backend: DataStorage) -> None:
        backend.prepare()
        backend.dispose()
        backend.dispose()
        backend.close()
        assert backend.disposed
        assert not backend.check_health()
        report = backend.health()
        assert (report.healthy, report.reason) == (False, "disposed")

    def test_every_use_after_dispose_raises(self, backend: DataStorage) -> None:
        backend.dispose()
        with pytest.raises(RuntimeError, match="disposed"):
            backend.prepare()
        with pytest.raises(RuntimeError, match="disposed"):
            backend.session()
        with pytest.raises(RuntimeError, match="disposed"):
            backend.__enter__()

    def test_the_block_of_a_storage_disposes_of_it(self, backend: DataStorage) -> None:
        with backend as same:
            assert same is backend
            assert same.check_health()
        assert backend.disposed

    def test_a_session_can_be_opened(self, backend: DataStorage) -> None:
        with backend.session() as session:
            assert session is not None

    def test_health_at_once_is_one_answer_each(self, backend: DataStorage) -> None:
        reports = together(*[backend.health for _ in range(4)])
        assert [report.healthy for report in reports] == [True] * 4


class UnitOfWorkContract(ContractBase):
    """Units of work. A test class gives the fixture `backend`, an empty storage with its schema.

    Attributes:
        record_type: The class of the records, with the fields of `ContractRecord`; a fixture may
            set it on the instance.
    """

    record_type: type[Any] = ContractRecord

    def _record(self, id: str, **values: Any) -> Any:
        return self.record_type(**{"id": id, "name": f"name of {id}", **values})

    def _stored(self, backend: TransactionalDataStorage) -> list[str]:
        records = backend.repository(self.record_type).find()
        return [record.id for record in records]

    def test_all_writes_are_visible_together(self, backend: TransactionalDataStorage) -> None:
        with backend.unit_of_work() as unit:
            assert (unit.state, unit.read_only) == ("active", False)
            unit.repository(self.record_type).insert(self._record("a"))
            unit.repository(self.record_type).insert(self._record("b"))
        assert unit.state == "committed"
        assert self._stored(backend) == ["a", "b"]

    def test_a_unit_sees_its_own_writes(self, backend: TransactionalDataStorage) -> None:
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            records.insert(self._record("a"))
            unit.flush()
            assert records.get("a") is not None
            assert records.delete("a")
            assert records.get("a") is None
            assert records.count() == 0
        assert self._stored(backend) == []

    def test_an_exception_undoes_everything_and_passes(
        self, backend: TransactionalDataStorage
    ) -> None:
        units: list[UnitOfWork] = []

        def work() -> None:
            with backend.unit_of_work() as unit:
                units.append(unit)
                unit.repository(self.record_type).insert(self._record("a"))
                raise LookupError("of the caller")

        with pytest.raises(LookupError, match="of the caller"):
            work()
        assert units[0].state == "rolled_back"
        assert self._stored(backend) == []

    def test_rollback_only_undoes_without_an_exception(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            unit.repository(self.record_type).insert(self._record("a"))
            unit.set_rollback_only()
            unit.set_rollback_only()
        assert unit.state == "rolled_back"
        assert self._stored(backend) == []

    def test_hooks_run_in_order_around_the_commit(self, backend: TransactionalDataStorage) -> None:
        seen: list[str] = []
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)

            def write() -> None:
                records.insert(self._record("hook"))
                unit.before_commit(lambda: seen.append(f"second, {unit.state}"))
                seen.append(f"first, {unit.state}")

            unit.before_commit(write)
            unit.after_commit(lambda: seen.append(f"third, {unit.state}"))
            unit.after_rollback(lambda: seen.append("never"))
            assert seen == []
        assert seen == ["first, active", "second, active", "third, committed"]
        assert self._stored(backend) == ["hook"]

    def test_a_failing_hook_before_the_commit_undoes_everything(
        self, backend: TransactionalDataStorage
    ) -> None:
        seen: list[str] = []

        def fail() -> None:
            raise LookupError("of the hook")

        def work() -> None:
            with backend.unit_of_work() as unit:
                unit.repository(self.record_type).insert(self._record("a"))
                unit.before_commit(fail)
                unit.before_commit(lambda: seen.append("after the failure"))
                unit.after_commit(lambda: seen.append("committed"))
                unit.after_rollback(lambda: seen.append(unit.state))

        with pytest.raises(LookupError, match="of the hook"):
            work()
        assert seen == ["rolled_back"]
        assert self._stored(backend) == []

    def test_a_hook_before_the_commit_may_decide_to_roll_back(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            unit.repository(self.record_type).insert(self._record("a"))
            unit.before_commit(unit.set_rollback_only)
        assert unit.state == "rolled_back"
        assert self._stored(backend) == []

    def test_a_failing_hook_after_the_end_is_only_logged(
        self, backend: TransactionalDataStorage, caplog: pytest.LogCaptureFixture
    ) -> None:
        seen: list[str] = []

        def fail() -> None:
            raise LookupError("of the hook")

        with backend.unit_of_work() as unit:
            unit.repository(self.record_type).insert(self._record("a"))
            unit.after_commit(fail)
            unit.after_commit(lambda: seen.append("the next one"))
        assert unit.state == "committed"
        assert seen == ["the next one"]
        assert [record.name for record in caplog.records] == ["mic.datastorage"]
        assert self._stored(backend) == ["a"]

    def test_a_finished_unit_cannot_be_used(self, backend: TransactionalDataStorage) -> None:
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
        with pytest.raises(RuntimeError, match="is committed"):
            records.get("a")
        with pytest.raises(RuntimeError, match="is committed"):
            records.insert(self._record("a"))
        with pytest.raises(RuntimeError, match="is committed"):
            unit.set_rollback_only()
        with pytest.raises(RuntimeError, match="is committed"):
            unit.after_commit(lambda: None)
        with pytest.raises(RuntimeError, match="is committed"):
            unit.flush()
        with pytest.raises(RuntimeError, match="is committed"):
            _ = unit.session
        with pytest.raises(RuntimeError, match="is committed"):
            backend.unit_of_work(join=unit)
        with pytest.raises(RuntimeError, match="is committed"):
            unit.savepoint().__enter__()

    def test_a_unit_is_entered_once(self, backend: TransactionalDataStorage) -> None:
        scope = backend.unit_of_work()
        with scope:
            pass
        with pytest.raises(RuntimeError, match="entered once"):
            scope.__enter__()

    def test_a_read_only_unit_reads_and_writes_nothing(
        self, backend: TransactionalDataStorage
    ) -> None:
        backend.repository(self.record_type).insert(self._record("a"))
        with backend.unit_of_work(read_only=True) as unit:
            assert unit.read_only
            records = unit.repository(self.record_type)
            found = records.require("a")
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                records.insert(self._record("b"))
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                records.insert_many([self._record("b")])
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                records.update(found)
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                records.upsert(found)
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                records.delete("a")
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                records.get("a", for_update=True)
        assert self._stored(backend) == ["a"]
        backend.repository(self.record_type).insert(self._record("b"))
        assert self._stored(backend) == ["a", "b"]

    def test_a_savepoint_that_raises_is_undone_alone(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            records.insert(self._record("a"))

            def fail() -> None:
                with unit.savepoint():
                    records.insert(self._record("b"))
                    raise LookupError("of the block")

            with pytest.raises(LookupError, match="of the block"):
                fail()
            with unit.savepoint():
                records.insert(self._record("c"))
        assert unit.state == "committed"
        assert self._stored(backend) == ["a", "c"]

    def test_a_conflict_inside_a_savepoint_undoes_that_alone(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            records.insert(self._record("a"))
            with unit.savepoint():
                records.insert(self._record("b"))
                with pytest.raises(DuplicateRecordError, match="unique"):
                    records.insert(self._record("a"))
            records.insert(self._record("c"))
        assert unit.state == "committed"
        assert self._stored(backend) == ["a", "c"]

    def test_savepoints_nest(self, backend: TransactionalDataStorage) -> None:
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)

            def fail() -> None:
                with unit.savepoint():
                    records.insert(self._record("b"))
                    raise LookupError("of the inner")

            with unit.savepoint():
                records.insert(self._record("a"))
                with pytest.raises(LookupError, match="of the inner"):
                    fail()
                records.insert(self._record("c"))
        assert self._stored(backend) == ["a", "c"]

    def test_a_conflict_outside_of_a_savepoint_leaves_only_the_rollback(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            records.insert(self._record("a"))
            with pytest.raises(DuplicateRecordError, match="unique"):
                records.insert(self._record("a"))
            with pytest.raises(RuntimeError, match="rolled back"):
                records.insert(self._record("b"))
        assert unit.state == "rolled_back"
        assert self._stored(backend) == []

    def test_joining_leaves_the_commit_to_the_owner(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            with backend.unit_of_work(join=unit) as joined:
                assert joined is unit
                joined.repository(self.record_type).insert(self._record("a"))
            assert str(unit.state) == "active"
        assert self._stored(backend) == ["a"]

    def test_a_joined_block_that_raises_leaves_nothing_behind(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:

            def fail() -> None:
                with backend.unit_of_work(join=unit) as joined:
                    joined.repository(self.record_type).insert(self._record("a"))
                    raise LookupError("of the joined")

            with pytest.raises(LookupError, match="of the joined"):
                fail()
        assert unit.state == "rolled_back"
        assert self._stored(backend) == []

    def test_bad_options_are_refused(self, backend: TransactionalDataStorage) -> None:
        with pytest.raises(ValueError, match="timeout_seconds"):
            backend.unit_of_work(timeout_seconds=0)
        with pytest.raises(ValueError, match="isolation"):
            backend.unit_of_work(isolation="snapshot")  # type: ignore[arg-type]  # a caller's mistake
        with pytest.raises(TypeError, match="unexpected"):
            backend.repository(self.record_type, no_such_option=1)
        with pytest.raises(ValueError, match="max_rows"):
            backend.repository(self.record_type, max_rows=0)

    def test_uncommitted_writes_are_invisible_to_others(
        self, backend: TransactionalDataStorage
    ) -> None:
        with backend.unit_of_work() as unit:
            unit.repository(self.record_type).insert(self._record("a"))
            unit.set_rollback_only()
        assert backend.repository(self.record_type).get("a") is None

    def test_a_transaction_gives_what_its_function_returned(
        self, backend: TransactionalDataStorage
    ) -> None:
        def work(unit: UnitOfWork) -> str:
            unit.repository(self.record_type).insert(self._record("a"))
            return "done"

        assert backend.run_in_transaction(work) == "done"
        assert self._stored(backend) == ["a"]

    def test_a_transaction_does_not_rerun_after_other_errors(
        self, backend: TransactionalDataStorage
    ) -> None:
        calls: list[UnitOfWork] = []

        def work(unit: UnitOfWork) -> None:
            calls.append(unit)
            raise TransientError(code="transient.of_the_caller", message="not a collision")

        with pytest.raises(TransientError, match="not a collision"):
            backend.run_in_transaction(work, attempts=5, base_delay_seconds=0)
        assert len(calls) == 1
        with pytest.raises(ValueError, match="attempts"):
            backend.run_in_transaction(work, attempts=0)

    def test_transactions_that_collide_are_rerun_until_all_are_done(
        self, backend: TransactionalDataStorage
    ) -> None:
        backend.repository(self.record_type).insert(self._record("a", score=0))

        def count_up(unit: UnitOfWork) -> None:
            records = unit.repository(self.record_type)
            record = records.require("a", for_update=True)
            record.score += 1
            records.update(record)

        def work() -> None:
            backend.run_in_transaction(count_up, attempts=50, base_delay_seconds=0.001)

        assert together(*[work] * 8) == [None] * 8
        record = backend.repository(self.record_type).require("a")
        assert (record.score, record.version) == (8, 9)

    def test_the_fixture_isolates_first(self, backend: TransactionalDataStorage) -> None:
        self._leave_a_trace(backend)

    def test_the_fixture_isolates_second(self, backend: TransactionalDataStorage) -> None:
        self._leave_a_trace(backend)

    def _leave_a_trace(self, backend: TransactionalDataStorage) -> None:
        assert self._stored(backend) == []
        backend.repository(self.record_type).insert(self._record("trace"))


class KeyValueContract(ContractBase):
    """Key-value storages. A test class gives the fixture `backend`, made with `time_fn=clock`."""

    def test_a_value_comes_back_as_a_fresh_copy(self, backend: KeyValueCapability) -> None:
        value = {"list": [1, 2.5, None, True], "text": "ünïcode 🦀"}
        backend.kv_put("space", "key", value)
        value["text"] = "changed by the caller"
        first = backend.kv_get("space", "key")
        assert first == {"list": [1, 2.5, None, True], "text": "ünïcode 🦀"}
        first["list"].append("changed")
        assert backend.kv_get("space", "key") != first

    def test_what_is_absent(self, backend: KeyValueCapability) -> None:
        assert backend.kv_get("space", "key") is None
        assert not backend.kv_delete("space", "key")
        assert collected(backend.kv_scan_keys("space")) == []

    def test_namespaces_are_apart(self, backend: KeyValueCapability) -> None:
        backend.kv_put("one", "key", 1)
        backend.kv_put("two", "key", 2)
        assert backend.kv_delete("one", "key")
        assert backend.kv_get("one", "key") is None
        assert backend.kv_get("two", "key") == 2

    def test_keys_are_scanned_in_order(self, backend: KeyValueCapability) -> None:
        for key in ("b", "ä", "a", ""):
            backend.kv_put("space", key, 0)
        backend.kv_put("other", "c", 0)
        assert collected(backend.kv_scan_keys("space")) == ["", "a", "b", "ä"]

    def test_an_expired_value_is_invisible(self, backend: KeyValueCapability) -> None:
        backend.kv_put("space", "short", 1, ttl_seconds=2)
        backend.kv_put("space", "long", 2)
        self.advance(1)
        assert backend.kv_get("space", "short") == 1
        self.advance(1)
        assert backend.kv_get("space", "short") is None
        assert not backend.kv_delete("space", "short")
        assert collected(backend.kv_scan_keys("space")) == ["long"]
        assert backend.kv_put_if_absent("space", "short", 3)

    def test_a_new_value_has_a_new_lifetime(self, backend: KeyValueCapability) -> None:
        backend.kv_put("space", "key", 1, ttl_seconds=1)
        backend.kv_put("space", "key", 2)
        self.advance(5)
        assert backend.kv_get("space", "key") == 2

    def test_several_at_once(self, backend: KeyValueCapability) -> None:
        backend.kv_put_many("space", {"a": 1, "b": [2]})
        assert backend.kv_get_many("space", ["a", "b", "c"]) == {"a": 1, "b": [2]}
        assert backend.kv_get_many("space", []) == {}

    def test_only_one_of_many_puts_what_is_absent(self, backend: KeyValueCapability) -> None:
        def put() -> bool:
            return backend.kv_put_if_absent("space", "key", "winner")

        assert sorted(together(*[put] * 8)) == [False] * 7 + [True]

    def test_bad_values_are_refused(self, backend: KeyValueCapability) -> None:
        for value in (object(), float("nan"), {1, 2}):
            with pytest.raises(ValueError, match="JSON"):
                backend.kv_put("space", "key", value)
        with pytest.raises(ValueError, match="ttl_seconds"):
            backend.kv_put("space", "key", 1, ttl_seconds=0)
        assert backend.kv_get("space", "key") is None

    def test_large_values_and_keys(self, backend: KeyValueCapability) -> None:
        value = "x" * 1_000_000
        backend.kv_put("space", "k" * 500, value)
        assert backend.kv_get("space", "k" * 500) == value
