# Generated from async/test_repository.py by "make unasync"; edit that file.
"""The records of a table; what all backends do is in the contract suites."""

from collections.abc import Iterator
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
from mic.datastorage_sql import SqlDataStorage
from mic.datastorage_sql._driver_sync import core_of

MOMENT = datetime(2024, 1, 2, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlDataStorage]:
    with SqlDataStorage(url=f"sqlite:///{tmp_path}/test.db") as storage:
        storage.create_all()
        yield storage


@pytest.mark.parametrize("returning", [True, False])
def test_what_the_engine_makes_is_read_back(
    storage: SqlDataStorage, rows: Any, returning: bool
) -> None:
    # Without RETURNING, as on MySQL.
    core_of(storage.sqlalchemy_engine).dialect.insert_returning = returning
    records = storage.repository(rows.Counted)
    first = records.insert(rows.Counted(name="a", payload={"k": [1]}))
    second = records.insert(rows.Counted(name="b", made="by caller"))
    explicit = records.insert(rows.Counted(id=10, name="c"))
    assert [(each.id, each.made, each.version) for each in (first, second, explicit)] == [
        (1, "by engine", 1),
        (2, "by caller", 1),
        (10, "by engine", 1),
    ]
    assert (records.require(1)).payload == {"k": [1]}


def test_insert_many_takes_records_of_different_shape(
    storage: SqlDataStorage, rows: Any, statement_log: Any
) -> None:
    log = statement_log(core_of(storage.sqlalchemy_engine))
    records = storage.repository(rows.Counted)
    many = [
        *(rows.Counted(name=f"made {n}") for n in range(5)),
        *(rows.Counted(id=100 + n, name=f"given {n}", made="m") for n in range(2)),
        rows.Counted(name="last"),
    ]
    assert records.insert_many(many, batch_size=3) == 8
    inserts = [statement for statement in log.sent if statement.startswith("INSERT")]
    assert len(inserts) == 4
    found = records.find()
    assert [record.made for record in found] == ["by engine"] * 5 + ["m"] * 2 + ["by engine"]
    assert {record.version for record in found} == {1}


def test_rules_of_the_schema(storage: SqlDataStorage, rows: Any) -> None:
    for record, table in (
        (rows.Counted(name="a", amount=-1), None),
        (rows.Counted(name=None), "counted"),
        (rows.Child(id="c", parent_id="nobody"), None),
    ):
        with pytest.raises(ConstraintError, match="rule") as caught:
            storage.repository(type(record)).insert(record)
        assert (caught.value.code, caught.value.http_status_code) == ("storage.constraint", 422)
        assert caught.value.table == table
        assert caught.value.details == {}


def test_values_that_no_column_holds(storage: SqlDataStorage, rows: Any) -> None:
    records = storage.repository(rows.Counted)
    with pytest.raises(ConstraintError, match="does not fit"):
        records.insert(rows.Counted(name="a", amount=2**70))
    with pytest.raises(InvalidQueryError, match="does not fit"):
        records.get(2**70)
    with pytest.raises(InvalidQueryError, match="does not fit"):
        records.find(QuerySpec(where=(Condition("amount", Op.gt, 2**70),)))
    children = storage.repository(rows.Child)
    naive = MOMENT.replace(tzinfo=None)
    with pytest.raises(InvalidQueryError, match="does not fit"):
        children.find(QuerySpec(where=(Condition("at", Op.eq, naive),)))
    with pytest.raises(ValueError, match="does not fit"):
        children.insert(rows.Child(id="c", parent_id="p", at=naive))
    with pytest.raises(ValueError, match="does not fit"):
        records.insert(rows.Counted(name="a", payload=object()))


def test_types_without_versions(storage: SqlDataStorage, rows: Any) -> None:
    parents = storage.repository(rows.Parent)
    parents.insert(rows.Parent(id="p"))
    children = storage.repository(rows.Child)
    child = children.insert(rows.Child(id="c", parent_id="p"))
    assert children.update(child) is child
    assert (children.upsert(child)).id == "c"
    with pytest.raises(RecordNotFoundError, match="no record"):
        children.update(rows.Child(id="x", parent_id="p"))
    with pytest.raises(ValueError, match="no version field"):
        children.update(child, expected_version=1)
    with pytest.raises(ValueError, match="no version field"):
        children.delete("c", expected_version=1)
    with pytest.raises(RecordNotFoundError, match="no record"):
        storage.repository(rows.KeyOnly).update(rows.KeyOnly(id="x"))
    key = storage.repository(rows.KeyOnly).upsert(rows.KeyOnly(id="x"))
    assert storage.repository(rows.KeyOnly).update(key) is key


