"""The calls of SQLAlchemy that differ between its two forms, here in a thread."""

import threading

from sqlalchemy import URL, text
from sqlmodel import Session

from mic.datastorage_sql import _driver_sync as driver


def test_each_call() -> None:
    assert not driver.ASYNCHRONOUS
    engine = driver.make_engine(URL.create("sqlite+pysqlite"))
    assert driver.core_of(engine) is engine
    with engine.connect() as connection:
        one = driver.call_core(connection, lambda plain: plain.execute(text("SELECT 1")).scalar())
        assert one == 1
    session = driver.new_session(engine)
    assert isinstance(session, Session)
    assert not session.expire_on_commit
    session.close()
    engine.dispose()
    assert driver.off_loop(threading.get_ident) == threading.get_ident()
