"""What another service uses to call this one: typed results, and the errors of the model."""

from typing import Any
from urllib.parse import quote

from mic.client import AsyncServiceHttpClient
from mic.http import etag_of

from {{ cookiecutter.__package_name }}.items.contracts import (
    CreateItemPayload,
    ItemResult,
    UpdateItemPayload,
)
from {{ cookiecutter.__package_name }}.items.model import (
    ItemChangedError,
    ItemNameTakenError,
    ItemNotFoundError,
)

ERRORS = (ItemChangedError, ItemNameTakenError, ItemNotFoundError)
"""Give them to the HTTP client, so that they come back as what they are."""


class ItemClient:
    """Calls the routes of this module over an HTTP client that signs."""

    def __init__(self, http: AsyncServiceHttpClient) -> None:
        self._http = http

    async def create(self, *, name: str, quantity: int = 0) -> ItemResult:
        """Create an item; raises `ItemNameTakenError`."""
        payload = CreateItemPayload(name=name, quantity=quantity)
        return await self._http.request_as(ItemResult, "POST", "/items", json=_json(payload))

    async def read(self, item_id: str) -> ItemResult:
        """Read an item; raises `ItemNotFoundError`."""
        return await self._http.request_as(ItemResult, "GET", _path(item_id))

    async def update(self, item: ItemResult, *, name: str, quantity: int) -> ItemResult:
        """Change an item; raises `PreconditionFailedError` when the caller saw an older one."""
        payload = UpdateItemPayload(name=name, quantity=quantity)
        return await self._http.request_as(
            ItemResult,
            "PUT",
            _path(item.id),
            json=_json(payload),
            headers={"if-match": etag_of(f"{item.id}:{item.version}")},
        )

    async def delete(self, item_id: str) -> None:
        """Delete an item; raises `ItemNotFoundError`."""
        await self._http.delete(_path(item_id))


def _path(item_id: str) -> str:
    return f"/items/{quote(item_id, safe='')}"


def _json(payload: CreateItemPayload | UpdateItemPayload) -> dict[str, Any]:
    return payload.model_dump(mode="json")
