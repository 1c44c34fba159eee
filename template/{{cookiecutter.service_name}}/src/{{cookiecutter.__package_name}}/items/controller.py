"""The use cases. No framework and no SQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from {{ cookiecutter.__package_name }}.items.model import Item, ItemPage, ItemStore


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())


class ItemController:
    """Creates, reads, lists, changes and deletes items."""

    def __init__(
        self,
        *,
        items: ItemStore,
        time_fn: Callable[[], datetime] = _now,
        id_fn: Callable[[], str] = _new_id,
    ) -> None:
        self._items = items
        self._time_fn = time_fn
        self._id_fn = id_fn

    async def create(self, *, name: str, quantity: int) -> Item:
        """Make an item; raises `ItemNameTakenError`."""
        item = Item(id=self._id_fn(), name=name, quantity=quantity, created_at=self._time_fn())
        return await self._items.add(item)

    async def read(self, item_id: str) -> Item:
        """Give an item; raises `ItemNotFoundError`."""
        return await self._items.get(item_id)

    async def list(self, *, limit: int, after: str | None) -> ItemPage:
        """Give a page of items."""
        return await self._items.page(limit=limit, after=after)

    async def update(self, seen: Item, *, name: str, quantity: int) -> Item:
        """Change the item that the caller saw; raises `ItemChangedError` if it changed since."""
        changed = replace(seen, name=name, quantity=quantity)
        return await self._items.replace(changed, expected_version=seen.version)

    async def delete(self, item_id: str) -> None:
        """Remove an item; raises `ItemNotFoundError`."""
        await self._items.remove(item_id)
