"""How a store of another distribution joins a unit of work."""

from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession as PlainAsyncSession
from sqlalchemy.orm import Session as PlainSession
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from mic.datastorage import AsyncInMemoryRelationalDataStorage, InMemoryRelationalDataStorage
from mic.datastorage_sql import (
    AsyncSqlDataStorage,
    SqlDataStorage,
    async_session_of,
    session_of,
)


def test_a_unit_or_a_session() -> None:
    with SqlDataStorage(url="sqlite://") as storage, storage.unit_of_work() as unit:
        assert session_of(unit) is unit.session
        assert session_of(unit, storage=storage) is unit.session
        assert session_of(unit.session, storage=storage) is unit.session
        assert isinstance(unit.session, Session)
        for session_type in (Session, PlainSession):
            with session_type(storage.sqlalchemy_engine) as session:
                assert session_of(session, storage=storage) is session


async def test_an_asynchronous_unit_or_session() -> None:
    async with AsyncSqlDataStorage(url="sqlite://") as storage, storage.unit_of_work() as unit:
        assert async_session_of(unit) is unit.session
        assert async_session_of(unit, storage=storage) is unit.session
        assert isinstance(unit.session, AsyncSession)
        for session_type in (AsyncSession, PlainAsyncSession):
            async with session_type(storage.sqlalchemy_engine) as session:
                assert async_session_of(session, storage=storage) is session


@pytest.mark.parametrize("value", [None, 1, "session", object()])
def test_anything_else_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match=f"not {type(value).__name__}"):
        session_of(value)
    with pytest.raises(TypeError, match=f"not {type(value).__name__}"):
        async_session_of(value)


def test_a_unit_of_another_kind_is_a_type_error() -> None:
    with InMemoryRelationalDataStorage().unit_of_work() as unit:
        with pytest.raises(TypeError, match="not"):
            session_of(unit)
        with pytest.raises(TypeError, match="not"):
            async_session_of(unit)


def test_a_finished_unit_is_a_runtime_error() -> None:
    with SqlDataStorage(url="sqlite://") as storage:
        with storage.unit_of_work() as unit:
            pass
        with pytest.raises(RuntimeError, match="is committed"):
            session_of(unit)


async def test_another_database_is_a_value_error() -> None:
    with (
        SqlDataStorage(url="sqlite://") as one,
        SqlDataStorage(url="sqlite://") as other,
        one.unit_of_work() as unit,
        pytest.raises(ValueError, match="another database"),
    ):
        session_of(unit, storage=other)
    async with (
        AsyncSqlDataStorage(url="sqlite://") as first,
        AsyncSqlDataStorage(url="sqlite://") as second,
        first.unit_of_work() as joined,
    ):
        with pytest.raises(ValueError, match="another database"):
            async_session_of(joined, storage=second)


def test_a_storage_on_the_same_engine_may_join() -> None:
    with SqlDataStorage(url="sqlite://") as storage:
        again = SqlDataStorage(engine=storage.sqlalchemy_engine)
        other = SqlDataStorage(url="sqlite://")
        with storage.unit_of_work() as unit:
            assert session_of(unit, storage=again) is unit.session
            with again.unit_of_work(join=unit) as joined:
                assert joined is unit
            with pytest.raises(ValueError, match="another storage"):
                other.unit_of_work(join=unit)
        with (
            InMemoryRelationalDataStorage().unit_of_work() as foreign,
            pytest.raises(ValueError, match="another storage"),
        ):
            storage.unit_of_work(join=foreign)
        other.dispose()


async def test_a_unit_of_another_kind_cannot_be_joined() -> None:
    async with (
        AsyncSqlDataStorage(url="sqlite://") as storage,
        AsyncInMemoryRelationalDataStorage().unit_of_work() as foreign,
    ):
        with pytest.raises(ValueError, match="another storage"):
            storage.unit_of_work(join=foreign)


def test_a_store_that_joins_commits_and_rolls_back_with_its_owner(rows: Any) -> None:
    def store(session: Any, key: str) -> None:
        session = session_of(session)
        session.connection().execute(insert(rows.Parent.__table__), {"id": key})

    with SqlDataStorage(url="sqlite://") as storage:
        storage.create_all()
        with storage.unit_of_work() as unit:
            store(unit, "a")
            unit.set_rollback_only()
        with storage.unit_of_work() as unit:
            store(unit, "b")
            unit.repository(rows.Parent).insert(rows.Parent(id="c"))
        found = storage.repository(rows.Parent).find()
        assert [record.id for record in found] == ["b", "c"]
