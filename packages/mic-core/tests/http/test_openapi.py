import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel, Field

from mic.contracts import HttpSuccessEnvelope, StrictSchema
from mic.http.asgi import build_asgi_app
from mic.http.authenticators import bearer_authenticator
from mic.http.openapi import OpenApiInfo, build_openapi
from mic.http.options import HttpOptions
from mic.http.params import Body, Cookie, File, Form, Header, Query, UploadedFile
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import AuthMode, HttpRouteSpec, RouteDefinitionError
from mic.model import ConflictError, NotFoundError

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/HttpProblem"}}}


class Item(StrictSchema):
    name: str = Field(min_length=1)
    parent: "Item | None" = None


class Filter(BaseModel):
    words: str | None = None
    page: int = Field(1, ge=1, alias="p")


class ItemMissingError(NotFoundError):
    default_code = "items.missing"


async def read_item(
    item_id: int,
    found: Filter,
    x_tenant: Annotated[UUID, Header(description="whose")],
    session: Annotated[str | None, Cookie(deprecated=True)] = None,
    limit: int = 5,
) -> HttpSuccessEnvelope[Item]:
    """Read an item.

    By its number.
    """
    raise NotImplementedError


async def make_item(item: Annotated[Item, Body(description="the item")]) -> Item:
    return item


async def upload(
    file: Annotated[UploadedFile, File(max_bytes=5)], note: Annotated[str, Form()] = "-"
) -> None: ...


async def log_in(user: Annotated[str, Form()]) -> HttpResponseSpec:
    return HttpResponseSpec.ok(user)


async def take(content: Annotated[bytes, Body()]) -> Any: ...


async def free(values: Annotated[dict[str, str], Query()], context: HttpRequestContext) -> str:
    return ""


def route(method: Any, path: str, handler: Any, **more: Any) -> HttpRouteSpec:
    name = more.pop("name", handler.__name__)
    return HttpRouteSpec(method, path, name, "items", handler, **more)


ROUTES = (
    route(
        "GET",
        "/items/{item_id:int}",
        read_item,
        auth=AuthMode.USER,
        scopes=("read",),
        tags=("reading",),
        errors=(ItemMissingError, ConflictError),
    ),
    route("POST", "/items", make_item, success_status=201, operation_id="makeItem"),
    route("DELETE", "/items", free, deprecated=True, auth=AuthMode.OPTIONAL),
    route("POST", "/upload", upload),
    route("POST", "/log-in", log_in),
    route("PUT", "/files/{rest:path}", free, name="free_put"),
    route("PUT", "/raw", take),
    route("GET", "/hidden", log_in, name="hidden", include_in_schema=False),
    route("OPTIONS", "/raw", take, name="options"),
    route("HEAD", "/raw", take, name="head"),
)
OPTIONS = HttpOptions(authenticator=bearer_authenticator(lambda token: None, cookie="at"))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build_openapi(ROUTES, OpenApiInfo(), options=OPTIONS)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


class TestDocument:
    def test_is_valid(self, document: dict[str, Any]) -> None:
        validate(document)
        assert document["openapi"] == "3.1.0"

    def test_no_reference_dangles(self, document: dict[str, Any]) -> None:
        known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
        assert set(references(document)) <= known

    def test_is_the_same_every_time(self, document: dict[str, Any]) -> None:
        again = build_openapi(iter(ROUTES), OpenApiInfo(), options=OPTIONS)
        assert json.dumps(again) == json.dumps(document)

    def test_no_part_is_shared(self) -> None:
        document = build_openapi(ROUTES, OpenApiInfo(), options=OPTIONS)
        responses = document["paths"]["/upload"]["post"]["responses"]
        responses["400"]["content"]["changed"] = True
        assert responses["413"]["content"] == PROBLEM

    def test_every_security_scheme_is_declared(self, document: dict[str, Any]) -> None:
        used = {
            name
            for path in document["paths"].values()
            for operation in path.values()
            for alternative in operation.get("security", ())
            for name in alternative
        }
        assert used == set(document["components"]["securitySchemes"]) == {"bearer", "cookie"}

    def test_every_parameter_of_a_path_is_there(self, document: dict[str, Any]) -> None:
        for path, operations in document["paths"].items():
            wanted = {part[1:-1] for part in path.split("/") if part.startswith("{")}
            for operation in operations.values():
                found = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
                assert found == wanted

    def test_paths_as_declared_without_kinds_and_hidden_ones(
        self, document: dict[str, Any]
    ) -> None:
        assert [(path, list(operations)) for path, operations in document["paths"].items()] == [
            ("/items/{item_id}", ["get"]),
            ("/items", ["post", "delete"]),
            ("/upload", ["post"]),
            ("/log-in", ["post"]),
            ("/files/{rest}", ["put"]),
            ("/raw", ["put", "options", "head"]),
        ]

    def test_components_by_name(self, document: dict[str, Any]) -> None:
        names = list(document["components"]["schemas"])
        assert names == sorted(names)
        assert {"HttpProblem", "FieldProblem", "HttpSuccessEnvelope_Item_"} <= set(names)

    def test_without_routes(self) -> None:
        document = build_openapi([], OpenApiInfo())
        validate(document)
        assert document["paths"] == {}
        assert "securitySchemes" not in document["components"]


