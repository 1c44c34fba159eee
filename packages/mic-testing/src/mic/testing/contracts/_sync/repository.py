# Generated from _async/repository.py by "make unasync"; edit that file.
"""The suite of repositories: the same answers from every backend."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mic.datastorage import (
    AnyOf,
    Condition,
    Direction,
    DuplicateRecordError,
    InvalidCursorError,
    InvalidQueryError,
    Op,
    Order,
    QuerySpec,
    RecordNotFoundError,
    Repository,
    TransactionalDataStorage,
    UnboundedResultError,
    UnknownFieldError,
    VersionConflictError,
)
from mic.testing.contracts._base import ContractBase
from mic.testing.contracts._storage_records import MOMENT, ContractRecord
from mic.testing.contracts._together_sync import together

__all__ = ["RepositoryContract"]

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


class RepositoryContract(ContractBase):
    """Repositories. A test class gives the fixture `backend`, an empty storage with its schema.

    Attributes:
        record_type: The class of the records, with the fields of `ContractRecord`; a fixture may
            set it on the instance.
    """

    record_type: type[Any] = ContractRecord

    def _record(self, id: str, **values: Any) -> Any:
        return self.record_type(**{"id": id, "name": f"name of {id}", **values})

    def _repository(self, backend: TransactionalDataStorage, **options: Any) -> Repository[Any]:
        return backend.repository(self.record_type, unique=[["name"]], **options)

    def _people(self, backend: TransactionalDataStorage, **options: Any) -> Repository[Any]:
        records = self._repository(backend, **options)
        people = [
            self._record(key, name=name, note=note, score=score)
            for key, name, note, score in _PEOPLE
        ]
        assert records.insert_many(people) == len(people)
        return records

    def _ids(self, records: Repository[Any], spec: QuerySpec | None = None) -> str:
        return "".join([record.id for record in records.find(spec)])

    # --- one record ------------------------------------------------------------------------------

    def test_a_record_comes_back_as_it_was(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        at = datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=timezone(timedelta(hours=-5)))
        note = "ünïcode 🦀 \\ ' \" \n" * 1000
        returned = records.insert(self._record("a", note=note, score=-5, at=at))
        for record in (returned, records.require("a")):
            assert (record.id, record.name, record.note) == ("a", "name of a", note)
            assert (record.score, record.version) == (-5, 1)
            assert record.at == at
        found = records.require("a")
        assert found.at.utcoffset() is not None

    def test_records_are_values(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        record = records.insert(self._record("a"))
        record.note = "changed after the insert"
        with backend.unit_of_work() as unit:
            found = unit.repository(self.record_type).require("a")
            found.note = "changed in the unit"
            unit.flush()
        assert found.note == "changed in the unit"
        assert (records.require("a")).note is None

    def test_an_absent_record(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        assert records.get("a") is None
        assert records.get("") is None
        with pytest.raises(RecordNotFoundError, match="no record") as caught:
            records.require("a")
        assert (caught.value.code, caught.value.http_status_code) == ("storage.not_found", 404)
        assert not records.delete("a")
        assert not records.delete("a", expected_version=1)
        with pytest.raises(RecordNotFoundError, match="no record"):
            records.update(self._record("a"))

    def test_a_duplicate_is_refused(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert(self._record("a", name="Ada"))
        with pytest.raises(DuplicateRecordError, match="unique") as caught:
            records.insert(self._record("a", name="other"))
        assert (caught.value.code, caught.value.http_status_code) == ("storage.conflict", 409)
        assert caught.value.details == {}
        with pytest.raises(DuplicateRecordError, match="unique"):
            records.insert(self._record("b", name="Ada"))
        assert self._ids(records) == "a"

    def test_an_update_counts_the_version_up(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        record = records.insert(self._record("a", note="before", score=1))
        record.note, record.score = "after", None
        updated = records.update(record)
        assert (record.version, updated.version) == (2, 2)
        stored = records.require("a")
        assert (stored.note, stored.score, stored.version) == ("after", None, 2)
        stored.note = "again"
        assert (records.update(stored, expected_version=2)).version == 3

    def test_a_stale_update_is_refused(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert(self._record("a"))
        mine, theirs = records.require("a"), records.require("a")
        theirs.note = "theirs"
        records.update(theirs)
        mine.note = "mine"
        with pytest.raises(VersionConflictError, match="somebody else") as caught:
            records.update(mine)
        assert caught.value.details == {"expected": 1, "actual": 2}
        assert (caught.value.code, caught.value.http_status_code) == (
            "storage.version_conflict",
            409,
        )
        assert mine.version == 1
        with pytest.raises(VersionConflictError, match="somebody else"):
            records.update(theirs, expected_version=7)
        assert (records.require("a")).note == "theirs"

    def test_an_update_cannot_take_a_unique_value(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert(self._record("a", name="Ada"))
        other = records.insert(self._record("b", name="Bob"))
        other.name = "Ada"
        with pytest.raises(DuplicateRecordError, match="unique"):
            records.update(other)
        assert other.version == 1
        assert (records.require("b")).name == "Bob"

    def test_a_rollback_gives_the_version_back(self, backend: TransactionalDataStorage) -> None:
        record = self._repository(backend).insert(self._record("a"))
        with backend.unit_of_work() as unit:
            unit.repository(self.record_type).update(record)
            assert record.version == 2
            unit.set_rollback_only()
        assert record.version == 1
        assert (self._repository(backend).update(record)).version == 2

    def test_of_concurrent_updates_one_wins(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert(self._record("a"))
        rounds = 3
        for version in range(1, rounds + 1):

            def update(version: int = version) -> str:
                record = records.require("a")
                try:
                    records.update(record, expected_version=version)
                except VersionConflictError:
                    return "lost"
                return "won"

            assert sorted(together(*[update] * 10)) == ["lost"] * 9 + ["won"]
        assert (records.require("a")).version == rounds + 1

    def test_of_concurrent_inserts_one_wins(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)

        def insert() -> str:
            try:
                records.insert(self._record("a"))
            except DuplicateRecordError:
                return "lost"
            return "won"

        assert sorted(together(*[insert] * 8)) == ["lost"] * 7 + ["won"]

    def test_delete(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert_many([self._record("a"), self._record("b")])
        with pytest.raises(VersionConflictError, match="somebody else") as caught:
            records.delete("a", expected_version=2)
        assert caught.value.details == {"expected": 2, "actual": 1}
        assert records.delete("a", expected_version=1)
        assert not records.delete("a")
        assert records.delete("b")
        assert self._ids(records) == ""

    def test_upsert_by_id(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        first = records.upsert(self._record("a", note="first"))
        assert first.version == 1
        second = records.upsert(self._record("a", note="second"))
        assert (second.id, second.version) == ("a", 2)
        stored = records.require("a")
        assert (stored.note, stored.version) == ("second", 2)

    def test_upsert_by_a_unique_field_keeps_the_id(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert(self._record("a", name="Ada"))
        record = self._record("b", name="Ada", score=5)
        assert records.upsert(record, conflict_fields=["name"]) is record
        assert (record.id, record.version) == ("a", 2)
        stored = records.require("a")
        assert (stored.score, stored.version) == (5, 2)
        fresh = records.upsert(self._record("c", name="Cy"), conflict_fields=["name"])
        assert (fresh.id, fresh.version) == ("c", 1)
        assert self._ids(records) == "ac"

    def test_upsert_cannot_take_another_unique_value(
        self, backend: TransactionalDataStorage
    ) -> None:
        records = self._repository(backend)
        records.insert_many([self._record("a", name="Ada"), self._record("b", name="Bob")])
        with pytest.raises(DuplicateRecordError, match="unique"):
            records.upsert(self._record("a", name="Bob"))
        with pytest.raises(UnknownFieldError, match="no such field"):
            records.upsert(self._record("a"), conflict_fields=["nothing"])
        assert (records.require("a")).name == "Ada"

    # --- many records ----------------------------------------------------------------------------

    def test_insert_many_stores_all_or_none(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        many = [self._record(f"{number:04}") for number in range(250)]
        assert records.insert_many(many, batch_size=100) == 250
        assert records.count() == 250
        assert records.insert_many([]) == 0
        with pytest.raises(DuplicateRecordError, match="unique"):
            records.insert_many([self._record("new"), self._record("0007")], batch_size=1)
        assert records.get("new") is None
        with pytest.raises(ValueError, match="batch_size"):
            records.insert_many([self._record("new")], batch_size=0)

    def test_delete_where(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend)
        assert records.delete_where(_where("score", Op.eq, 30)) == 2
        assert self._ids(records) == "2356"
        for spec in (
            QuerySpec(),
            QuerySpec(where=(Condition("id", Op.eq, "2"),), limit=1),
            QuerySpec(where=(Condition("id", Op.eq, "2"),), order_by=(Order("id"),)),
        ):
            with pytest.raises(InvalidQueryError, match="delete_where"):
                records.delete_where(spec)
        assert self._ids(records) == "2356"

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
    def test_conditions(
        self,
        backend: TransactionalDataStorage,
        field: str,
        op: Op,
        value: Any,
        expected: str,
    ) -> None:
        records = self._people(backend)
        assert self._ids(records, _where(field, op, value)) == expected
        assert records.count(_where(field, op, value)) == len(expected)

    def test_conditions_are_anded_and_any_of_is_an_or(
        self, backend: TransactionalDataStorage
    ) -> None:
        records = self._people(backend)
        either = AnyOf((Condition("score", Op.eq, 10), Condition("note", Op.eq, "axbyc")))
        assert self._ids(records, QuerySpec(where=(either,))) == "34"
        both = QuerySpec(where=(either, Condition("score", Op.gt, 10)))
        assert self._ids(records, both) == "4"

    def test_order(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend)

        def ordered(*order: Order) -> str:
            return self._ids(records, QuerySpec(order_by=order))

        assert ordered() == "123456"
        assert ordered(Order("id", Direction.desc)) == "654321"
        assert ordered(Order("score")) == "631425"
        assert ordered(Order("score", Direction.desc)) == "143625"
        assert ordered(Order("name")) == "145236"
        assert ordered(Order("score"), Order("name", Direction.desc)) == "634125"

    def test_limit_and_offset(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend)
        assert self._ids(records, QuerySpec(limit=2)) == "12"
        assert self._ids(records, QuerySpec(limit=2, offset=5)) == "6"
        assert self._ids(records, QuerySpec(offset=4)) == "56"
        assert self._ids(records, QuerySpec(limit=0)) == ""
        assert records.count(QuerySpec(limit=1, offset=1)) == 6
        assert records.exists(QuerySpec(limit=0, offset=99))
        assert not records.exists(_where("score", Op.eq, 99))

    def test_find_never_cuts_silently(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend, max_rows=5)
        with pytest.raises(UnboundedResultError, match="more than 5"):
            records.find()
        assert self._ids(records, QuerySpec(limit=6)) == "123456"
        assert self._ids(records, QuerySpec(offset=1)) == "23456"

    def test_find_one(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend)
        found = records.find_one(_where("name", Op.eq, "Ada"))
        assert found is not None
        assert found.id == "1"
        assert records.find_one(_where("name", Op.eq, "nobody")) is None
        with pytest.raises(InvalidQueryError, match="more than one"):
            records.find_one(_where("score", Op.eq, 30))
        first = records.find_one(QuerySpec(limit=1))
        assert first is not None
        assert first.id == "1"

    def test_unknown_fields_are_refused(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        unknown = _where("nothing", Op.eq, 1)
        for call in (records.find, records.count, records.exists, records.delete_where):
            with pytest.raises(UnknownFieldError, match="no such field"):
                call(unknown)
        nested = QuerySpec(where=(AnyOf((Condition("nothing", Op.eq, 1),)),))
        with pytest.raises(UnknownFieldError, match="no such field"):
            records.page(nested)
        with pytest.raises(UnknownFieldError, match="no such field"):
            records.stream(QuerySpec(order_by=(Order("__class__"),)))

    # --- pages and streams -----------------------------------------------------------------------

    def _walk(self, records: Repository[Any], spec: QuerySpec | None, limit: int) -> list[str]:
        pages: list[str] = []
        cursor: str | None = None
        while cursor is not None or not pages:
            page = records.page(spec, limit=limit, after=cursor)
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
    def test_a_walk_gives_every_record_once_in_order(
        self, backend: TransactionalDataStorage, order: tuple[Order, ...], limit: int
    ) -> None:
        records = self._people(backend)
        spec = QuerySpec(order_by=order)
        pages = self._walk(records, spec, limit)
        assert "".join(pages) == self._ids(records, spec)
        assert all(len(page) == limit for page in pages[:-1])
        assert 1 <= len(pages[-1]) <= limit

    def test_a_page_of_a_filtered_walk_knows_the_total(
        self, backend: TransactionalDataStorage
    ) -> None:
        records = self._people(backend)
        page = records.page(_where("score", Op.gte, 10), limit=2, with_total=True)
        assert [record.id for record in page.items] == ["1", "3"]
        assert page.total == 3
        rest = records.page(
            _where("score", Op.gte, 10), limit=2, after=page.next_cursor, with_total=True
        )
        assert [record.id for record in rest.items] == ["4"]
        assert (rest.next_cursor, rest.total) == (None, 3)
        empty = records.page(_where("score", Op.eq, 99))
        assert (empty.items, empty.next_cursor, empty.total) == ((), None, None)

    def test_bad_pages_are_refused(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        for limit in (0, 1001, -1):
            with pytest.raises(ValueError, match="between 1 and 1000"):
                records.page(limit=limit)
        for spec in (QuerySpec(limit=1), QuerySpec(offset=1)):
            with pytest.raises(InvalidQueryError, match="limit or offset"):
                records.page(spec)

    def test_a_foreign_cursor_is_refused(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend)
        cursor = (records.page(limit=2)).next_cursor
        assert cursor is not None
        for spec in (_where("score", Op.eq, 30), QuerySpec(order_by=(Order("name"),))):
            with pytest.raises(InvalidCursorError, match="cursor"):
                records.page(spec, after=cursor)
        for text in ("", "!", cursor[:-1], cursor + "A", "ä", "A" * 9000, cursor[::-1]):
            with pytest.raises(InvalidCursorError, match="cursor") as caught:
                records.page(after=text)
            assert caught.value.code == "storage.invalid_cursor"

    def test_a_signed_cursor_cannot_be_made_by_others(
        self, backend: TransactionalDataStorage
    ) -> None:
        plain = self._people(backend)
        signing = self._repository(backend, cursor_secret=b"a secret of 32 bytes, of the server")
        other = self._repository(backend, cursor_secret=b"another secret of the same length.")
        unsigned = (plain.page(limit=2)).next_cursor
        signed = (signing.page(limit=2)).next_cursor
        assert signed is not None
        page = signing.page(after=signed)
        assert [record.id for record in page.items] == ["3", "4", "5", "6"]
        for repository, cursor in (
            (signing, unsigned),
            (other, signed),
            (plain, signed),
            (signing, signed[:-4] + "AAAA"),
        ):
            with pytest.raises(InvalidCursorError, match="cursor"):
                repository.page(after=cursor)
        with pytest.raises(ValueError, match="16 bytes"):
            self._repository(backend, cursor_secret=b"short")

    def test_a_walk_survives_inserts_and_deletes(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        records.insert_many([self._record(f"{n:02}", score=n % 3) for n in range(0, 40, 2)])
        spec = QuerySpec(order_by=(Order("score"),))
        seen: list[str] = []
        cursor: str | None = None
        step = 1
        while cursor is not None or not seen:
            page = records.page(spec, limit=3, after=cursor)
            seen += [record.id for record in page.items]
            cursor = page.next_cursor
            records.insert(self._record(f"{step:02}", score=step % 3))
            records.delete(seen[0])
            step += 2
        assert len(seen) == len(set(seen))
        stable = {f"{n:02}" for n in range(0, 40, 2)}
        assert stable <= set(seen)

    def test_stream(self, backend: TransactionalDataStorage) -> None:
        records = self._people(backend)

        def streamed(spec: QuerySpec | None = None, *, batch_size: int = 500) -> str:
            stream = records.stream(spec, batch_size=batch_size)
            return "".join([record.id for record in stream])

        by_score = (Order("score"),)
        for batch_size in (1, 2, 3, 6, 7):
            assert streamed(batch_size=batch_size) == "123456"
            by = QuerySpec(order_by=by_score, limit=4, offset=1)
            assert streamed(by, batch_size=batch_size) == "3142"
        assert streamed(QuerySpec(limit=0)) == ""
        with pytest.raises(ValueError, match="batch_size"):
            records.stream(batch_size=0)
        with backend.unit_of_work(read_only=True) as unit:
            inner = unit.repository(self.record_type)
            assert [record.id for record in inner.stream(batch_size=4)] == list("123456")

    def test_a_large_walk(self, backend: TransactionalDataStorage) -> None:
        records = self._repository(backend)
        moment = datetime(2020, 1, 1, tzinfo=UTC)
        records.insert_many(
            [
                self._record(f"{n:05}", at=moment + timedelta(seconds=n // 7), score=n % 5)
                for n in range(2000)
            ]
        )
        spec = QuerySpec(order_by=(Order("at", Direction.desc), Order("score")))
        seen: list[str] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            page = records.page(spec, limit=333, after=cursor)
            seen += [record.id for record in page.items]
            cursor = page.next_cursor
        assert len(seen) == len(set(seen)) == 2000
