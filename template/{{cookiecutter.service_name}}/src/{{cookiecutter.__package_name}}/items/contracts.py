"""What crosses the boundary: payloads in, results out."""

from datetime import datetime
from typing import Annotated

from mic.contracts import StrictSchema
from pydantic import Field

from {{ cookiecutter.__package_name }}.items.model import Item

Name = Annotated[str, Field(min_length=1, max_length=100)]
Quantity = Annotated[int, Field(ge=0, le=1_000_000)]


class CreateItemPayload(StrictSchema):
    """A new item."""

    name: Name
    quantity: Quantity = 0


class UpdateItemPayload(StrictSchema):
    """The new state of an item."""

    name: Name
    quantity: Quantity


class ItemResult(StrictSchema):
    """An item as clients see it."""

    id: str
    name: str
    quantity: int
    created_at: datetime
    version: int

    @classmethod
    def of(cls, item: Item) -> "ItemResult":
        """Show an item."""
        return cls(
            id=item.id,
            name=item.name,
            quantity=item.quantity,
            created_at=item.created_at,
            version=item.version,
        )