class TestInfo:
    def test_defaults(self, document: dict[str, Any]) -> None:
        assert document["info"] == {"title": "Service", "version": "0.0.0"}
        assert "servers" not in document

    def test_all(self) -> None:
        info = OpenApiInfo("T", "1.2", "text", ("https://one.test", "/two"))
        document = build_openapi([], info)
        assert document["info"] == {"title": "T", "version": "1.2", "description": "text"}
        assert document["servers"] == [{"url": "https://one.test"}, {"url": "/two"}]


class TestOperation:
    def test_everything(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/items/{item_id}"]["get"]
        assert list(operation) == [
            "tags",
            "summary",
            "description",
            "operationId",
            "parameters",
            "responses",
            "security",
        ]
        assert operation["tags"] == ["items", "reading"]
        assert operation["summary"] == "Read an item."
        assert operation["description"] == "By its number."
        assert operation["operationId"] == "read_item"
        assert operation["security"] == [{"bearer": ["read"]}, {"cookie": ["read"]}]
        assert operation["parameters"] == [
            {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {
                "name": "words",
                "in": "query",
                "required": False,
                "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            {
                "name": "p",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "default": 1},
            },
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "default": 5},
            },
            {
                "name": "x-tenant",
                "in": "header",
                "description": "whose",
                "required": True,
                "schema": {"type": "string", "format": "uuid"},
            },
            {
                "name": "session",
                "in": "cookie",
                "required": False,
                "deprecated": True,
                "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
        ]

    def test_responses(self, document: dict[str, Any]) -> None:
        responses = document["paths"]["/items/{item_id}"]["get"]["responses"]
        assert list(responses) == ["200", "400", "401", "403", "404", "409", "default"]
        assert responses["200"] == {
            "description": "OK",
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/HttpSuccessEnvelope_Item_"}
                }
            },
        }
        assert responses["404"] == {"description": "Not Found: `items.missing`", "content": PROBLEM}
        assert responses["409"] == {"description": "Conflict: `conflict`", "content": PROBLEM}
        assert responses["default"] == {"description": "Any other error", "content": PROBLEM}

    def test_json_body(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/items"]["post"]
        assert operation["operationId"] == "makeItem"
        assert operation["requestBody"]["description"] == "the item"
        assert operation["requestBody"]["required"] is True
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema["$ref"].startswith("#/components/schemas/Item")
        assert list(operation["responses"]) == ["201", "400", "413", "415", "default"]

    def test_form_body(self, document: dict[str, Any]) -> None:
        body = document["paths"]["/upload"]["post"]["requestBody"]
        assert body == {
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {
                                "type": "string",
                                "contentMediaType": "application/octet-stream",
                            },
                            "note": {"type": "string", "default": "-"},
                        },
                        "required": ["file"],
                    }
                }
            },
            "required": True,
        }
        simple = document["paths"]["/log-in"]["post"]["requestBody"]["content"]
        assert list(simple) == ["application/x-www-form-urlencoded", "multipart/form-data"]

    def test_raw_body_and_unknown_answer(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/raw"]["put"]
        assert operation["requestBody"] == {"content": {"*/*": {"schema": {}}}, "required": True}
        assert operation["responses"]["200"]["content"] == {"application/json": {"schema": {}}}

    def test_answers_without_content(self, document: dict[str, Any]) -> None:
        paths = document["paths"]
        assert paths["/upload"]["post"]["responses"]["204"] == {"description": "No Content"}
        assert paths["/log-in"]["post"]["responses"]["200"] == {"description": "OK"}

    def test_deprecated_and_optional(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/items"]["delete"]
        assert operation["deprecated"] is True
        assert operation["security"] == [{"bearer": []}, {"cookie": []}, {}]
        assert operation["parameters"] == [
            {
                "name": "values",
                "in": "query",
                "required": False,
                "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            }
        ]


class TestConflicts:
    def test_an_operation_id_given_twice(self) -> None:
        routes = [
            route("GET", "/a", log_in, name="a", operation_id="same"),
            route("GET", "/b", log_in, name="b", operation_id="same"),
        ]
        with pytest.raises(RouteDefinitionError, match="operation id 'same'"):
            build_openapi(routes, OpenApiInfo())

    def test_templates_that_are_one_path_to_openapi(self) -> None:
        def by_number(key: int) -> None:
            """By number."""

        def by_name(key: str) -> None:
            """By name."""

        routes = [route("GET", "/{key:int}", by_number), route("GET", "/{key}", by_name)]
        document = build_openapi(routes, OpenApiInfo())
        validate(document)
        assert document["paths"]["/{key}"]["get"]["summary"] == "By number."

    def test_a_route_that_cannot_be_served(self) -> None:
        with pytest.raises(RouteDefinitionError, match="must begin with"):
            build_openapi([route("GET", "a", log_in)], OpenApiInfo())


async def test_the_bare_app_serves_it() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    info = OpenApiInfo("T")
    routes = [route("POST", "/items", make_item)]
    scope = {"type": "http", "method": "GET", "path": "/openapi.json", "headers": []}
    await build_asgi_app(routes=routes, openapi=info)(scope, receive, send)
    assert sent[0]["status"] == 200
    assert json.loads(sent[1]["body"]) == build_openapi(routes, info)


def test_importing_it_imports_no_framework() -> None:
    unwanted = {"multipart", "fastapi", "litestar", "starlette"}
    code = f"import sys, mic.http.openapi; sys.exit(bool({unwanted} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
