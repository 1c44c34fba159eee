"""The few calls of SQLAlchemy that differ between its two forms (`_driver_async`)."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import Pool, QueuePool
from sqlmodel import Session

__all__ = [
    "ASYNCHRONOUS",
    "QueuePoolClass",
    "call_core",
    "core_of",
    "make_engine",
    "new_session",
    "off_loop",
]

T = TypeVar("T")
ASYNCHRONOUS = False
QueuePoolClass: type[Pool] = QueuePool


def make_engine(url: URL, **options: Any) -> Engine:
    """An engine; imports the driver and connects to nothing."""
    return create_engine(url, **options)


def core_of(engine: Engine) -> Engine:
    """The engine that events are attached to."""
    return engine


def new_session(bind: Engine | Connection) -> Session:
    """A session whose records stay readable after commit."""
    return Session(bind=bind, expire_on_commit=False)


def call_core(connection: Connection, fn: Callable[[Connection], T]) -> T:
    """Call what is written for a plain connection."""
    return fn(connection)


def off_loop(fn: Callable[[], T]) -> T:
    """Call it: a thread has no loop to hold."""
    return fn()
