"""The records of a table; what all backends do is in the contract suites."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError

from mic.datastorage import (
    Condition,
    ConstraintError,
    InvalidCursorError,
    InvalidQueryError,
    Op,
    Order,
    QuerySpec,
    RecordNotFoundError,
)
from mic.datastorage.query import encode_cursor, spec_fingerprint
from mic.datastorage_sql import AsyncSqlDataStorage
from mic.datastorage_sql._driver_async import core_of

MOMENT = datetime(2024, 1, 2, tzinfo=UTC)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[AsyncSqlDataStorage]:
    async with AsyncSqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        await storage.create_all()
        yield storage


@pytest.mark.parametrize("returning", [True, False])
async def test_what_the_engine_makes_is_read_back(
    storage: AsyncSqlDataStorage, rows: Any, returning: bool
) -> None:
    # Without RETURNING, as on MySQL.
    core_of(storage.sqlalchemy_engine).dialect.insert_returning = returning
    records = storage.repository(rows.Counted)
    first = await records.insert(rows.Counted(name="a", payload={"k": [1]}))
    second = await records.insert(rows.Counted(name="b", made="by caller"))
    explicit = await records.insert(rows.Counted(id=10, name="c"))
    assert [(each.id, each.made, each.version) for each in (first, second, explicit)] == [
        (1, "by engine", 1),
        (2, "by caller", 1),
        (10, "by engine", 1),
    ]
    assert (await records.require(1)).payload == {"k": [1]}


async def test_insert_many_takes_records_of_different_shape(
    storage: AsyncSqlDataStorage, rows: Any, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    records = storage.repository(rows.Counted)
    many = [
        *(rows.Counted(name=f"made {n}") for n in range(5)),
        *(rows.Counted(id=100 + n, name=f"given {n}", made="m") for n in range(2)),
        rows.Counted(name="last"),
    ]
    assert await records.insert_many(many, batch_size=3) == 8
    inserts = [statement for statement in log.sent if statement.startswith("INSERT")]
    assert len(inserts) == 4
    found = await records.find()
    assert [record.made for record in found] == ["by engine"] * 5 + ["m"] * 2 + ["by engine"]
    assert {record.version for record in found} == {1}


async def test_rules_of_the_schema(storage: AsyncSqlDataStorage, rows: Any) -> None:
    for record, table in (
        (rows.Counted(name="a", amount=-1), None),
        (rows.Counted(name=None), "counted"),
        (rows.Child(id="c", parent_id="nobody"), None),
    ):
        with pytest.raises(ConstraintError, match="rule") as caught:
            await storage.repository(type(record)).insert(record)
        assert (caught.value.code, caught.value.http_status_code) == ("storage.constraint", 422)
        assert caught.value.table == table
        assert caught.value.details == {}


async def test_values_that_no_column_holds(storage: AsyncSqlDataStorage, rows: Any) -> None:
    records = storage.repository(rows.Counted)
    with pytest.raises(ConstraintError, match="does not fit"):
        await records.insert(rows.Counted(name="a", amount=2**70))
    with pytest.raises(InvalidQueryError, match="does not fit"):
        await records.get(2**70)
    with pytest.raises(InvalidQueryError, match="does not fit"):
        await records.find(QuerySpec(where=(Condition("amount", Op.gt, 2**70),)))
    children = storage.repository(rows.Child)
    naive = MOMENT.replace(tzinfo=None)
    with pytest.raises(InvalidQueryError, match="does not fit"):
        await children.find(QuerySpec(where=(Condition("at", Op.eq, naive),)))
    with pytest.raises(ValueError, match="does not fit"):
        await children.insert(rows.Child(id="c", parent_id="p", at=naive))
    with pytest.raises(ValueError, match="does not fit"):
        await records.insert(rows.Counted(name="a", payload=object()))


async def test_types_without_versions(storage: AsyncSqlDataStorage, rows: Any) -> None:
    parents = storage.repository(rows.Parent)
    await parents.insert(rows.Parent(id="p"))
    children = storage.repository(rows.Child)
    child = await children.insert(rows.Child(id="c", parent_id="p"))
    assert await children.update(child) is child
    assert (await children.upsert(child)).id == "c"
    with pytest.raises(RecordNotFoundError, match="no record"):
        await children.update(rows.Child(id="x", parent_id="p"))
    with pytest.raises(ValueError, match="no version field"):
        await children.update(child, expected_version=1)
    with pytest.raises(ValueError, match="no version field"):
        await children.delete("c", expected_version=1)
    with pytest.raises(RecordNotFoundError, match="no record"):
        await storage.repository(rows.KeyOnly).update(rows.KeyOnly(id="x"))
    key = await storage.repository(rows.KeyOnly).upsert(rows.KeyOnly(id="x"))
    assert await storage.repository(rows.KeyOnly).update(key) is key


async def test_records_belong_to_no_session(storage: AsyncSqlDataStorage, rows: Any) -> None:
    await storage.repository(rows.Parent).insert(rows.Parent(id="p"))
    await storage.repository(rows.Child).insert(rows.Child(id="c", parent_id="p"))
    async with storage.unit_of_work() as unit:
        child = await unit.repository(rows.Child).require("c")
        assert child not in unit.session
        with pytest.raises((InvalidRequestError, SQLAlchemyError), match="parent"):
            _ = child.parent
    assert (child.id, child.parent_id) == ("c", "p")


async def test_upsert_without_a_value_to_conflict_inserts(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    records = storage.repository(rows.Counted)
    made = await records.upsert(rows.Counted(name="a"))
    assert (made.id, made.version, made.made) == (1, 1, "by engine")
    again = await records.upsert(rows.Counted(id=1, name="b"))
    assert (again.id, again.version) == (1, 2)
    assert (await records.require(1)).name == "b"


async def test_upsert_reads_the_identity_back_where_the_engine_does_not_tell(
    storage: AsyncSqlDataStorage, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storage.repository(rows.Account).insert(rows.Account(id="a", name="n"))
    async with storage.unit_of_work() as unit:
        records = unit.repository(rows.Account)
        # As on MySQL, whose statement returns nothing.
        module = __import__(type(records).__module__, fromlist=["RETURNING_DIALECTS"])
        monkeypatch.setattr(module, "RETURNING_DIALECTS", frozenset())
        record = await records.upsert(rows.Account(id="b", name="n"), conflict_fields=["name"])
    assert (record.id, record.version) == ("a", 2)


async def test_a_cursor_with_keys_of_another_type_is_refused(
    storage: AsyncSqlDataStorage, rows: Any
) -> None:
    records = storage.repository(rows.Counted)
    order = (Order("amount"), Order("id"))
    mark = spec_fingerprint((), order, type_name="CountedRow")
    for keys in ((1, "x"), (None, 1), (1, 2**70), (True, 1)):
        cursor = encode_cursor(keys, fingerprint=mark)
        with pytest.raises(InvalidCursorError, match="cursor"):
            await records.page(QuerySpec(order_by=order[:1]), after=cursor)
    cursor = encode_cursor((0, 1), fingerprint=mark)
    assert (await records.page(QuerySpec(order_by=order[:1]), after=cursor)).items == ()


async def test_one_statement_each(
    storage: AsyncSqlDataStorage, rows: Any, statement_log: Any
) -> None:
    async with storage.unit_of_work() as unit:
        log = statement_log(core_of(storage.sqlalchemy_engine))
        records = unit.repository(rows.Account)
        many = [rows.Account(id=f"{n:04}", name=f"n{n}", score=n) for n in range(1000)]
        await records.insert_many(many)
        assert log.verbs() == ["INSERT"]
        record = await records.require("0007")
        assert log.verbs() == ["SELECT"]
        await records.update(record)
        assert log.verbs() == ["UPDATE"]
        await records.upsert(record)
        assert log.verbs() == ["INSERT"]
        page = await records.page(QuerySpec(order_by=(Order("score"),)), limit=10)
        assert log.verbs() == ["SELECT"]
        await records.page(QuerySpec(order_by=(Order("score"),)), limit=10, after=page.next_cursor)
        assert "WHERE contract_accounts.score >" in " ".join(log.sent[0].split())
        assert log.verbs() == ["SELECT"]
        await records.exists(QuerySpec())
        await records.count()
        await records.delete("0007")
        await records.delete_where(QuerySpec(where=(Condition("score", Op.lt, 5),)))
        assert log.verbs() == ["SELECT", "SELECT", "DELETE", "DELETE"]


async def test_nothing_is_sent_for_a_bad_query(
    storage: AsyncSqlDataStorage, rows: Any, statement_log: Any
) -> None:
    async with storage.unit_of_work() as unit:
        log = statement_log(core_of(storage.sqlalchemy_engine))
        records = unit.repository(rows.Account)
        for spec in (
            QuerySpec(where=(Condition("id; DROP TABLE", Op.eq, 1),)),
            QuerySpec(order_by=(Order("metadata"),)),
        ):
            with pytest.raises(InvalidQueryError, match="no such field"):
                await records.find(spec)
        assert log.sent == []
