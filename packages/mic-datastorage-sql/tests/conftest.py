"""What the tests of this distribution share."""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Column, Engine, event, text
from sqlmodel import Field, Relationship, SQLModel

from mic.datastorage_sql import JsonDocument, UtcDateTime

MOMENT = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)


class AccountRow(SQLModel, table=True):
    """The record of the contract suites, as a table."""

    __tablename__ = "contract_accounts"

    id: str = Field(primary_key=True, max_length=100)
    name: str = Field(unique=True, max_length=100)
    note: str | None = None
    score: int | None = None
    at: datetime = Field(default=MOMENT, sa_column=Column(UtcDateTime, nullable=False))
    version: int = 1


class CountedRow(SQLModel, table=True):
    """A table that makes ids and values of its own."""

    __tablename__ = "counted"
    __table_args__ = (CheckConstraint("amount >= 0"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    amount: int = 0
    made: str | None = Field(default=None, sa_column_kwargs={"server_default": text("'by engine'")})
    payload: Any = Field(default=None, sa_column=Column(JsonDocument))
    version: int | None = None


class ParentRow(SQLModel, table=True):
    """A table without versions, that others refer to."""

    __tablename__ = "parents"

    id: str = Field(primary_key=True)
    children: list["ChildRow"] = Relationship(back_populates="parent")


class ChildRow(SQLModel, table=True):
    """A table that refers to another."""

    __tablename__ = "children"

    id: str = Field(primary_key=True)
    parent_id: str = Field(foreign_key="parents.id")
    at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    parent: ParentRow | None = Relationship(back_populates="children")


class KeyOnlyRow(SQLModel, table=True):
    """Nothing but a key."""

    __tablename__ = "key_only"

    id: str = Field(primary_key=True)


class PairRow(SQLModel, table=True):
    """A composite key, which repositories do not serve."""

    __tablename__ = "pairs"

    id: str = Field(primary_key=True)
    other: str = Field(primary_key=True)


@pytest.fixture
def account_type() -> type[AccountRow]:
    """The table class whose fields are those of `ContractRecord`."""
    return AccountRow


@pytest.fixture
def rows() -> SimpleNamespace:
    """The table classes of the tests."""
    return SimpleNamespace(
        Account=AccountRow,
        Counted=CountedRow,
        Parent=ParentRow,
        Child=ChildRow,
        KeyOnly=KeyOnlyRow,
        Pair=PairRow,
    )


class StatementLog:
    """What was sent on an engine, in order."""

    def __init__(self, engine: Engine) -> None:
        self.sent: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)
        event.listen(engine, "commit", lambda _: self.sent.append("COMMIT"))
        event.listen(engine, "rollback", lambda _: self.sent.append("ROLLBACK"))

    def _note(self, _: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.sent.append(statement)

    def verbs(self) -> list[str]:
        """The first word of each statement, and forget them."""
        verbs = [statement.split()[0] for statement in self.sent]
        self.sent.clear()
        return verbs


@pytest.fixture
def statement_log() -> type[StatementLog]:
    """Notes what is sent on an engine."""
    return StatementLog


class _PostgresError(socketserver.BaseRequestHandler):
    """Answers a PostgreSQL start-up with an error, or never."""

    server: "PostgresLike"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._answer()

    def _answer(self) -> None:
        while True:
            (length,) = struct.unpack("!i", self.request.recv(4))
            request = self.request.recv(length - 4)
            if self.server.message is None:
                self.server.released.wait(60)
                return
            if request[:4] in {b"\x04\xd2\x16/", b"\x04\xd2\x16\x30"}:  # SSLRequest, GSSENCRequest
                self.request.sendall(b"N")
                continue
            fields = f"SFATAL\0C{self.server.state}\0M{self.server.message}\0\0".encode()
            self.request.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
            return


class PostgresLike(socketserver.ThreadingTCPServer):
    """A port that speaks just enough of PostgreSQL's protocol to refuse."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _PostgresError)
        self.message: str | None = None
        self.state = "28P01"
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens; the password must never be seen."""
        return f"postgresql://user:p%40ss-canary@127.0.0.1:{self.server_address[1]}/db"


@pytest.fixture
def postgres_like() -> Iterator[PostgresLike]:
    """A server that refuses with `message` and `state`, or with no `message` never answers."""
    with PostgresLike() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()
