from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException

from mic.contracts import StrictSchema, wrap_http_success
from mic.http.options import HttpOptions
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError
from mic.litestar import build_litestar_router
from mic.litestar import router as published
from mic.testing.route_client import AsyncRouteClient, ClientOptions

Spec = Callable[..., HttpRouteSpec]


def client(app: Any, **settings: Any) -> AsyncRouteClient:
    """A client of an app; Litestar's types of scope and messages are stricter than ASGI's."""
    return AsyncRouteClient.for_app(app, settings=ClientOptions(**settings))


class CreateItemPayload(StrictSchema):
    name: str
    quantity: int = 0


def _create_item(*, payload: CreateItemPayload) -> HttpResponseSpec:
    return HttpResponseSpec(
        status_code=201,
        body=wrap_http_success({"name": payload.name, "qty": payload.quantity}),
    )


async def test_the_quickstart_with_one_import_and_one_call_changed() -> None:
    routes = (
        HttpRouteSpec(
            method="POST",
            path="/items",
            name="items.create",
            category="items",
            handler=_create_item,
        ),
    )
    app = Litestar(route_handlers=[build_litestar_router(routes=routes)], logging_config=None)
    asked = client(app)
    answer = await asked.post("/items", json={"name": "nail", "quantity": 3})
    assert answer.status_code == 201
    assert answer.body == b'{"success":true,"data":{"name":"nail","qty":3},"meta":null}'
    refused = await asked.post("/items", json={"quantity": "x"})
    assert (refused.status_code, refused.json()["code"]) == (400, "http.validation_error")


def test_the_published_module_has_it() -> None:
    assert published.build_litestar_router is build_litestar_router


async def test_a_router_has_a_prefix_and_guards(spec: Spec) -> None:
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: Any) -> None:
        if connection.path_params["tenant"] != "acme":
            raise PermissionDeniedException

    router = build_litestar_router(
        routes=[spec("GET", "/items", "r")], prefix="/t/{tenant:str}", guards=[guard]
    )
    assert isinstance(router, Router)
    asked = client(Litestar([router], logging_config=None))
    assert (await asked.get("/t/acme/items")).status_code == 200
    assert (await asked.get("/t/other/items")).status_code == 403
    assert (await asked.get("/items")).status_code == 404


async def test_a_router_may_stand_in_several_apps_and_places(spec: Spec) -> None:
    router = build_litestar_router(routes=[spec("GET", "/items", None)])
    one = Litestar([Router("/a", route_handlers=[router])], logging_config=None)
    two = Litestar([Router("/b", route_handlers=[router])], logging_config=None)
    assert (await client(one).get("/a/items")).status_code == 200
    assert (await client(two).get("/b/items")).status_code == 200
    assert (await client(two).get("/a/items")).status_code == 404


async def test_two_routers_share_an_app(spec: Spec) -> None:
    one = build_litestar_router(routes=[spec("GET", "/items", "one")])
    two = build_litestar_router(routes=[spec("GET", "/others", "two")], prefix="/v2")
    asked = client(Litestar([one, two], logging_config=None))
    assert (await asked.get("/items")).json() == ["one", {}]
    assert (await asked.get("/v2/others")).json() == ["two", {}]


def test_a_wrong_route_is_refused_when_the_router_is_built(spec: Spec) -> None:
    with pytest.raises(RouteDefinitionError, match="declared twice"):
        build_litestar_router(routes=[spec("GET", "/", "a"), spec("GET", "/", "b")])


async def test_the_options_are_those_of_the_routes(spec: Spec) -> None:
    async def echo(payload: CreateItemPayload) -> CreateItemPayload:
        return payload

    router = build_litestar_router(
        routes=[spec("POST", "/", "r", handler=echo)], options=HttpOptions(max_body_bytes=10)
    )
    asked = client(Litestar([router], logging_config=None))
    assert (await asked.post("/", json={"name": "x" * 20})).status_code == 413
