from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from mic.contracts import StrictSchema
from mic.fastapi import build_fastapi_router
from mic.http import (
    AuthMode,
    Body,
    Cookie,
    File,
    Form,
    Header,
    HttpOptions,
    HttpRequestContext,
    HttpResponseSpec,
    HttpRouteSpec,
    OpenApiInfo,
    Principal,
    Query,
    UploadedFile,
    bearer_authenticator,
    build_openapi,
)
from mic.model import ConflictError, NotFoundError

OPTIONS = HttpOptions(authenticator=bearer_authenticator(lambda _: None))


class Item(StrictSchema):
    name: str
    amount: int = 0


class Paging(StrictSchema):
    limit: int = Field(default=10, ge=1)
    after: str | None = None


@dataclass
class Point:
    x: int
    y: int = 0


class Opaque:
    """A type that pydantic knows and FastAPI has no query parameter for."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda value: value)


async def typed(
    item_id: int,
    q: Annotated[str, Query(description="text"), Field(min_length=2)],
    page: Annotated[Paging, Query()],
    odd: Annotated[int, {"metadata": "that cannot be hashed"}] = 1,
    tags: Annotated[list[str], Query(deprecated=True)] = [],  # noqa: B006  # never changed
    x_tenant: Annotated[str | None, Header()] = None,
    session: Annotated[str, Cookie(alias="sid")] = "none",
) -> Item:
    """One line.

    More lines.
    """
    raise NotImplementedError


async def body(item: Item) -> list[Item]:
    raise NotImplementedError


async def optional_body(item: Item | None = None) -> None:
    raise NotImplementedError


async def point(at: Point) -> Point:
    raise NotImplementedError


async def names(of: dict[str, int]) -> dict[str, int]:
    raise NotImplementedError


async def raw(content: Annotated[bytes, Body()]) -> HttpResponseSpec:
    raise NotImplementedError


async def form(a: Annotated[int, Form()], b: Annotated[str, Form()] = "x") -> None:
    raise NotImplementedError


async def upload(file: Annotated[UploadedFile, File()]) -> None:
    raise NotImplementedError


async def context_only(context: HttpRequestContext) -> Any:
    raise NotImplementedError


async def who(principal: Principal) -> str:
    raise NotImplementedError


async def maybe(principal: Principal | None) -> str:
    raise NotImplementedError


class Handler:
    async def __call__(self) -> str:
        """Call it."""
        return ""


def spec(method: Any, path: str, handler: Any, **more: Any) -> HttpRouteSpec:
    name = "test." + getattr(handler, "__name__", "object")
    return HttpRouteSpec(method, path, name, "test", handler, **more)


ROUTES = (
    spec("GET", "/typed/{item_id:int}", typed, tags=("more",), errors=(NotFoundError,)),
    spec("POST", "/body", body, success_status=201, errors=(ConflictError,), deprecated=True),
    spec("POST", "/optional", optional_body, summary="Short", description="Long"),
    spec("POST", "/point", point, operation_id="points.make"),
    spec("POST", "/names", names),
    spec("POST", "/raw", raw),
    spec("POST", "/form", form),
    spec("POST", "/upload", upload),
    spec("GET", "/context/{a}/{b:uuid}/{rest:path}", context_only),
    spec("GET", "/who", who, auth=AuthMode.USER, scopes=("read", "write")),
    spec("GET", "/maybe", maybe, auth=AuthMode.OPTIONAL),
    spec("GET", "/object", Handler()),
)


def documents(routes: tuple[HttpRouteSpec, ...], **include: Any) -> tuple[Any, Any]:
    """FastAPI's document and ours."""
    app = FastAPI()
    app.include_router(build_fastapi_router(routes=routes, options=OPTIONS), **include)
    return app.openapi(), build_openapi(routes, OpenApiInfo(), options=OPTIONS)


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def parameters(operation: Any) -> set[tuple[str, str, bool, str]]:
    return {
        (value["name"], value["in"], value["required"], str(_types(value["schema"])))
        for value in operation.get("parameters", ())
    }


