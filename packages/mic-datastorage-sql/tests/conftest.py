"""What the tests of this distribution share."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from mic.datastorage_sql import UtcDateTime

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


@pytest.fixture
def account_type() -> type[AccountRow]:
    """The table class whose fields are those of `ContractRecord`."""
    return AccountRow
