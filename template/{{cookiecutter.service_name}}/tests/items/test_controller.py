from datetime import UTC, datetime

import pytest

from {{ cookiecutter.__package_name }}.items.controller import ItemController
from {{ cookiecutter.__package_name }}.items.model import (
    Item,
    ItemNotFoundError,
    ItemPage,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class FakeItems:
    """A store in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, Item] = {}

    async def add(self, item: Item) -> Item:
        self.rows[item.id] = item
        return item

    async def get(self, item_id: str) -> Item:
        if item_id not in self.rows:
            raise ItemNotFoundError(message="there is no such item")
        return self.rows[item_id]

    async def page(self, *, limit: int, after: str | None) -> ItemPage:
        return ItemPage(list(self.rows.values())[:limit], None)

    async def replace(self, item: Item, *, expected_version: int) -> Item:
        self.rows[item.id] = item
        return item

    async def remove(self, item_id: str) -> None:
        del self.rows[item_id]


def make_controller() -> ItemController:
    return ItemController(items=FakeItems(), time_fn=lambda: NOW, id_fn=lambda: "1")


async def test_a_new_item_has_an_id_and_a_time() -> None:
    item = await make_controller().create(name="nail", quantity=3)
    assert item == Item(id="1", name="nail", quantity=3, created_at=NOW)


async def test_an_item_is_changed_and_deleted() -> None:
    controller = make_controller()
    item = await controller.create(name="nail", quantity=3)
    await controller.update(item, name="screw", quantity=4)
    assert (await controller.read("1")).name == "screw"
    assert [one.id for one in (await controller.list(limit=10, after=None)).items] == ["1"]
    await controller.delete("1")
    with pytest.raises(ItemNotFoundError, match="no such item"):
        await controller.read("1")


async def test_ids_and_times_are_made_where_nobody_gives_them() -> None:
    item = await ItemController(items=FakeItems()).create(name="nail", quantity=0)
    assert len(item.id) == 36
    assert item.created_at.tzinfo is UTC