def test_records_belong_to_no_session(storage: SqlDataStorage, rows: Any) -> None:
    storage.repository(rows.Parent).insert(rows.Parent(id="p"))
    storage.repository(rows.Child).insert(rows.Child(id="c", parent_id="p"))
    with storage.unit_of_work() as unit:
        child = unit.repository(rows.Child).require("c")
        assert child not in unit.session
        with pytest.raises((InvalidRequestError, SQLAlchemyError), match="parent"):
            _ = child.parent
    assert (child.id, child.parent_id) == ("c", "p")


def test_upsert_without_a_value_to_conflict_inserts(storage: SqlDataStorage, rows: Any) -> None:
    records = storage.repository(rows.Counted)
    made = records.upsert(rows.Counted(name="a"))
    assert (made.id, made.version, made.made) == (1, 1, "by engine")
    again = records.upsert(rows.Counted(id=1, name="b"))
    assert (again.id, again.version) == (1, 2)
    assert (records.require(1)).name == "b"


def test_upsert_reads_the_identity_back_where_the_engine_does_not_tell(
    storage: SqlDataStorage, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.repository(rows.Account).insert(rows.Account(id="a", name="n"))
    with storage.unit_of_work() as unit:
        records = unit.repository(rows.Account)
        # As on MySQL, whose statement returns nothing.
        module = __import__(type(records).__module__, fromlist=["RETURNING_DIALECTS"])
        monkeypatch.setattr(module, "RETURNING_DIALECTS", frozenset())
        record = records.upsert(rows.Account(id="b", name="n"), conflict_fields=["name"])
    assert (record.id, record.version) == ("a", 2)


def test_a_cursor_with_keys_of_another_type_is_refused(storage: SqlDataStorage, rows: Any) -> None:
    records = storage.repository(rows.Counted)
    order = (Order("amount"), Order("id"))
    mark = spec_fingerprint((), order, type_name="CountedRow")
    for keys in ((1, "x"), (None, 1), (1, 2**70), (True, 1)):
        cursor = encode_cursor(keys, fingerprint=mark)
        with pytest.raises(InvalidCursorError, match="cursor"):
            records.page(QuerySpec(order_by=order[:1]), after=cursor)
    cursor = encode_cursor((0, 1), fingerprint=mark)
    assert (records.page(QuerySpec(order_by=order[:1]), after=cursor)).items == ()


def test_one_statement_each(storage: SqlDataStorage, rows: Any, statement_log: Any) -> None:
    with storage.unit_of_work() as unit:
        log = statement_log(core_of(storage.sqlalchemy_engine))
        records = unit.repository(rows.Account)
        many = [rows.Account(id=f"{n:04}", name=f"n{n}", score=n) for n in range(1000)]
        records.insert_many(many)
        assert log.verbs() == ["INSERT"]
        record = records.require("0007")
        assert log.verbs() == ["SELECT"]
        records.update(record)
        assert log.verbs() == ["UPDATE"]
        records.upsert(record)
        assert log.verbs() == ["INSERT"]
        page = records.page(QuerySpec(order_by=(Order("score"),)), limit=10)
        assert log.verbs() == ["SELECT"]
        records.page(QuerySpec(order_by=(Order("score"),)), limit=10, after=page.next_cursor)
        assert "WHERE contract_accounts.score >" in " ".join(log.sent[0].split())
        assert log.verbs() == ["SELECT"]
        records.exists(QuerySpec())
        records.count()
        records.delete("0007")
        records.delete_where(QuerySpec(where=(Condition("score", Op.lt, 5),)))
        assert log.verbs() == ["SELECT", "SELECT", "DELETE", "DELETE"]


def test_nothing_is_sent_for_a_bad_query(
    storage: SqlDataStorage, rows: Any, statement_log: Any
) -> None:
    with storage.unit_of_work() as unit:
        log = statement_log(core_of(storage.sqlalchemy_engine))
        records = unit.repository(rows.Account)
        for spec in (
            QuerySpec(where=(Condition("id; DROP TABLE", Op.eq, 1),)),
            QuerySpec(order_by=(Order("metadata"),)),
        ):
            with pytest.raises(InvalidQueryError, match="no such field"):
                records.find(spec)
        assert log.sent == []
