"""SQL: the rows, and the store that the controller asks for."""

from datetime import datetime

from mic.datastorage import AsyncTransactionalDataStorage
from mic.datastorage.errors import (
    DuplicateRecordError,
    RecordNotFoundError,
    VersionConflictError,
)
from mic.datastorage.query import Order, QuerySpec
from mic.datastorage_sql.types import UtcDateTime
from sqlmodel import Field, SQLModel

from {{ cookiecutter.__package_name }}.items.model import (
    Item,
    ItemChangedError,
    ItemNameTakenError,
    ItemNotFoundError,
    ItemPage,
)

_BY_CREATION = QuerySpec(order_by=(Order("created_at"),))


class ItemRow(SQLModel, table=True):
    """A row of the table `items`."""

    __tablename__ = "items"

    id: str = Field(primary_key=True, max_length=36)
    name: str = Field(unique=True, max_length=100)
    quantity: int
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    version: int = 1

    @classmethod
    def of(cls, item: Item) -> "ItemRow":
        """The row that holds an item."""
        return cls(
            id=item.id,
            name=item.name,
            quantity=item.quantity,
            created_at=item.created_at,
            version=item.version,
        )

    def to_item(self) -> Item:
        """The item in this row."""
        return Item(
            id=self.id,
            name=self.name,
            quantity=self.quantity,
            created_at=self.created_at,
            version=self.version,
        )


class SqlItemStore:
    """Items in a SQL database; every call is one transaction."""

    def __init__(self, storage: AsyncTransactionalDataStorage) -> None:
        self._rows = storage.repository(ItemRow)

    async def add(self, item: Item) -> Item:
        """Store a new item."""
        try:
            return (await self._rows.insert(ItemRow.of(item))).to_item()
        except DuplicateRecordError as error:
            raise _name_taken(item.name) from error

    async def get(self, item_id: str) -> Item:
        """Give an item."""
        row = await self._rows.get(item_id)
        if row is None:
            raise _not_found(item_id)
        return row.to_item()

    async def page(self, *, limit: int, after: str | None) -> ItemPage:
        """Give a page, oldest first."""
        page = await self._rows.page(_BY_CREATION, limit=limit, after=after)
        return ItemPage([row.to_item() for row in page.items], page.next_cursor)

    async def replace(self, item: Item, *, expected_version: int) -> Item:
        """Write a changed item, if it still has the version that its caller saw."""
        try:
            row = await self._rows.update(ItemRow.of(item), expected_version=expected_version)
        except VersionConflictError as error:
            raise ItemChangedError(message="the item was changed by somebody else") from error
        except RecordNotFoundError as error:
            raise _not_found(item.id) from error
        except DuplicateRecordError as error:
            raise _name_taken(item.name) from error
        return row.to_item()

    async def remove(self, item_id: str) -> None:
        """Remove an item."""
        if not await self._rows.delete(item_id):
            raise _not_found(item_id)


def _not_found(item_id: str) -> ItemNotFoundError:
    return ItemNotFoundError(message="there is no such item", details={"item_id": item_id})


def _name_taken(name: str) -> ItemNameTakenError:
    return ItemNameTakenError(message="another item has this name", details={"name": name})
