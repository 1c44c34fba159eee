from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from {{ cookiecutter.__package_name }}.application import build_storage
from {{ cookiecutter.__package_name }}.items.model import (
    Item,
    ItemChangedError,
    ItemNameTakenError,
    ItemNotFoundError,
)
from {{ cookiecutter.__package_name }}.items.storage import SqlItemStore
from {{ cookiecutter.__package_name }}.main import migrate
from {{ cookiecutter.__package_name }}.settings import Settings

NAIL = Item(id="1", name="nail", quantity=1, created_at=datetime(2026, 1, 2, tzinfo=UTC))
SCREW = replace(NAIL, id="2", name="screw")


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[SqlItemStore]:
    """A store on a migrated database."""
    migrate(settings)
    async with build_storage(settings) as storage:
        yield SqlItemStore(storage)


async def test_an_item_comes_back_as_it_was(store: SqlItemStore) -> None:
    await store.add(NAIL)
    assert await store.get("1") == NAIL


async def test_only_the_first_of_two_changes_wins(store: SqlItemStore) -> None:
    await store.add(NAIL)
    changed = await store.replace(replace(NAIL, quantity=2), expected_version=1)
    assert changed.version == 2
    with pytest.raises(ItemChangedError, match="somebody else"):
        await store.replace(replace(NAIL, quantity=3), expected_version=1)


async def test_a_change_cannot_take_the_name_of_another(store: SqlItemStore) -> None:
    await store.add(NAIL)
    await store.add(SCREW)
    with pytest.raises(ItemNameTakenError, match="another item"):
        await store.replace(replace(SCREW, name="nail"), expected_version=1)


async def test_an_absent_item_cannot_be_changed(store: SqlItemStore) -> None:
    with pytest.raises(ItemNotFoundError, match="no such item"):
        await store.replace(NAIL, expected_version=1)
