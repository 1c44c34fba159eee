"""What a type checker knows; mypy runs over this file as over any other."""

from contextlib import AbstractContextManager
from typing import assert_type

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

import mic.datastorage
from mic.datastorage_sql import AsyncSqlDataStorage, SqlDataStorage, SqlEngine


def test_a_block_has_the_type_of_its_storage() -> None:
    with SqlDataStorage(url="sqlite://") as storage:
        assert_type(storage, SqlDataStorage)
        assert_type(storage.sqlalchemy_engine, Engine)
        assert_type(storage.session(), AbstractContextManager[Session])
    assert storage.disposed


async def test_an_asynchronous_block_has_it_too() -> None:
    async with AsyncSqlDataStorage(url="sqlite://") as storage:
        assert_type(storage, AsyncSqlDataStorage)
        assert_type(storage.sqlalchemy_engine, AsyncEngine)
        async with storage.session() as session:
            assert_type(session, AsyncSession)
    assert storage.disposed


def test_the_names_of_published_code() -> None:
    engine = mic.datastorage.SqlEngine(url="sqlite://", echo=False)
    assert_type(engine, SqlDataStorage)
    assert SqlEngine is SqlDataStorage is mic.datastorage.SqlDataStorage
    engine.dispose()
