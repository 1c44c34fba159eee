"""HTTP: which request leads to which use case."""

from typing import Annotated

from mic.contracts import HttpSuccessEnvelope, PageMeta
from mic.http import (
    AuthMode,
    HttpRequestContext,
    HttpResponseSpec,
    HttpRouteSpec,
    Query,
    etag_of,
    is_fresh,
    require_match,
)
from mic.model import PreconditionRequiredError
from pydantic import Field

from {{ cookiecutter.__package_name }}.items.contracts import (
    CreateItemPayload,
    ItemResult,
    UpdateItemPayload,
)
from {{ cookiecutter.__package_name }}.items.controller import ItemController
from {{ cookiecutter.__package_name }}.items.model import (
    Item,
    ItemChangedError,
    ItemNameTakenError,
    ItemNotFoundError,
)

Limit = Annotated[int, Query(description="Items on a page"), Field(ge=1, le=100)]
After = Annotated[str | None, Query(description="`meta.next_cursor` of the page before")]


def _etag(item: Item) -> str:
    return etag_of(f"{item.id}:{item.version}")


class ItemRoutes:
    """The handlers. Each translates a request, calls one use case and translates its result."""

    def __init__(self, controller: ItemController) -> None:
        self._controller = controller

    async def create(self, payload: CreateItemPayload) -> HttpResponseSpec:
        """Create an item."""
        item = await self._controller.create(name=payload.name, quantity=payload.quantity)
        return HttpResponseSpec.created(
            ItemResult.of(item), location=f"/items/{item.id}", headers={"etag": _etag(item)}
        )

    async def read(self, context: HttpRequestContext, item_id: str) -> HttpResponseSpec:
        """Read an item."""
        item = await self._controller.read(item_id)
        etag = _etag(item)
        if is_fresh(context, etag):
            return HttpResponseSpec.not_modified(etag)
        return HttpResponseSpec.ok(ItemResult.of(item), headers={"etag": etag})

    async def list(self, limit: Limit = 50, after: After = None) -> HttpResponseSpec:
        """List items, page by page."""
        page = await self._controller.list(limit=limit, after=after)
        meta = PageMeta(limit=limit, next_cursor=page.next_cursor)
        return HttpResponseSpec.ok(
            [ItemResult.of(item) for item in page.items], meta=meta.model_dump()
        )

    async def update(
        self, context: HttpRequestContext, item_id: str, payload: UpdateItemPayload
    ) -> HttpResponseSpec:
        """Change an item that nobody else has changed since it was read."""
        seen = await self._controller.read(item_id)
        require_match(context, _etag(seen), required=True)
        item = await self._controller.update(seen, name=payload.name, quantity=payload.quantity)
        return HttpResponseSpec.ok(ItemResult.of(item), headers={"etag": _etag(item)})

    async def delete(self, item_id: str) -> HttpResponseSpec:
        """Delete an item."""
        await self._controller.delete(item_id)
        return HttpResponseSpec.no_content()


def build_item_routes(controller: ItemController, *, auth: AuthMode) -> tuple[HttpRouteSpec, ...]:
    """The routes of this module; `auth` says who may call them."""
    routes = ItemRoutes(controller)
    one = HttpSuccessEnvelope[ItemResult]
    return (
        HttpRouteSpec(
            method="POST",
            path="/items",
            name="items.create",
            category="items",
            auth=auth,
            handler=routes.create,
            response_model=one,
            success_status=201,
            errors=(ItemNameTakenError,),
        ),
        HttpRouteSpec(
            method="GET",
            path="/items",
            name="items.list",
            category="items",
            auth=auth,
            handler=routes.list,
            response_model=HttpSuccessEnvelope[list[ItemResult]],
        ),
        HttpRouteSpec(
            method="GET",
            path="/items/{item_id}",
            name="items.read",
            category="items",
            auth=auth,
            handler=routes.read,
            response_model=one,
            errors=(ItemNotFoundError,),
        ),
        HttpRouteSpec(
            method="PUT",
            path="/items/{item_id}",
            name="items.update",
            category="items",
            auth=auth,
            handler=routes.update,
            response_model=one,
            errors=(
                ItemNotFoundError,
                ItemNameTakenError,
                ItemChangedError,
                PreconditionRequiredError,
            ),
        ),
        HttpRouteSpec(
            method="DELETE",
            path="/items/{item_id}",
            name="items.delete",
            category="items",
            auth=auth,
            handler=routes.delete,
            success_status=204,
            errors=(ItemNotFoundError,),
        ),
    )
