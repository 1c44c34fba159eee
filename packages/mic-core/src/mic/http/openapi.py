"""OpenAPI 3.1 documents of routes, made of the compiled plans alone.

What a document tells of a route is decided once, by `describe_route`, for the document of this
module and for those of the framework adapters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mic.contracts import HttpProblem
from mic.http._openapi_describe import (
    NO_DEFAULT,
    BodyDescription,
    ParameterDescription,
    RouteDescription,
    describe_route,
    error_text,
    security_schemes,
    status_phrase,
)
from mic.http._openapi_schemas import Schema, SchemaPool, form_schema
from mic.http.options import DEFAULT_OPTIONS
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError
from mic.http.table import compile_routes

if TYPE_CHECKING:
    from mic.http.options import HttpOptions

__all__ = [
    "NO_DEFAULT",
    "PROBLEM_TYPE",
    "BodyDescription",
    "OpenApiInfo",
    "ParameterDescription",
    "RouteDescription",
    "build_openapi",
    "describe_route",
    "error_text",
    "form_request_body",
    "form_schema",
    "security_requirements",
    "security_schemes",
    "status_phrase",
]

OPENAPI_VERSION = "3.1.0"
PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class OpenApiInfo:
    """What the document says about the service as a whole.

    Attributes:
        title: Name of the service.
        version: Version of its API.
        description: Text, CommonMark allowed.
        servers: Base URLs at which it is served; none: where the document was found.
    """

    title: str = "Service"
    version: str = "0.0.0"
    description: str = ""
    servers: tuple[str, ...] = ()


def build_openapi(
    routes: Iterable[HttpRouteSpec], info: OpenApiInfo, *, options: HttpOptions | None = None
) -> dict[str, Any]:
    """Write the OpenAPI 3.1 document of routes.

    Guarantees: plain JSON types; the same routes give the same document, keys in the same order:
    paths as declared, components by name. Routes with `include_in_schema=False` are left out. Where
    two templates differ in the kind of a parameter only, OpenAPI knows one path, and the route
    declared first is the one described.

    Args:
        routes: The routes.
        info: The service.
        options: What the routes are served with: authenticator, guards.

    Raises:
        RouteDefinitionError: A route that cannot be served, or an operation id given twice.
        ConfigurationError: An optional library is missing.
    """
    chosen = options or DEFAULT_OPTIONS
    descriptions = [
        (route.spec.method.lower(), describe_route(route))
        for route in compile_routes(routes, options=chosen)
        if route.spec.include_in_schema
    ]
    pool = SchemaPool()
    problem = pool.schema(HttpProblem, mode="serialization")
    paths: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for method, description in descriptions:
        if description.operation_id in taken:
            msg = f"two routes have the operation id {description.operation_id!r}"
            raise RouteDefinitionError(msg)
        taken.add(description.operation_id)
        operations = paths.setdefault(description.path, {})
        if method not in operations:
            operations[method] = _operation(description, pool, problem)
    components: dict[str, Any] = {"schemas": pool.components()}
    if any(description.security for _, description in descriptions):
        components["securitySchemes"] = security_schemes(chosen)
    document = {
        "openapi": OPENAPI_VERSION,
        "info": _info(info),
        **({"servers": [{"url": url} for url in info.servers]} if info.servers else {}),
        "paths": paths,
        "components": components,
    }
    # no part is shared with another, so that a service may change one
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def security_requirements(description: RouteDescription) -> list[dict[str, list[str]]]:
    """The `security` member of an operation; empty for a public route."""
    return [
        {name: list(scopes) for name, scopes in alternative.items()}
        for alternative in description.security
    ]


def form_request_body(body: BodyDescription) -> dict[str, Any]:
    """The `requestBody` member of an operation that takes a form; it refers to no component."""
    schema = form_schema(body)
    return _request_body(body, dict.fromkeys(body.media_types, schema))


def _info(info: OpenApiInfo) -> dict[str, str]:
    written = {"title": info.title, "version": info.version}
    if info.description:
        written["description"] = info.description
    return written


def _operation(description: RouteDescription, pool: SchemaPool, problem: Schema) -> dict[str, Any]:
    operation: dict[str, Any] = {"tags": list(description.tags)}
    if description.summary:
        operation["summary"] = description.summary
    if description.description:
        operation["description"] = description.description
    operation["operationId"] = description.operation_id
    if description.parameters:
        operation["parameters"] = [_parameter(value, pool) for value in description.parameters]
    if description.body is not None:
        operation["requestBody"] = _body(description.body, pool)
    operation["responses"] = _responses(description, pool, problem)
    if description.deprecated:
        operation["deprecated"] = True
    if description.security:
        operation["security"] = security_requirements(description)
    return operation


def _parameter(value: ParameterDescription, pool: SchemaPool) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": value.name, "in": value.location}
    if value.description:
        parameter["description"] = value.description
    parameter["required"] = value.required
    if value.deprecated:
        parameter["deprecated"] = True
    parameter["schema"] = pool.schema(value.annotation, mode="validation", default=value.default)
    return parameter


def _body(body: BodyDescription, pool: SchemaPool) -> dict[str, Any]:
    if body.kind == "form":
        return form_request_body(body)
    schema: Schema = {}
    if body.kind == "json":
        schema = pool.schema(body.annotation, mode="validation")
    return _request_body(body, dict.fromkeys(body.media_types, schema))


def _request_body(body: BodyDescription, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if body.description:
        written["description"] = body.description
    written["content"] = {name: {"schema": schema} for name, schema in schemas.items()}
    written["required"] = body.required
    return written


def _responses(
    description: RouteDescription, pool: SchemaPool, problem: Schema
) -> dict[str, dict[str, Any]]:
    success: dict[str, Any] = {"description": status_phrase(description.success_status)}
    if description.success_model is not None:
        schema = pool.schema(description.success_model, mode="serialization")
        success["content"] = {"application/json": {"schema": schema}}
    content = {PROBLEM_TYPE: {"schema": problem}}
    responses = {str(description.success_status): success}
    for status, errors in description.errors.items():
        responses[str(status)] = {"description": error_text(status, errors), "content": content}
    responses["default"] = {"description": "Any other error", "content": content}
    return responses
