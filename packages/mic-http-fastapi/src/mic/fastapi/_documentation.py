"""Describes compiled routes to FastAPI, for its OpenAPI document.

FastAPI reads a route off the signature of a function. The function made here is never called; its
signature holds what `mic.http.openapi` says of the route.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import JsonSchemaMode
from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response

import fastapi
from fastapi.exceptions import FastAPIError
from fastapi.openapi.models import SecurityBase as SecurityModel
from fastapi.params import Param
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from mic.contracts import HttpProblem
from mic.http.adapter import CompiledRoute
from mic.http.openapi import (
    NO_DEFAULT,
    PROBLEM_TYPE,
    RouteDescription,
    describe_route,
    error_text,
    form_request_body,
    security_schemes,
    status_phrase,
)

_PARAMETERS: Mapping[str, Callable[..., Param]] = {
    "path": fastapi.Path,
    "query": fastapi.Query,
    "header": fastapi.Header,
    "cookie": fastapi.Cookie,
}
_PROBLEM = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/HttpProblem"}}}


def _undocumented() -> None:
    """Stands where FastAPI wants a function; never called."""


HIDDEN: Mapping[str, Any] = {"endpoint": _undocumented, "include_in_schema": False}
"""What is told of a route that stands in no document."""


REFUSALS = (AssertionError, FastAPIError)
"""What FastAPI raises at a route that it cannot describe."""


def describe(route: CompiledRoute, *, loosely: bool = False) -> dict[str, Any]:
    """The arguments of `APIRoute` that document a route.

    Args:
        route: The route.
        loosely: Say of every type that FastAPI cannot describe that anything may stand there.
            Trying each costs time, so this is for the routes that FastAPI refuses as they are.
    """
    spec = route.spec
    endpoint = _named_like(spec.handler)
    if not spec.include_in_schema:
        return {**HIDDEN, "name": spec.name, "endpoint": endpoint}
    description = describe_route(route)
    parameters = [*_parameters(description), *_body(description), *_security(route, description)]
    model = _writable(description.success_model, "serialization")
    if loosely:
        parameters = [_loosened(parameter) for parameter in parameters]
        model = model if _is_accepted(_undocumented, response_model=model) else Any
    _sign(endpoint, parameters)
    return {
        "endpoint": endpoint,
        "name": spec.name,
        "tags": list(description.tags),
        "summary": description.summary or None,
        "description": description.description or None,
        "operation_id": description.operation_id,
        "deprecated": description.deprecated or None,
        "status_code": description.success_status,
        "response_model": None if model is Any else model,
        "response_description": status_phrase(description.success_status),
        "responses": _responses(description),
        "openapi_extra": _extra(description),
        # of an answer about which nothing is known nothing is said
        **({"response_class": Response} if model is None else {}),
    }


def _named_like(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its own for each route, with the name that error trackers show."""

    def endpoint() -> None:
        """Stand where FastAPI wants a function; never called."""

    inner = getattr(handler, "func", handler)
    for name in ("__module__", "__name__", "__qualname__"):
        setattr(endpoint, name, str(getattr(inner, name, type(inner).__name__)))
    endpoint.__doc__ = None
    return endpoint


def _sign(endpoint: Callable[..., Any], parameters: list[inspect.Parameter]) -> None:
    # where `inspect.signature`, and so FastAPI, looks first (PEP 362)
    vars(endpoint)["__signature__"] = inspect.Signature(parameters)


def _parameters(description: RouteDescription) -> Iterator[inspect.Parameter]:
    for number, value in enumerate(description.parameters):
        told = _PARAMETERS[value.location](
            alias=value.name,
            description=value.description or None,
            deprecated=value.deprecated or None,
        )
        default: Any = inspect.Parameter.empty
        if not value.required:
            default = _tellable(value.default)
        annotation = _writable(value.annotation, "validation")
        yield _parameter(f"p{number}", Annotated[annotation, told], default)


def _body(description: RouteDescription) -> Iterator[inspect.Parameter]:
    body = description.body
    if body is not None and body.kind == "json":
        told = fastapi.Body(description=body.description or None)
        default = inspect.Parameter.empty if body.required else None
        annotation = _writable(body.annotation, "validation")
        yield _parameter("body", Annotated[annotation, told], default)


def _security(route: CompiledRoute, description: RouteDescription) -> Iterator[inspect.Parameter]:
    schemes = security_schemes(route.options) if description.security else {}
    for alternative in description.security:
        for name, scopes in alternative.items():
            told = fastapi.Security(_Scheme(name, schemes[name]), scopes=list(scopes))
            yield _parameter(f"security_{name}", Annotated[Any, told])


def _parameter(
    name: str, annotation: Any, default: Any = inspect.Parameter.empty
) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )


class _Scheme(SecurityBase):
    """A security scheme that is only described."""

    def __init__(self, name: str, scheme: Mapping[str, Any]) -> None:
        self.model = SecurityModel.model_validate(scheme)
        self.scheme_name = name

    def __call__(self) -> None:
        """Do nothing: who calls is found out by the route's own gate."""


def _writable(annotation: Any, mode: JsonSchemaMode) -> Any:
    """The type, or `Any` where JSON Schema has no words for it: the document would fail."""
    try:
        writable = _is_writable(annotation, mode)
    except TypeError:  # not hashable, so not to be remembered
        writable = _is_writable.__wrapped__(annotation, mode)
    return annotation if writable else Any


@lru_cache(maxsize=1024)
def _is_writable(annotation: Any, mode: JsonSchemaMode) -> bool:
    try:
        TypeAdapter(annotation).json_schema(mode=mode)
    except PydanticInvalidForJsonSchema:
        return False
    return True


def _tellable(default: Any) -> Any:
    """The default, or `None` where there is none that JSON can hold."""
    if default is NO_DEFAULT:
        return None
    try:
        to_json(default)
    except PydanticSerializationError:
        return None
    return default


def _loosened(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter, or one that may be anything where FastAPI cannot describe its type."""
    told = parameter.annotation.__metadata__[-1]

    def alone() -> None:
        """Stand where FastAPI wants a function; never called."""

    _sign(alone, [parameter])
    path = f"/{{{told.alias}}}" if isinstance(told, fastapi.params.Path) else "/"
    if _is_accepted(alone, path=path):
        return parameter
    return parameter.replace(annotation=Annotated[Any, told])


def _is_accepted(
    endpoint: Callable[..., Any], *, path: str = "/", response_model: Any = None
) -> bool:
    try:
        APIRoute(path, endpoint, response_model=response_model)
    except REFUSALS:
        return False
    return True


def _responses(description: RouteDescription) -> dict[int | str, dict[str, Any]]:
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": error_text(status, errors), "content": _PROBLEM}
        for status, errors in description.errors.items()
    }
    # `model` makes the component that the references above mean; it also takes FastAPI's 422 away
    responses["default"] = {"description": "Any other error", "model": HttpProblem}
    return responses


def _extra(description: RouteDescription) -> dict[str, Any] | None:
    extra: dict[str, Any] = {}
    body = description.body
    if body is not None and body.kind == "form":
        extra["requestBody"] = form_request_body(body)
    elif body is not None and body.kind == "raw":
        content: dict[str, Any] = {name: {"schema": {}} for name in body.media_types}
        extra["requestBody"] = {"content": content, "required": body.required}
    if {} in description.security:
        # anonymous access is no dependency; FastAPI appends it to those that are
        extra["security"] = [{}]
    return extra or None