def _types(schema: Any) -> Any:
    return [part.get("type") for part in schema.get("anyOf", [schema])]


def bodies(operation: Any) -> Any:
    body = operation.get("requestBody")
    if body is None:
        return None
    content = {
        name: (media["schema"].get("$ref"), sorted(media["schema"].get("properties", ())))
        for name, media in body["content"].items()
    }
    return content, body.get("required", False)


def test_the_documents_agree() -> None:
    theirs, ours = documents(ROUTES)
    told, expected = operations(theirs), operations(ours)
    assert told.keys() == expected.keys()
    for key, operation in expected.items():
        assert parameters(told[key]) == parameters(operation), key
        assert bodies(told[key]) == bodies(operation), key
        assert told[key]["responses"].keys() == operation["responses"].keys(), key
        assert told[key].get("security") == operation.get("security"), key
        for name in ("tags", "operationId", "description", "deprecated"):
            assert told[key].get(name) == operation.get(name), (key, name)
        assert told[key]["summary"] == operation.get("summary", told[key]["summary"])
    schemes = "securitySchemes"
    assert theirs["components"][schemes] == ours["components"][schemes]


def test_no_reference_dangles() -> None:
    theirs, _ = documents(ROUTES)
    known = {f"#/components/schemas/{name}" for name in theirs["components"]["schemas"]}
    found = set(_references(theirs))
    assert "#/components/schemas/HttpProblem" in found
    assert found <= known


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _references(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in _references(value)]
    return []


def test_constraints_descriptions_and_defaults_are_told() -> None:
    theirs, _ = documents(ROUTES)
    told = {
        value["name"]: value for value in theirs["paths"]["/typed/{item_id}"]["get"]["parameters"]
    }
    assert told["q"]["description"] == "text"
    assert told["q"]["schema"]["minLength"] == 2
    assert told["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "default": 10,
        "title": "Limit",
    }
    assert told["tags"]["deprecated"] is True
    assert told["sid"]["schema"]["default"] == "none"


def test_fastapis_own_422_is_not_there() -> None:
    theirs, _ = documents(ROUTES)
    assert all("422" not in value["responses"] for value in operations(theirs).values())


def test_what_fastapi_cannot_describe_may_be_anything() -> None:
    theirs, ours = documents((spec("GET", "/free/{item_id}", free_of_item),))
    told = operations(theirs)["/free/{item_id}", "get"]
    expected = operations(ours)["/free/{item_id}", "get"]
    pairs = {(value["name"], value["in"]) for value in told["parameters"]}
    assert pairs == {(value["name"], value["in"]) for value in expected["parameters"]}
    assert told["responses"].keys() == expected["responses"].keys()


async def free_of_item(
    item_id: int,
    filters: Annotated[dict[str, int], Query()],
    opaque: Annotated[Opaque, Query()] = Opaque(),  # noqa: B008  # without state
) -> dict[str, int]:
    raise NotImplementedError


def test_hidden_routes_stand_in_no_document() -> None:
    routes = (
        spec("GET", "/shown", lambda: 1),
        HttpRouteSpec("GET", "/hidden", "hidden", "test", names, include_in_schema=False),
    )
    theirs, _ = documents(routes)
    assert list(operations(theirs)) == [("/shown", "get")]


def test_an_include_adds_its_prefix_and_tags() -> None:
    theirs, _ = documents((spec("GET", "/a", lambda: 1),), prefix="/api", tags=["include"])
    assert theirs["paths"]["/api/a"]["get"]["tags"] == ["include", "test"]


def test_the_described_function_has_the_handlers_name_and_is_never_called() -> None:
    router = build_fastapi_router(routes=ROUTES, options=OPTIONS)
    endpoints: Any = [getattr(route, "endpoint") for route in router.routes]  # noqa: B009
    assert endpoints[0].__name__ == "typed"
    assert endpoints[0].__module__ == __name__
    assert len({id(endpoint) for endpoint in endpoints[: len(ROUTES)]}) == len(ROUTES)
