"""The suite of repositories: the same answers from every backend."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mic.datastorage import (
    AnyOf,
    AsyncRepository,
    AsyncTransactionalDataStorage,
    Condition,
    Direction,
    DuplicateRecordError,
    InvalidCursorError,
    InvalidQueryError,
    Op,
    Order,
    QuerySpec,
    RecordNotFoundError,
    UnboundedResultError,
    UnknownFieldError,
    VersionConflictError,
)
from mic.testing.contracts._base import AsyncContractBase
from mic.testing.contracts._storage_records import MOMENT, ContractRecord
from mic.testing.contracts._together_async import together

__all__ = ["AsyncRepositoryContract"]

# id, name, note, score
_PEOPLE = (
    ("1", "Ada", "a_b%c", 30),
    ("2", "bob", "A_B%C", None),
    ("3", "Çelik", None, 10),
    ("4", "Zoë", "axbyc", 30),
    ("5", "ada", None, None),
    ("6", "🦀", "", -1),
)


def _where(field: str, op: Op, value: Any) -> QuerySpec:
    return QuerySpec(where=(Condition(field, op, value),))


class AsyncRepositoryContract(AsyncContractBase):
    """Repositories. A test class gives the fixture `backend`, an empty storage with its schema.

    Attributes:
        record_type: The class of the records, with the fields of `ContractRecord`; a fixture may
            set it on the instance.
    """

    record_type: type[Any] = ContractRecord

    def _record(self, id: str, **values: Any) -> Any:
        return self.record_type(**{"id": id, "name": f"name of {id}", **values})

    def _repository(
        self, backend: AsyncTransactionalDataStorage, **options: Any
    ) -> AsyncRepository[Any]:
        return backend.repository(self.record_type, unique=[["name"]], **options)

    async def _people(
        self, backend: AsyncTransactionalDataStorage, **options: Any
    ) -> AsyncRepository[Any]:
        records = self._repository(backend, **options)
        people = [
            self._record(key, name=name, note=note, score=score)
            for key, name, note, score in _PEOPLE
        ]
        assert await records.insert_many(people) == len(people)
        return records

    async def _ids(self, records: AsyncRepository[Any], spec: QuerySpec | None = None) -> str:
        return "".join([record.id for record in await records.find(spec)])

    # --- one record ------------------------------------------------------------------------------

    async def test_a_record_comes_back_as_it_was(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        at = datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=timezone(timedelta(hours=-5)))
        note = "ünïcode 🦀 \\ ' \" \n" * 1000
        returned = await records.insert(self._record("a", note=note, score=-5, at=at))
        for record in (returned, await records.require("a")):
            assert (record.id, record.name, record.note) == ("a", "name of a", note)
            assert (record.score, record.version) == (-5, 1)
            assert record.at == at
        found = await records.require("a")
        assert found.at.utcoffset() is not None

    async def test_records_are_values(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        record = await records.insert(self._record("a"))
        record.note = "changed after the insert"
        async with backend.unit_of_work() as unit:
            found = await unit.repository(self.record_type).require("a")
            found.note = "changed in the unit"
            await unit.flush()
        assert found.note == "changed in the unit"
        assert (await records.require("a")).note is None

    async def test_an_absent_record(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        assert await records.get("a") is None
        assert await records.get("") is None
        with pytest.raises(RecordNotFoundError, match="no record") as caught:
            await records.require("a")
        assert (caught.value.code, caught.value.http_status_code) == ("storage.not_found", 404)
        assert not await records.delete("a")
        assert not await records.delete("a", expected_version=1)
        with pytest.raises(RecordNotFoundError, match="no record"):
            await records.update(self._record("a"))

    async def test_a_duplicate_is_refused(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        await records.insert(self._record("a", name="Ada"))
        with pytest.raises(DuplicateRecordError, match="unique") as caught:
            await records.insert(self._record("a", name="other"))
        assert (caught.value.code, caught.value.http_status_code) == ("storage.conflict", 409)
        assert caught.value.details == {}
        with pytest.raises(DuplicateRecordError, match="unique"):
            await records.insert(self._record("b", name="Ada"))
        assert await self._ids(records) == "a"

    async def test_an_update_counts_the_version_up(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        record = await records.insert(self._record("a", note="before", score=1))
        record.note, record.score = "after", None
        updated = await records.update(record)
        assert (record.version, updated.version) == (2, 2)
        stored = await records.require("a")
        assert (stored.note, stored.score, stored.version) == ("after", None, 2)
        stored.note = "again"
        assert (await records.update(stored, expected_version=2)).version == 3

    async def test_a_stale_update_is_refused(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        await records.insert(self._record("a"))
        mine, theirs = await records.require("a"), await records.require("a")
        theirs.note = "theirs"
        await records.update(theirs)
        mine.note = "mine"
        with pytest.raises(VersionConflictError, match="somebody else") as caught:
            await records.update(mine)
        assert caught.value.details == {"expected": 1, "actual": 2}
        assert (caught.value.code, caught.value.http_status_code) == (
            "storage.version_conflict",
            409,
        )
        assert mine.version == 1
        with pytest.raises(VersionConflictError, match="somebody else"):
            await records.update(theirs, expected_version=7)
        assert (await records.require("a")).note == "theirs"

    async def test_an_update_cannot_take_a_unique_value(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        await records.insert(self._record("a", name="Ada"))
        other = await records.insert(self._record("b", name="Bob"))
        other.name = "Ada"
        with pytest.raises(DuplicateRecordError, match="unique"):
            await records.update(other)
        assert other.version == 1
        assert (await records.require("b")).name == "Bob"

    async def test_a_rollback_gives_the_version_back(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        record = await self._repository(backend).insert(self._record("a"))
        async with backend.unit_of_work() as unit:
            await unit.repository(self.record_type).update(record)
            assert record.version == 2
            unit.set_rollback_only()
        assert record.version == 1
        assert (await self._repository(backend).update(record)).version == 2

    async def test_of_concurrent_updates_one_wins(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        await records.insert(self._record("a"))
        rounds = 3
        for version in range(1, rounds + 1):

            async def update(version: int = version) -> str:
                record = await records.require("a")
                try:
                    await records.update(record, expected_version=version)
                except VersionConflictError:
                    return "lost"
                return "won"

            assert sorted(await together(*[update] * 10)) == ["lost"] * 9 + ["won"]
        assert (await records.require("a")).version == rounds + 1

    async def test_of_concurrent_inserts_one_wins(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)

        async def insert() -> str:
            try:
                await records.insert(self._record("a"))
            except DuplicateRecordError:
                return "lost"
            return "won"

        assert sorted(await together(*[insert] * 8)) == ["lost"] * 7 + ["won"]

    async def test_delete(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        await records.insert_many([self._record("a"), self._record("b")])
        with pytest.raises(VersionConflictError, match="somebody else") as caught:
            await records.delete("a", expected_version=2)
        assert caught.value.details == {"expected": 2, "actual": 1}
        assert await records.delete("a", expected_version=1)
        assert not await records.delete("a")
        assert await records.delete("b")
        assert await self._ids(records) == ""

    async def test_upsert_by_id(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        first = await records.upsert(self._record("a", note="first"))
        assert first.version == 1
        second = await records.upsert(self._record("a", note="second"))
        assert (second.id, second.version) == ("a", 2)
        stored = await records.require("a")
        assert (stored.note, stored.version) == ("second", 2)

    async def test_upsert_by_a_unique_field_keeps_the_id(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        await records.insert(self._record("a", name="Ada"))
        record = self._record("b", name="Ada", score=5)
        assert await records.upsert(record, conflict_fields=["name"]) is record
        assert (record.id, record.version) == ("a", 2)
        stored = await records.require("a")
        assert (stored.score, stored.version) == (5, 2)
        fresh = await records.upsert(self._record("c", name="Cy"), conflict_fields=["name"])
        assert (fresh.id, fresh.version) == ("c", 1)
        assert await self._ids(records) == "ac"

    async def test_upsert_cannot_take_another_unique_value(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        await records.insert_many([self._record("a", name="Ada"), self._record("b", name="Bob")])
        with pytest.raises(DuplicateRecordError, match="unique"):
            await records.upsert(self._record("a", name="Bob"))
        with pytest.raises(UnknownFieldError, match="no such field"):
            await records.upsert(self._record("a"), conflict_fields=["nothing"])
        assert (await records.require("a")).name == "Ada"

    # --- many records ----------------------------------------------------------------------------

    async def test_insert_many_stores_all_or_none(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        many = [self._record(f"{number:04}") for number in range(250)]
        assert await records.insert_many(many, batch_size=100) == 250
        assert await records.count() == 250
        assert await records.insert_many([]) == 0
        with pytest.raises(DuplicateRecordError, match="unique"):
            await records.insert_many([self._record("new"), self._record("0007")], batch_size=1)
        assert await records.get("new") is None
        with pytest.raises(ValueError, match="batch_size"):
            await records.insert_many([self._record("new")], batch_size=0)

    async def test_delete_where(self, backend: AsyncTransactionalDataStorage) -> None:
        records = await self._people(backend)
        assert await records.delete_where(_where("score", Op.eq, 30)) == 2
        assert await self._ids(records) == "2356"
        for spec in (
            QuerySpec(),
            QuerySpec(where=(Condition("id", Op.eq, "2"),), limit=1),
            QuerySpec(where=(Condition("id", Op.eq, "2"),), order_by=(Order("id"),)),
        ):
            with pytest.raises(InvalidQueryError, match="delete_where"):
                await records.delete_where(spec)
        assert await self._ids(records) == "2356"

    @pytest.mark.parametrize(
        ("field", "op", "value", "expected"),
        [
            ("name", Op.eq, "ada", "5"),
            ("name", Op.ne, "ada", "12346"),
            ("score", Op.eq, 30, "14"),
            ("score", Op.ne, 30, "36"),
            ("score", Op.lt, 10, "6"),
            ("score", Op.lte, 10, "36"),
            ("score", Op.gt, 10, "14"),
            ("score", Op.gte, 10, "134"),
            ("score", Op.in_, (30, -1, 99), "146"),
            ("score", Op.in_, (), ""),
            ("score", Op.not_in, (30,), "36"),
            ("score", Op.not_in, (), "1346"),
            ("score", Op.is_null, True, "25"),
            ("score", Op.is_null, False, "1346"),
            ("note", Op.eq, "", "6"),
            ("note", Op.starts_with, "a_", "1"),
            ("note", Op.starts_with, "A", "2"),
            ("note", Op.starts_with, "", "1246"),
            ("note", Op.contains, "b%", "1"),
            ("note", Op.contains, "_", "12"),
            ("note", Op.contains, "x", "4"),
            ("note", Op.contains, "", "1246"),
            ("name", Op.starts_with, "🦀", "6"),
            ("name", Op.contains, "ë", "4"),
            ("at", Op.eq, MOMENT, "123456"),
            ("at", Op.gt, MOMENT - timedelta(microseconds=1), "123456"),
            ("at", Op.lt, MOMENT.astimezone(timezone(timedelta(hours=9))), ""),
        ],
    )
    async def test_conditions(
        self,
        backend: AsyncTransactionalDataStorage,
        field: str,
        op: Op,
        value: Any,
        expected: str,
    ) -> None:
        records = await self._people(backend)
        assert await self._ids(records, _where(field, op, value)) == expected
        assert await records.count(_where(field, op, value)) == len(expected)

    async def test_conditions_are_anded_and_any_of_is_an_or(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = await self._people(backend)
        either = AnyOf((Condition("score", Op.eq, 10), Condition("note", Op.eq, "axbyc")))
        assert await self._ids(records, QuerySpec(where=(either,))) == "34"
        both = QuerySpec(where=(either, Condition("score", Op.gt, 10)))
        assert await self._ids(records, both) == "4"

    async def test_order(self, backend: AsyncTransactionalDataStorage) -> None:
        records = await self._people(backend)

        async def ordered(*order: Order) -> str:
            return await self._ids(records, QuerySpec(order_by=order))

        assert await ordered() == "123456"
        assert await ordered(Order("id", Direction.desc)) == "654321"
        assert await ordered(Order("score")) == "631425"
        assert await ordered(Order("score", Direction.desc)) == "143625"
        assert await ordered(Order("name")) == "145236"
        assert await ordered(Order("score"), Order("name", Direction.desc)) == "634125"

    async def test_limit_and_offset(self, backend: AsyncTransactionalDataStorage) -> None:
        records = await self._people(backend)
        assert await self._ids(records, QuerySpec(limit=2)) == "12"
        assert await self._ids(records, QuerySpec(limit=2, offset=5)) == "6"
        assert await self._ids(records, QuerySpec(offset=4)) == "56"
        assert await self._ids(records, QuerySpec(limit=0)) == ""
        assert await records.count(QuerySpec(limit=1, offset=1)) == 6
        assert await records.exists(QuerySpec(limit=0, offset=99))
        assert not await records.exists(_where("score", Op.eq, 99))

    async def test_find_never_cuts_silently(self, backend: AsyncTransactionalDataStorage) -> None:
        records = await self._people(backend, max_rows=5)
        with pytest.raises(UnboundedResultError, match="more than 5"):
            await records.find()
        assert await self._ids(records, QuerySpec(limit=6)) == "123456"
        assert await self._ids(records, QuerySpec(offset=1)) == "23456"

    async def test_find_one(self, backend: AsyncTransactionalDataStorage) -> None:
        records = await self._people(backend)
        found = await records.find_one(_where("name", Op.eq, "Ada"))
        assert found is not None
        assert found.id == "1"
        assert await records.find_one(_where("name", Op.eq, "nobody")) is None
        with pytest.raises(InvalidQueryError, match="more than one"):
            await records.find_one(_where("score", Op.eq, 30))
        first = await records.find_one(QuerySpec(limit=1))
        assert first is not None
        assert first.id == "1"

    async def test_unknown_fields_are_refused(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        unknown = _where("nothing", Op.eq, 1)
        for call in (records.find, records.count, records.exists, records.delete_where):
            with pytest.raises(UnknownFieldError, match="no such field"):
                await call(unknown)
        nested = QuerySpec(where=(AnyOf((Condition("nothing", Op.eq, 1),)),))
        with pytest.raises(UnknownFieldError, match="no such field"):
            await records.page(nested)
        with pytest.raises(UnknownFieldError, match="no such field"):
            records.stream(QuerySpec(order_by=(Order("__class__"),)))

    # --- pages and streams -----------------------------------------------------------------------

    async def _walk(
        self, records: AsyncRepository[Any], spec: QuerySpec | None, limit: int
    ) -> list[str]:
        pages: list[str] = []
        cursor: str | None = None
        while cursor is not None or not pages:
            page = await records.page(spec, limit=limit, after=cursor)
            pages.append("".join(record.id for record in page.items))
            cursor = page.next_cursor
        return pages

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
    @pytest.mark.parametrize(
        "order",
        [
            (),
            (Order("id", Direction.desc),),
            (Order("name"),),
            (Order("name", Direction.desc),),
            (Order("score"),),
            (Order("score", Direction.desc),),
            (Order("note", Direction.desc), Order("score")),
            (Order("at"), Order("score", Direction.desc), Order("name")),
            (Order("at", Direction.desc), Order("id", Direction.desc)),
        ],
    )
    async def test_a_walk_gives_every_record_once_in_order(
        self, backend: AsyncTransactionalDataStorage, order: tuple[Order, ...], limit: int
    ) -> None:
        records = await self._people(backend)
        spec = QuerySpec(order_by=order)
        pages = await self._walk(records, spec, limit)
        assert "".join(pages) == await self._ids(records, spec)
        assert all(len(page) == limit for page in pages[:-1])
        assert 1 <= len(pages[-1]) <= limit

    async def test_a_page_of_a_filtered_walk_knows_the_total(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = await self._people(backend)
        page = await records.page(_where("score", Op.gte, 10), limit=2, with_total=True)
        assert [record.id for record in page.items] == ["1", "3"]
        assert page.total == 3
        rest = await records.page(
            _where("score", Op.gte, 10), limit=2, after=page.next_cursor, with_total=True
        )
        assert [record.id for record in rest.items] == ["4"]
        assert (rest.next_cursor, rest.total) == (None, 3)
        empty = await records.page(_where("score", Op.eq, 99))
        assert (empty.items, empty.next_cursor, empty.total) == ((), None, None)

    async def test_bad_pages_are_refused(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        for limit in (0, 1001, -1):
            with pytest.raises(ValueError, match="between 1 and 1000"):
                await records.page(limit=limit)
        for spec in (QuerySpec(limit=1), QuerySpec(offset=1)):
            with pytest.raises(InvalidQueryError, match="limit or offset"):
                await records.page(spec)

    async def test_a_foreign_cursor_is_refused(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = await self._people(backend)
        cursor = (await records.page(limit=2)).next_cursor
        assert cursor is not None
        for spec in (_where("score", Op.eq, 30), QuerySpec(order_by=(Order("name"),))):
            with pytest.raises(InvalidCursorError, match="cursor"):
                await records.page(spec, after=cursor)
        for text in ("", "!", cursor[:-1], cursor + "A", "ä", "A" * 9000, cursor[::-1]):
            with pytest.raises(InvalidCursorError, match="cursor") as caught:
                await records.page(after=text)
            assert caught.value.code == "storage.invalid_cursor"

    async def test_a_signed_cursor_cannot_be_made_by_others(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        plain = await self._people(backend)
        signing = self._repository(backend, cursor_secret=b"a secret of 32 bytes, of the server")
        other = self._repository(backend, cursor_secret=b"another secret of the same length.")
        unsigned = (await plain.page(limit=2)).next_cursor
        signed = (await signing.page(limit=2)).next_cursor
        assert signed is not None
        page = await signing.page(after=signed)
        assert [record.id for record in page.items] == ["3", "4", "5", "6"]
        for repository, cursor in (
            (signing, unsigned),
            (other, signed),
            (plain, signed),
            (signing, signed[:-4] + "AAAA"),
        ):
            with pytest.raises(InvalidCursorError, match="cursor"):
                await repository.page(after=cursor)
        with pytest.raises(ValueError, match="16 bytes"):
            self._repository(backend, cursor_secret=b"short")

    async def test_a_walk_survives_inserts_and_deletes(
        self, backend: AsyncTransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        await records.insert_many([self._record(f"{n:02}", score=n % 3) for n in range(0, 40, 2)])
        spec = QuerySpec(order_by=(Order("score"),))
        seen: list[str] = []
        cursor: str | None = None
        step = 1
        while cursor is not None or not seen:
            page = await records.page(spec, limit=3, after=cursor)
            seen += [record.id for record in page.items]
            cursor = page.next_cursor
            await records.insert(self._record(f"{step:02}", score=step % 3))
            await records.delete(seen[0])
            step += 2
        assert len(seen) == len(set(seen))
        stable = {f"{n:02}" for n in range(0, 40, 2)}
        assert stable <= set(seen)

    async def test_stream(self, backend: AsyncTransactionalDataStorage) -> None:
        records = await self._people(backend)

        async def streamed(spec: QuerySpec | None = None, *, batch_size: int = 500) -> str:
            stream = records.stream(spec, batch_size=batch_size)
            return "".join([record.id async for record in stream])

        by_score = (Order("score"),)
        for batch_size in (1, 2, 3, 6, 7):
            assert await streamed(batch_size=batch_size) == "123456"
            by = QuerySpec(order_by=by_score, limit=4, offset=1)
            assert await streamed(by, batch_size=batch_size) == "3142"
        assert await streamed(QuerySpec(limit=0)) == ""
        with pytest.raises(ValueError, match="batch_size"):
            records.stream(batch_size=0)
        async with backend.unit_of_work(read_only=True) as unit:
            inner = unit.repository(self.record_type)
            assert [record.id async for record in inner.stream(batch_size=4)] == list("123456")

    async def test_a_large_walk(self, backend: AsyncTransactionalDataStorage) -> None:
        records = self._repository(backend)
        moment = datetime(2020, 1, 1, tzinfo=UTC)
        await records.insert_many(
            [
                self._record(f"{n:05}", at=moment + timedelta(seconds=n // 7), score=n % 5)
                for n in range(2000)
            ]
        )
        spec = QuerySpec(order_by=(Order("at", Direction.desc), Order("score")))
        seen: list[str] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            page = await records.page(spec, limit=333, after=cursor)
            seen += [record.id for record in page.items]
            cursor = page.next_cursor
        assert len(seen) == len(set(seen)) == 2000
