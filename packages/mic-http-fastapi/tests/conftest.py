"""What the tests of this adapter share."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from mic.http import HttpRequestContext, HttpResponseSpec, HttpRouteSpec
from mic.model import ConflictError, NotFoundError
from mic.testing.route_client import AsyncRouteClient, ClientOptions

ClientOf = Callable[..., AsyncRouteClient]


@pytest.fixture
def client_of() -> ClientOf:
    """Make a client of an app; what the app lets out is kept in the answer's `error`."""

    def make(app: Any, **settings: Any) -> AsyncRouteClient:
        options = ClientOptions(raise_errors=False, **settings)
        return AsyncRouteClient.for_app(app, settings=options)

    return make


@dataclass
class Dispatches:
    """Counts how often FastAPI's own dispatch was asked to run something."""

    router: int = 0
    route: int = 0

    @property
    def kind(self) -> str:
        """Which dispatch served the one request that was sent."""
        names = {(0, 0): "table", (1, 0): "route", (1, 1): "dependencies"}
        return names[(min(self.router, 1), min(self.route, 1))]


@pytest.fixture
def dispatches(monkeypatch: pytest.MonkeyPatch) -> Dispatches:
    """Count the calls of FastAPI's own `handle` methods, which still do their work."""
    counted = Dispatches()
    router_handle, route_handle = APIRouter.handle, APIRoute.handle

    async def router(self: APIRouter, scope: Scope, receive: Receive, send: Send) -> None:
        counted.router += 1
        await router_handle(self, scope, receive, send)

    async def route(self: APIRoute, scope: Scope, receive: Receive, send: Send) -> None:
        counted.route += 1
        await route_handle(self, scope, receive, send)

    monkeypatch.setattr(APIRouter, "handle", router)
    monkeypatch.setattr(APIRoute, "handle", route)
    return counted


@pytest.fixture
def background() -> list[str]:
    """What ran after an answer."""
    return []


@pytest.fixture
def routes(background: list[str]) -> tuple[HttpRouteSpec, ...]:
    """A small service with every kind of answer."""

    async def get_item(item_id: int) -> dict[str, int]:
        return {"id": item_id}

    def create_item(payload: dict[str, Any]) -> HttpResponseSpec:
        return HttpResponseSpec.created(payload, location="/items/1")

    async def missing() -> None:
        raise NotFoundError(code="items.not_found", message="no such item")

    async def broken() -> None:
        msg = "canary"
        raise RuntimeError(msg)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one,"
        yield b"two"

    async def stream() -> HttpResponseSpec:
        return HttpResponseSpec.streaming(chunks(), background=lambda: background.append("stream"))

    async def torn_chunks() -> AsyncIterator[bytes]:
        yield b"one,"
        raise ConflictError(code="items.torn", message="torn")

    async def torn() -> HttpResponseSpec:
        return HttpResponseSpec.streaming(torn_chunks())

    async def later() -> HttpResponseSpec:
        return HttpResponseSpec.ok("later", background=lambda: background.append("later"))

    async def seen(context: HttpRequestContext) -> dict[str, Any]:
        scope = context.scope
        return {
            "params": dict(context.path_params),
            "label": scope["mic"].label,
            "fastapi": {name: str(value) for name, value in scope["path_params"].items()},
            "route": scope["route"].name,
            "endpoint": scope["endpoint"].__name__,
        }

    def spec(method: Any, path: str, handler: Callable[..., Any]) -> HttpRouteSpec:
        name = f"items.{handler.__name__}"
        return HttpRouteSpec(method, path, name, "items", handler)

    return (
        spec("GET", "/items/{item_id:int}", get_item),
        spec("POST", "/items", create_item),
        spec("GET", "/missing", missing),
        spec("GET", "/broken", broken),
        spec("GET", "/stream", stream),
        spec("GET", "/torn", torn),
        spec("GET", "/later", later),
        spec("GET", "/seen/{key}", seen),
        spec("GET", "/files/{path:path}", seen2 := _renamed(seen, "seen_file")),
        spec("DELETE", "/items/{item_id:int}", _renamed(seen2, "delete_item")),
    )


def _renamed(handler: Callable[..., Any], name: str) -> Callable[..., Any]:
    async def renamed(context: HttpRequestContext) -> Any:
        return await handler(context)

    renamed.__name__ = name
    return renamed
