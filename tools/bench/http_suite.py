"""HTTP: compiled routes against endpoints written by hand, same framework, work and models."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Depends, FastAPI
from litestar import Litestar, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel, TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mic.contracts import StrictSchema
from mic.fastapi import build_fastapi_router
from mic.http import (
    HttpResponseSpec,
    HttpRouteSpec,
    build_asgi_app,
    compile_routes,
)
from mic.litestar import build_litestar_router
from mic.model import ConflictError
from tools.bench.asgi import JSON_BODY, requests
from tools.bench.harness import Benchmark

QUERY = b"limit=10&offset=5&active=true"


class Item(StrictSchema):
    """What is posted and answered."""

    name: str
    quantity: int = 0
    tags: tuple[str, ...] = ()


class Found(BaseModel):
    """What a search answers."""

    id: int
    limit: int
    offset: int
    active: bool


async def create(payload: Item) -> Item:
    return payload


def create_in_thread(payload: Item) -> Item:
    return payload


async def search(item_id: int, limit: int, offset: int, active: bool) -> Found:
    return Found(id=item_id, limit=limit, offset=offset, active=active)


async def conflict() -> HttpResponseSpec:
    raise ConflictError(code="items.conflict", message="it exists")


async def nothing() -> None:
    """A dependency that does nothing."""


def spec(handler: Any, method: Any, path: str, name: str = "it", **options: Any) -> HttpRouteSpec:
    return HttpRouteSpec(
        method=method, path=path, name=name, category="bench", handler=handler, **options
    )


def many(count: int) -> list[HttpRouteSpec]:
    """Routes in front of the one that is asked for."""
    return [spec(nothing, "GET", f"/other{n}/x", f"other{n}") for n in range(count)]


def fastapi_by_hand(handler: Any = create, *, others: int = 0, dependency: bool = False) -> FastAPI:
    router = APIRouter()
    for number in range(others):
        router.add_api_route(f"/other{number}/x", nothing, methods=["GET"])
    router.add_api_route("/items", handler, methods=["POST"], response_model=Item)
    router.add_api_route("/items/{item_id}", search, methods=["GET"], response_model=Found)
    app = FastAPI()
    app.include_router(router, dependencies=[Depends(nothing)] if dependency else [])
    return app


def fastapi_ours(handler: Any = create, *, others: int = 0, dependency: bool = False) -> FastAPI:
    routes = (
        *many(others),
        spec(handler, "POST", "/items", "create"),
        spec(search, "GET", "/items/{item_id}", "search"),
    )
    app = FastAPI()
    app.include_router(
        build_fastapi_router(routes=routes),
        dependencies=[Depends(nothing)] if dependency else [],
    )
    return app


def litestar_by_hand() -> Litestar:
    @post("/items")
    async def make(data: JSONBody[Item]) -> Item:
        return data

    @get("/items/{item_id:int}")
    async def find(
        item_id: FromPath[int],
        limit: FromQuery[int],
        offset: FromQuery[int],
        active: FromQuery[bool],
    ) -> Found:
        return Found(id=item_id, limit=limit, offset=offset, active=active)

    return Litestar(route_handlers=[Router(path="/", route_handlers=[make, find])])


class Struct(msgspec.Struct, frozen=True):
    """What is posted and answered, as Litestar likes it best."""

    name: str
    quantity: int = 0
    tags: tuple[str, ...] = ()


def litestar_with_structs() -> Litestar:
    @post("/items")
    async def make(data: JSONBody[Struct]) -> Struct:
        return data

    return Litestar(route_handlers=[Router(path="/", route_handlers=[make])])


def litestar_ours() -> Litestar:
    routes = (
        spec(create, "POST", "/items", "create"),
        spec(search, "GET", "/items/{item_id}", "search"),
    )
    return Litestar(route_handlers=[build_litestar_router(routes=routes)])


def starlette_by_hand() -> Starlette:
    adapter = TypeAdapter(Item)

    async def make(request: Request) -> Response:
        item = adapter.validate_json(await request.body())
        return Response(adapter.dump_json(item), media_type="application/json")

    return Starlette(routes=[Route("/items", make, methods=["POST"])])


def bare() -> Any:
    return build_asgi_app(routes=(spec(create, "POST", "/items", "create"),))


def matching(count: int) -> Any:
    table = compile_routes([*many(count - 1), spec(search, "GET", "/items/{item_id}", "search")])

    def work(times: int) -> None:
        for _ in range(times):
            table.match("GET", "/items/7")

    return work


def benchmarks() -> list[Benchmark]:
    """Every comparison of HTTP, in the order in which they are shown."""

    def posting(app: Any) -> Any:
        return requests(app, "POST", "/items", body=JSON_BODY)

    def getting(app: Any) -> Any:
        return requests(app, "GET", "/items/7", query=QUERY)

    hand = "the endpoint written by hand in FastAPI"
    star = "the endpoint written by hand in Litestar"
    answers = build_asgi_app(
        routes=(spec(conflict, "GET", "/bad", "bad"), spec(search, "GET", "/{item_id}", "good"))
    )
    return [
        Benchmark(
            "FastAPI, POST JSON, 1 route",
            posting(fastapi_ours()),
            posting(fastapi_by_hand()),
            hand,
            2.5,
        ),
        Benchmark(
            "FastAPI, POST JSON, behind 50 routes",
            posting(fastapi_ours(others=50)),
            posting(fastapi_by_hand(others=50)),
            hand,
            6.0,
        ),
        Benchmark(
            "FastAPI, POST JSON, def handler in a thread",
            posting(fastapi_ours(create_in_thread)),
            posting(fastapi_by_hand(create_in_thread)),
            hand,
            2.0,
        ),
        Benchmark(
            "FastAPI, POST JSON, one dependency",
            posting(fastapi_ours(dependency=True)),
            posting(fastapi_by_hand(dependency=True)),
            hand,
            1.1,
        ),
        Benchmark(
            "FastAPI, GET, path and three typed query parameters",
            getting(fastapi_ours()),
            getting(fastapi_by_hand()),
            hand,
            2.5,
        ),
        Benchmark(
            "Litestar, POST JSON", posting(litestar_ours()), posting(litestar_by_hand()), star, 2.5
        ),
        Benchmark(
            "Litestar, POST JSON, against msgspec",
            posting(litestar_ours()),
            posting(litestar_with_structs()),
            "the endpoint written by hand in Litestar with msgspec structs",
            1.5,
        ),
        Benchmark(
            "Litestar, GET, path and three typed query parameters",
            getting(litestar_ours()),
            getting(litestar_by_hand()),
            star,
            1.5,
        ),
        Benchmark(
            "bare app, POST JSON",
            posting(bare()),
            posting(starlette_by_hand()),
            "Starlette with a TypeAdapter",
            1.2,
        ),
        Benchmark(
            "table match, 1,000 routes",
            matching(1000),
            matching(1),
            "a table of one route",
            1.1,
            faster=False,
        ),
        _problem(answers),
    ]


def _problem(app: Any) -> Benchmark:
    return Benchmark(
        "problem answer",
        requests(app, "GET", "/nowhere/at/all"),
        requests(app, "GET", "/7", query=QUERY),
        "a success answer",
        1.2,
        faster=False,
    )
