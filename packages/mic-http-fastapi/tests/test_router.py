from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from mic.contracts import StrictSchema, wrap_http_success
from mic.fastapi import build_fastapi_router
from mic.http import HttpResponseSpec, HttpRouteSpec, RouteDefinitionError


class CreateItemPayload(StrictSchema):
    name: str
    quantity: int = 0


def _create_item(*, payload: CreateItemPayload) -> HttpResponseSpec:
    return HttpResponseSpec(
        status_code=201,
        body=wrap_http_success({"name": payload.name, "qty": payload.quantity}),
    )


async def test_the_published_quickstart_works_unchanged(client_of: Any) -> None:
    routes = (
        HttpRouteSpec(
            method="POST",
            path="/items",
            name="items.create",
            category="items",
            handler=_create_item,
        ),
    )

    app = FastAPI()
    app.include_router(build_fastapi_router(routes=routes))

    answer = await client_of(app).post("/items", json={"name": "bolt", "quantity": 3})
    assert answer.status_code == 201
    assert answer.json() == {"success": True, "data": {"name": "bolt", "qty": 3}, "meta": None}
    refused = await client_of(app).post("/items", json={"name": "bolt", "quantity": "many"})
    assert (refused.status_code, refused.json()["code"]) == (400, "http.validation_error")


def test_it_is_an_ordinary_router() -> None:
    assert isinstance(build_fastapi_router(routes=[]), APIRouter)


def test_a_wrong_route_is_refused_when_the_router_is_built() -> None:
    spec = HttpRouteSpec("GET", "no-slash", "bad", "test", lambda: 1)
    with pytest.raises(RouteDefinitionError, match="bad"):
        build_fastapi_router(routes=[spec])


@pytest.mark.parametrize("prefix", ["api", "/api/"])
def test_a_wrong_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        build_fastapi_router(routes=[], prefix=prefix)


async def test_declared_head_and_options_win(client_of: Any) -> None:
    def answer(name: str) -> HttpResponseSpec:
        return HttpResponseSpec(200, None, headers={"X-Route": name})

    routes = [
        HttpRouteSpec(method, "/a", method.lower(), "test", lambda name=method: answer(name))
        for method in ("GET", "HEAD", "OPTIONS")
    ]
    app = FastAPI()
    app.include_router(build_fastapi_router(routes=routes))
    for method in ("GET", "HEAD", "OPTIONS"):
        assert (await client_of(app).request(method, "/a")).header("x-route") == method
