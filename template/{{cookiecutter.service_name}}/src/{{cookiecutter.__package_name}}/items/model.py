"""The domain: what an item is, what can go wrong, and what the storage must be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mic.model import ConflictError, NotFoundError, PreconditionFailedError


@dataclass(frozen=True, slots=True)
class Item:
    """An item. `version` goes up by one with every change."""

    id: str
    name: str
    quantity: int
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of items, in the order of their creation."""

    items: Sequence[Item]
    next_cursor: str | None


class ItemNotFoundError(NotFoundError):
    """There is no such item."""

    default_code = "items.not_found"


class ItemNameTakenError(ConflictError):
    """Another item has this name."""

    default_code = "items.name_taken"


class ItemChangedError(PreconditionFailedError):
    """Somebody else was faster: the item is not the one that the caller saw."""

    default_code = "items.changed"


class ItemStore(Protocol):
    """What the controller needs of a storage."""

    async def add(self, item: Item) -> Item:
        """Store a new item; raises `ItemNameTakenError`."""
        ...

    async def get(self, item_id: str) -> Item:
        """Give an item; raises `ItemNotFoundError`."""
        ...

    async def page(self, *, limit: int, after: str | None) -> ItemPage:
        """Give a page."""
        ...

    async def replace(self, item: Item, *, expected_version: int) -> Item:
        """Write a changed item.

        Raises `ItemNotFoundError`, `ItemChangedError` or `ItemNameTakenError`.
        """
        ...

    async def remove(self, item_id: str) -> None:
        """Remove an item; raises `ItemNotFoundError`."""
        ...
