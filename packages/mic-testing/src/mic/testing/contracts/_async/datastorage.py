"""The suites of storages: lifecycle, unit of work, key-value."""

import asyncio  # unasync: drop
from typing import Any

import pytest

from mic.datastorage import (
    AsyncDataStorage,
    AsyncKeyValueCapability,
    AsyncTransactionalDataStorage,
    AsyncUnitOfWork,
    DuplicateRecordError,
    UnsupportedOperationError,
)
from mic.model import TransientError
from mic.testing.contracts._base import AsyncContractBase
from mic.testing.contracts._storage_records import ContractRecord
from mic.testing.contracts._together_async import collected, together

__all__ = ["AsyncDataStorageContract", "AsyncKeyValueContract", "AsyncUnitOfWorkContract"]


class AsyncDataStorageContract(AsyncContractBase):
    """The lifecycle of every storage. A test class gives the fixture `backend`, a fresh storage."""

    async def test_a_fresh_storage_is_healthy(self, backend: AsyncDataStorage) -> None:
        report = await backend.health()
        assert report.healthy
        assert report.reason is None
        assert 0 <= report.latency_seconds < 2
        assert await backend.check_health()
        assert not backend.disposed

    async def test_prepare_may_be_repeated(self, backend: AsyncDataStorage) -> None:
        await backend.prepare()
        await backend.prepare()
        assert await backend.check_health()

    async def test_dispose_may_be_repeated_and_is_final(self, backend: AsyncDataStorage) -> None:
        await backend.prepare()
        await backend.dispose()
        await backend.dispose()
        await backend.aclose()
        assert backend.disposed
        assert not await backend.check_health()
        report = await backend.health()
        assert (report.healthy, report.reason) == (False, "disposed")

    async def test_every_use_after_dispose_raises(self, backend: AsyncDataStorage) -> None:
        await backend.dispose()
        with pytest.raises(RuntimeError, match="disposed"):
            await backend.prepare()
        with pytest.raises(RuntimeError, match="disposed"):
            backend.session()
        with pytest.raises(RuntimeError, match="disposed"):
            await backend.__aenter__()

    async def test_the_block_of_a_storage_disposes_of_it(self, backend: AsyncDataStorage) -> None:
        async with backend as same:
            assert same is backend
            assert await same.check_health()
        assert backend.disposed

    async def test_a_session_can_be_opened(self, backend: AsyncDataStorage) -> None:
        async with backend.session() as session:
            assert session is not None

    async def test_health_at_once_is_one_answer_each(self, backend: AsyncDataStorage) -> None:
        reports = await together(*[backend.health for _ in range(4)])
        assert [report.healthy for report in reports] == [True] * 4


