"""The calls of SQLAlchemy that differ between its two forms, here on a loop."""

import threading

from sqlalchemy import URL, Engine, text
from sqlmodel.ext.asyncio.session import AsyncSession

from mic.datastorage_sql import _driver_async as driver


async def test_each_call() -> None:
    assert driver.ASYNCHRONOUS
    engine = driver.make_engine(URL.create("sqlite+aiosqlite"))
    assert isinstance(driver.core_of(engine), Engine)
    async with engine.connect() as connection:
        one = await driver.call_core(
            connection, lambda plain: plain.execute(text("SELECT 1")).scalar()
        )
        assert one == 1
    session = driver.new_session(engine)
    assert isinstance(session, AsyncSession)
    assert not session.sync_session.expire_on_commit
    await session.close()
    await engine.dispose()


async def test_what_may_take_a_while_runs_in_a_thread() -> None:
    assert await driver.off_loop(threading.get_ident) != threading.get_ident()
