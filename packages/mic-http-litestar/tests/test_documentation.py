from collections.abc import Callable
from typing import Annotated, Any

import pytest
from litestar import Controller, Litestar, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.controller import OpenAPIController
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.plugins.pydantic import PydanticPlugin
from pydantic import BaseModel

from mic.contracts import StrictSchema
from mic.http.authenticators import bearer_authenticator
from mic.http.openapi import OpenApiInfo, build_openapi
from mic.http.options import HttpOptions
from mic.http.params import Form, Header
from mic.http.route_spec import AuthMode, HttpRouteSpec
from mic.litestar import build_litestar_app, build_litestar_router
from mic.model import ConflictError
from mic.testing.route_client import AsyncRouteClient, ClientOptions

Spec = Callable[..., HttpRouteSpec]


def client(app: Any, **settings: Any) -> AsyncRouteClient:
    """A client of an app; Litestar's types of scope and messages are stricter than ASGI's."""
    return AsyncRouteClient.for_app(app, settings=ClientOptions(**settings))


class Item(StrictSchema):
    name: str
    parent: "Item | None" = None


class Native(BaseModel):
    n: int


async def create(payload: Item, dry: bool = False) -> Item:
    """Create an item.

    It is kept.
    """
    return payload


async def show(n: int, x_trace: Annotated[str, Header()], tags: list[str]) -> list[Item]:
    return []


async def upload(name: Annotated[str, Form()]) -> None:
    return None


def routes() -> list[HttpRouteSpec]:
    return [
        HttpRouteSpec(
            "POST",
            "/items",
            "items.create",
            "items",
            create,
            tags=("write",),
            auth=AuthMode.USER,
            scopes=("items:write",),
            errors=(ConflictError,),
            success_status=201,
        ),
        HttpRouteSpec("GET", "/items/{n:int}", "items.show", "items", show, deprecated=True),
        HttpRouteSpec("PUT", "/items/{n}/name", "items.name", "items", lambda n: n),
        HttpRouteSpec("POST", "/form", "form", "forms", upload, operation_id="sendForm"),
        HttpRouteSpec("GET", "/hidden", "hidden", "x", lambda: None, include_in_schema=False),
    ]


async def verify(token: str) -> None:
    return None


OPTIONS = HttpOptions(authenticator=bearer_authenticator(verify))


def document(*handlers: Any, **options: Any) -> dict[str, Any]:
    app = Litestar(list(handlers), logging_config=None, **options)
    return app.openapi_schema.to_schema()


def test_litestars_document_agrees_with_the_familys_own() -> None:
    given = document(build_litestar_router(routes=routes(), options=OPTIONS))
    expected = build_openapi(routes(), OpenApiInfo(), options=OPTIONS)
    assert given["paths"] == expected["paths"]
    assert given["components"] == expected["components"]


def test_hidden_places_stay_hidden() -> None:
    found = document(build_litestar_router(routes=routes(), options=OPTIONS))["paths"]
    assert {path: sorted(item) for path, item in found.items()} == {
        "/items": ["post"],
        "/items/{n}": ["get"],
        "/items/{n}/name": ["put"],
        "/form": ["post"],
    }


async def test_the_document_is_served_where_litestar_serves_it() -> None:
    app = build_litestar_app(routes=routes(), options=OPTIONS)
    answer = await client(app).get("/schema/openapi.json")
    assert (
        answer.json()["paths"] == build_openapi(routes(), OpenApiInfo(), options=OPTIONS)["paths"]
    )


def test_layers_add_their_prefix_parameters_tags_and_security() -> None:
    router = build_litestar_router(routes=routes(), options=OPTIONS)
    above = Router(
        "/t/{tenant:str}", route_handlers=[router], tags=["tenants"], security=[{"mtls": []}]
    )
    paths = document(above)["paths"]
    shown = paths["/t/{tenant}/items/{n}"]["get"]
    assert [(each["name"], each["in"]) for each in shown["parameters"]] == [
        ("tenant", "path"),
        ("n", "path"),
        ("tags", "query"),
        ("x-trace", "header"),
    ]
    assert shown["tags"] == ["items", "tenants"]
    assert shown["security"] == [{"mtls": []}]
    created = paths["/t/{tenant}/items"]["post"]
    assert created["security"] == [{"bearer": ["items:write"]}]
    assert [each["name"] for each in created["parameters"]] == ["tenant", "dry"]


def test_two_routers_and_native_handlers_share_a_document(spec: Spec) -> None:
    @get("/native", tags=["native"])
    async def native() -> Native:
        return Native(n=1)

    one = build_litestar_router(routes=routes(), options=OPTIONS)
    two = build_litestar_router(routes=[spec("GET", "/two", "two")])
    given = document(one, two, native)
    assert {"/items", "/two", "/native"} <= set(given["paths"])
    assert {"Item-Input", "HttpProblem", "Native"} <= set(given["components"]["schemas"])
    assert set(given["components"]["securitySchemes"]) == {"bearer"}


def test_one_app_does_not_tell_another_of_its_components() -> None:
    document(build_litestar_router(routes=routes(), options=OPTIONS))
    assert document()["components"]["schemas"] == {}


@pytest.mark.parametrize("listed", [False, True])
def test_components_of_a_configuration_stay(listed: bool) -> None:
    scheme = SecurityScheme(type="http", scheme="bearer", description="own")
    own = Components(security_schemes={"bearer": scheme, "mtls": SecurityScheme(type="mutualTLS")})
    config = OpenAPIConfig("T", "1", components=[own, Components()] if listed else own)
    router = build_litestar_router(routes=routes(), options=OPTIONS)
    given = document(router, openapi_config=config)
    schemes = given["components"]["securitySchemes"]
    assert schemes["bearer"]["description"] == "own"
    assert set(schemes) == {"bearer", "mtls"}
    assert "Item-Input" in given["components"]["schemas"]
    assert config.components is own or isinstance(config.components, list)


async def test_a_router_or_a_controller_for_the_document_is_kept() -> None:
    router = Router("/docs", route_handlers=[])
    with_router = OpenAPIConfig("T", "1", openapi_router=router)

    class Docs(OpenAPIController):
        path = "/docs"

    with pytest.warns(DeprecationWarning, match="openapi_controller"):
        with_controller = OpenAPIConfig("T", "1", openapi_controller=Docs)
    for config in (with_router, with_controller):
        app = build_litestar_app(routes=routes(), options=OPTIONS, openapi_config=config)
        answer = await client(app).get("/docs/openapi.json")
        assert answer.status_code == 200
        assert "Item-Input" in answer.json()["components"]["schemas"]
        assert config.openapi_controller is not Controller


def test_an_app_without_a_document_takes_our_routes() -> None:
    router = build_litestar_router(routes=routes(), options=OPTIONS)
    app = Litestar([router], openapi_config=None, logging_config=None)
    assert app.openapi_config is None


def test_tags_and_plugins_of_the_app_stay() -> None:
    config = OpenAPIConfig("T", "1", tags=[Tag(name="items", description="all items")])
    given = document(
        build_litestar_router(routes=routes(), options=OPTIONS),
        openapi_config=config,
        plugins=[PydanticPlugin()],
    )
    assert given["tags"] == [{"name": "items", "description": "all items"}]
    assert given["info"]["title"] == "T"