class AsyncUnitOfWorkContract(AsyncContractBase):
    """Units of work. A test class gives the fixture `backend`, an empty storage with its schema.

    Attributes:
        record_type: The class of the records, with the fields of `ContractRecord`; a fixture may
            set it on the instance.
    """

    record_type: type[Any] = ContractRecord

    def _record(self, id: str, **values: Any) -> Any:
        return self.record_type(**{"id": id, "name": f"name of {id}", **values})

    async def _stored(self, backend: AsyncTransactionalDataStorage) -> list[str]:
        records = await backend.repository(self.record_type).find()
        return [record.id for record in records]

    async def test_all_writes_are_visible_together(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            assert (unit.state, unit.read_only) == ("active", False)
            await unit.repository(self.record_type).insert(self._record("a"))
            await unit.repository(self.record_type).insert(self._record("b"))
        assert unit.state == "committed"
        assert await self._stored(backend) == ["a", "b"]

    async def test_a_unit_sees_its_own_writes(self, backend: AsyncTransactionalDataStorage) -> None:
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            await records.insert(self._record("a"))
            await unit.flush()
            assert await records.get("a") is not None
            assert await records.delete("a")
            assert await records.get("a") is None
            assert await records.count() == 0
        assert await self._stored(backend) == []

    async def test_an_exception_undoes_everything_and_passes(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        units: list[AsyncUnitOfWork] = []

        async def work() -> None:
            async with backend.unit_of_work() as unit:
                units.append(unit)
                await unit.repository(self.record_type).insert(self._record("a"))
                raise LookupError("of the caller")

        with pytest.raises(LookupError, match="of the caller"):
            await work()
        assert units[0].state == "rolled_back"
        assert await self._stored(backend) == []

    async def test_rollback_only_undoes_without_an_exception(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            await unit.repository(self.record_type).insert(self._record("a"))
            unit.set_rollback_only()
            unit.set_rollback_only()
        assert unit.state == "rolled_back"
        assert await self._stored(backend) == []

    async def test_hooks_run_in_order_around_the_commit(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        seen: list[str] = []
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)

            async def write() -> None:
                await records.insert(self._record("hook"))
                unit.before_commit(lambda: seen.append(f"second, {unit.state}"))
                seen.append(f"first, {unit.state}")

            unit.before_commit(write)
            unit.after_commit(lambda: seen.append(f"third, {unit.state}"))
            unit.after_rollback(lambda: seen.append("never"))
            assert seen == []
        assert seen == ["first, active", "second, active", "third, committed"]
        assert await self._stored(backend) == ["hook"]

    async def test_a_failing_hook_before_the_commit_undoes_everything(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        seen: list[str] = []

        def fail() -> None:
            raise LookupError("of the hook")

        async def work() -> None:
            async with backend.unit_of_work() as unit:
                await unit.repository(self.record_type).insert(self._record("a"))
                unit.before_commit(fail)
                unit.before_commit(lambda: seen.append("after the failure"))
                unit.after_commit(lambda: seen.append("committed"))
                unit.after_rollback(lambda: seen.append(unit.state))

        with pytest.raises(LookupError, match="of the hook"):
            await work()
        assert seen == ["rolled_back"]
        assert await self._stored(backend) == []

    async def test_a_hook_before_the_commit_may_decide_to_roll_back(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            await unit.repository(self.record_type).insert(self._record("a"))
            unit.before_commit(unit.set_rollback_only)
        assert unit.state == "rolled_back"
        assert await self._stored(backend) == []

    async def test_a_failing_hook_after_the_end_is_only_logged(
        self, backend: AsyncTransactionalDataStorage, caplog: pytest.LogCaptureFixture
    ) -> None:
        seen: list[str] = []

        def fail() -> None:
            raise LookupError("of the hook")

        async with backend.unit_of_work() as unit:
            await unit.repository(self.record_type).insert(self._record("a"))
            unit.after_commit(fail)
            unit.after_commit(lambda: seen.append("the next one"))
        assert unit.state == "committed"
        assert seen == ["the next one"]
        assert [record.name for record in caplog.records] == ["mic.datastorage"]
        assert await self._stored(backend) == ["a"]

    async def test_a_finished_unit_cannot_be_used(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
        with pytest.raises(RuntimeError, match="is committed"):
            await records.get("a")
        with pytest.raises(RuntimeError, match="is committed"):
            await records.insert(self._record("a"))
        with pytest.raises(RuntimeError, match="is committed"):
            unit.set_rollback_only()
        with pytest.raises(RuntimeError, match="is committed"):
            unit.after_commit(lambda: None)
        with pytest.raises(RuntimeError, match="is committed"):
            await unit.flush()
        with pytest.raises(RuntimeError, match="is committed"):
            _ = unit.session
        with pytest.raises(RuntimeError, match="is committed"):
            backend.unit_of_work(join=unit)
        with pytest.raises(RuntimeError, match="is committed"):
            await unit.savepoint().__aenter__()

    async def test_a_unit_is_entered_once(self, backend: AsyncTransactionalDataStorage) -> None:
        scope = backend.unit_of_work()
        async with scope:
            pass
        with pytest.raises(RuntimeError, match="entered once"):
            await scope.__aenter__()

    async def test_a_read_only_unit_reads_and_writes_nothing(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        await backend.repository(self.record_type).insert(self._record("a"))
        async with backend.unit_of_work(read_only=True) as unit:
            assert unit.read_only
            records = unit.repository(self.record_type)
            found = await records.require("a")
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                await records.insert(self._record("b"))
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                await records.insert_many([self._record("b")])
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                await records.update(found)
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                await records.upsert(found)
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                await records.delete("a")
            with pytest.raises(UnsupportedOperationError, match="read-only"):
                await records.get("a", for_update=True)
        assert await self._stored(backend) == ["a"]
        await backend.repository(self.record_type).insert(self._record("b"))
        assert await self._stored(backend) == ["a", "b"]

    async def test_a_savepoint_that_raises_is_undone_alone(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            await records.insert(self._record("a"))

            async def fail() -> None:
                async with unit.savepoint():
                    await records.insert(self._record("b"))
                    raise LookupError("of the block")

            with pytest.raises(LookupError, match="of the block"):
                await fail()
            async with unit.savepoint():
                await records.insert(self._record("c"))
        assert unit.state == "committed"
        assert await self._stored(backend) == ["a", "c"]

    async def test_a_conflict_inside_a_savepoint_undoes_that_alone(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            await records.insert(self._record("a"))
            async with unit.savepoint():
                await records.insert(self._record("b"))
                with pytest.raises(DuplicateRecordError, match="unique"):
                    await records.insert(self._record("a"))
            await records.insert(self._record("c"))
        assert unit.state == "committed"
        assert await self._stored(backend) == ["a", "c"]

    async def test_savepoints_nest(self, backend: AsyncTransactionalDataStorage) -> None:
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)

            async def fail() -> None:
                async with unit.savepoint():
                    await records.insert(self._record("b"))
                    raise LookupError("of the inner")

            async with unit.savepoint():
                await records.insert(self._record("a"))
                with pytest.raises(LookupError, match="of the inner"):
                    await fail()
                await records.insert(self._record("c"))
        assert await self._stored(backend) == ["a", "c"]

    async def test_a_conflict_outside_of_a_savepoint_leaves_only_the_rollback(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            records = unit.repository(self.record_type)
            await records.insert(self._record("a"))
            with pytest.raises(DuplicateRecordError, match="unique"):
                await records.insert(self._record("a"))
            with pytest.raises(RuntimeError, match="rolled back"):
                await records.insert(self._record("b"))
        assert unit.state == "rolled_back"
        assert await self._stored(backend) == []

    async def test_joining_leaves_the_commit_to_the_owner(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            async with backend.unit_of_work(join=unit) as joined:
                assert joined is unit
                await joined.repository(self.record_type).insert(self._record("a"))
            assert str(unit.state) == "active"
        assert await self._stored(backend) == ["a"]

    async def test_a_joined_block_that_raises_leaves_nothing_behind(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:

            async def fail() -> None:
                async with backend.unit_of_work(join=unit) as joined:
                    await joined.repository(self.record_type).insert(self._record("a"))
                    raise LookupError("of the joined")

            with pytest.raises(LookupError, match="of the joined"):
                await fail()
        assert unit.state == "rolled_back"
        assert await self._stored(backend) == []

    async def test_bad_options_are_refused(self, backend: AsyncTransactionalDataStorage) -> None:
        with pytest.raises(ValueError, match="timeout_seconds"):
            backend.unit_of_work(timeout_seconds=0)
        with pytest.raises(ValueError, match="isolation"):
            backend.unit_of_work(isolation="snapshot")  # type: ignore[arg-type]  # a caller's mistake
        with pytest.raises(TypeError, match="unexpected"):
            backend.repository(self.record_type, no_such_option=1)
        with pytest.raises(ValueError, match="max_rows"):
            backend.repository(self.record_type, max_rows=0)

    async def test_uncommitted_writes_are_invisible_to_others(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async with backend.unit_of_work() as unit:
            await unit.repository(self.record_type).insert(self._record("a"))
            unit.set_rollback_only()
        assert await backend.repository(self.record_type).get("a") is None

    async def test_a_transaction_gives_what_its_function_returned(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async def work(unit: AsyncUnitOfWork) -> str:
            await unit.repository(self.record_type).insert(self._record("a"))
            return "done"

        assert await backend.run_in_transaction(work) == "done"
        assert await self._stored(backend) == ["a"]

    async def test_a_transaction_does_not_rerun_after_other_errors(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        calls: list[AsyncUnitOfWork] = []

        async def work(unit: AsyncUnitOfWork) -> None:
            calls.append(unit)
            raise TransientError(code="transient.of_the_caller", message="not a collision")

        with pytest.raises(TransientError, match="not a collision"):
            await backend.run_in_transaction(work, attempts=5, base_delay_seconds=0)
        assert len(calls) == 1
        with pytest.raises(ValueError, match="attempts"):
            await backend.run_in_transaction(work, attempts=0)

    async def test_transactions_that_collide_are_rerun_until_all_are_done(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        await backend.repository(self.record_type).insert(self._record("a", score=0))

        async def count_up(unit: AsyncUnitOfWork) -> None:
            records = unit.repository(self.record_type)
            record = await records.require("a", for_update=True)
            record.score += 1
            await records.update(record)

        async def work() -> None:
            await backend.run_in_transaction(count_up, attempts=50, base_delay_seconds=0.001)

        assert await together(*[work] * 8) == [None] * 8
        record = await backend.repository(self.record_type).require("a")
        assert (record.score, record.version) == (8, 9)

    async def test_a_cancelled_block_leaves_nothing_behind(  # unasync: drop
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        units: list[AsyncUnitOfWork] = []
        written = asyncio.Event()

        async def work() -> None:
            async with backend.unit_of_work() as unit:
                units.append(unit)
                await unit.repository(self.record_type).insert(self._record("a"))
                written.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await written.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert units[0].state == "rolled_back"
        assert await self._stored(backend) == []

    async def test_a_cancelled_commit_ends_with_a_known_outcome(  # unasync: drop
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        async def work() -> None:
            async with backend.unit_of_work() as unit:
                await unit.repository(self.record_type).insert(self._record("a"))
                unit.before_commit(lambda: task.cancel())
                units.append(unit)

        units: list[AsyncUnitOfWork] = []
        task = asyncio.create_task(work())
        await asyncio.wait({task})
        assert task.cancelled()
        known = {"committed": ["a"], "rolled_back": []}
        assert await self._stored(backend) == known[units[0].state]

    async def test_the_fixture_isolates_first(self, backend: AsyncTransactionalDataStorage) -> None:
        await self._leave_a_trace(backend)

    async def test_the_fixture_isolates_second(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        await self._leave_a_trace(backend)

    async def _leave_a_trace(self, backend: AsyncTransactionalDataStorage) -> None:
        assert await self._stored(backend) == []
        await backend.repository(self.record_type).insert(self._record("trace"))


class AsyncKeyValueContract(AsyncContractBase):
    """Key-value storages. A test class gives the fixture `backend`, made with `time_fn=clock`."""

    async def test_a_value_comes_back_as_a_fresh_copy(
        self, backend: AsyncKeyValueCapability
    ) -> None:
        value = {"list": [1, 2.5, None, True], "text": "ünïcode 🦀"}
        await backend.kv_put("space", "key", value)
        value["text"] = "changed by the caller"
        first = await backend.kv_get("space", "key")
        assert first == {"list": [1, 2.5, None, True], "text": "ünïcode 🦀"}
        first["list"].append("changed")
        assert await backend.kv_get("space", "key") != first

    async def test_what_is_absent(self, backend: AsyncKeyValueCapability) -> None:
        assert await backend.kv_get("space", "key") is None
        assert not await backend.kv_delete("space", "key")
        assert await collected(backend.kv_scan_keys("space")) == []

    async def test_namespaces_are_apart(self, backend: AsyncKeyValueCapability) -> None:
        await backend.kv_put("one", "key", 1)
        await backend.kv_put("two", "key", 2)
        assert await backend.kv_delete("one", "key")
        assert await backend.kv_get("one", "key") is None
        assert await backend.kv_get("two", "key") == 2

    async def test_keys_are_scanned_in_order(self, backend: AsyncKeyValueCapability) -> None:
        for key in ("b", "ä", "a", ""):
            await backend.kv_put("space", key, 0)
        await backend.kv_put("other", "c", 0)
        assert await collected(backend.kv_scan_keys("space")) == ["", "a", "b", "ä"]

    async def test_an_expired_value_is_invisible(self, backend: AsyncKeyValueCapability) -> None:
        await backend.kv_put("space", "short", 1, ttl_seconds=2)
        await backend.kv_put("space", "long", 2)
        await self.advance(1)
        assert await backend.kv_get("space", "short") == 1
        await self.advance(1)
        assert await backend.kv_get("space", "short") is None
        assert not await backend.kv_delete("space", "short")
        assert await collected(backend.kv_scan_keys("space")) == ["long"]
        assert await backend.kv_put_if_absent("space", "short", 3)

    async def test_a_new_value_has_a_new_lifetime(self, backend: AsyncKeyValueCapability) -> None:
        await backend.kv_put("space", "key", 1, ttl_seconds=1)
        await backend.kv_put("space", "key", 2)
        await self.advance(5)
        assert await backend.kv_get("space", "key") == 2

    async def test_several_at_once(self, backend: AsyncKeyValueCapability) -> None:
        await backend.kv_put_many("space", {"a": 1, "b": [2]})
        assert await backend.kv_get_many("space", ["a", "b", "c"]) == {"a": 1, "b": [2]}
        assert await backend.kv_get_many("space", []) == {}

    async def test_only_one_of_many_puts_what_is_absent(
        self, backend: AsyncKeyValueCapability
    ) -> None:
        async def put() -> bool:
            return await backend.kv_put_if_absent("space", "key", "winner")

        assert sorted(await together(*[put] * 8)) == [False] * 7 + [True]

    async def test_bad_values_are_refused(self, backend: AsyncKeyValueCapability) -> None:
        for value in (object(), float("nan"), {1, 2}):
            with pytest.raises(ValueError, match="JSON"):
                await backend.kv_put("space", "key", value)
        with pytest.raises(ValueError, match="ttl_seconds"):
            await backend.kv_put("space", "key", 1, ttl_seconds=0)
        assert await backend.kv_get("space", "key") is None

    async def test_large_values_and_keys(self, backend: AsyncKeyValueCapability) -> None:
        value = "x" * 1_000_000
        await backend.kv_put("space", "k" * 500, value)
        assert await backend.kv_get("space", "k" * 500) == value
