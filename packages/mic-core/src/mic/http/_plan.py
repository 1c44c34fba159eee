"""The parameter plan: where each argument of a handler comes from, decided once, when a route is
compiled (pure).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import PydanticUserError, TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError

from mic.http._annotations import (
    Callee,
    field_names,
    holds_model,
    is_collection,
    is_model,
    is_upload,
    shape_of,
)
from mic.http._auth_mode import AuthMode
from mic.http._templates import Template
from mic.http.params import File, Header, Marker, Path
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError

Source = Literal[
    "context", "principal", "path", "query", "header", "cookie", "body", "form", "file"
]
_ANONYMOUS_MODES = (AuthMode.PUBLIC, AuthMode.OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterPlan:
    """How one argument is filled.

    Attributes:
        name: The handler's argument.
        source: Where its value comes from; `context` and `principal` are injected.
        alias: Name on the wire.
        annotation: The annotation as written, `str` where there is none.
        adapter: Converts and checks the value; `None` where it is taken as it is.
        required: Whether its absence is an error.
        nullable: Whether an absent value is passed as `None` (otherwise the Python default
            applies).
        many: Whether repeated values are taken.
        raw: A body given as its bytes.
        fields: For a model filled from query or form: its names on the wire, each with whether
            repeated values are taken; `None` for a single value.
        default: The Python default, `inspect.Parameter.empty` where there is none.
        description: Text for documents.
        deprecated: Marks it in documents.
        max_bytes: Limit of an uploaded file in bytes.
        validate: What `adapter` does with a Python value, ready to be called.
        takes_last: Whether of a repeated name the last value is taken.
    """

    name: str
    source: Source
    alias: str
    annotation: Any
    adapter: TypeAdapter[Any] | None
    required: bool
    nullable: bool = False
    many: bool = False
    raw: bool = False
    fields: dict[str, bool] | None = None
    default: Any = inspect.Parameter.empty
    description: str = ""
    deprecated: bool = False
    max_bytes: int | None = None
    validate: Callable[[Any], Any] | None = field(init=False, repr=False, compare=False)
    takes_last: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        validate = None if self.adapter is None else self.adapter.validator.validate_python
        object.__setattr__(self, "validate", validate)
        last = self.fields is None and not self.many and self.source != "header"
        object.__setattr__(self, "takes_last", last)


def plan_parameters(
    spec: HttpRouteSpec, template: Template, callee: Callee
) -> tuple[ParameterPlan, ...]:
    """Decide the source of every argument, by the first rule that fits.

    Raises:
        RouteDefinitionError: Naming route and parameter.
    """
    plans = tuple(
        _plan(spec, template, callee, parameter)
        for parameter in callee.parameters
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and not _left_to_default(spec, parameter)
    )
    _check_bodies(spec, plans)
    _check_path(spec, template, plans)
    return plans


def refuse(spec: HttpRouteSpec, parameter: str | None, reason: str) -> RouteDefinitionError:
    """The error that names the route and, where one is at fault, the parameter."""
    where = f", parameter {parameter!r}" if parameter else ""
    return RouteDefinitionError(f"route {spec.name!r} ({spec.method} {spec.path}){where}: {reason}")


def _left_to_default(spec: HttpRouteSpec, parameter: inspect.Parameter) -> bool:
    if parameter.kind is not parameter.POSITIONAL_ONLY:
        return False
    if parameter.default is parameter.empty:
        raise refuse(spec, parameter.name, "is positional-only; arguments are given by name")
    return True


def _plan(
    spec: HttpRouteSpec, template: Template, callee: Callee, parameter: inspect.Parameter
) -> ParameterPlan:
    name = parameter.name
    annotation = callee.hints.get(name, inspect.Parameter.empty)
    typed = annotation is not inspect.Parameter.empty
    shape = shape_of(annotation if typed else str)
    if shape.core is HttpRequestContext:
        return _injected(parameter, "context", annotation, nullable=False)
    if shape.core is Principal:
        if spec.auth in _ANONYMOUS_MODES and not shape.optional:
            mode = spec.auth.value
            reason = f"with auth={mode!r} there may be none: write Principal | None"
            raise refuse(spec, name, reason)
        return _injected(parameter, "principal", annotation, nullable=shape.optional)
    source = _source(spec, template, name, annotation if typed else str)
    marker = shape.marker or Marker()
    upload = source == "file"
    raw = source == "body" and shape.core is bytes
    filled = source in ("query", "form") and is_model(shape.core)
    return ParameterPlan(
        name=name,
        source=source,
        alias=marker.alias or (name.replace("_", "-") if source == "header" else name),
        annotation=annotation if typed else str,
        adapter=None if upload or raw or not typed else _adapter(spec, name, annotation),
        required=parameter.default is parameter.empty and not shape.optional,
        nullable=parameter.default is parameter.empty and shape.optional,
        many=is_collection(shape.core) and source != "body",
        raw=raw,
        fields=field_names(shape.core) if filled else None,
        default=parameter.default,
        description=marker.description,
        deprecated=marker.deprecated,
        max_bytes=marker.max_bytes if isinstance(marker, File) else None,
    )


def _injected(
    parameter: inspect.Parameter,
    source: Literal["context", "principal"],
    annotation: Any,
    *,
    nullable: bool,
) -> ParameterPlan:
    return ParameterPlan(
        name=parameter.name,
        source=source,
        alias=parameter.name,
        annotation=annotation,
        adapter=None,
        required=False,
        nullable=nullable,
        default=parameter.default,
    )


def _source(spec: HttpRouteSpec, template: Template, name: str, annotation: Any) -> Source:
    shape = shape_of(annotation)
    if shape.marker is not None:
        if isinstance(shape.marker, File) != is_upload(shape.core):
            raise refuse(spec, name, "File() goes with UploadedFile, and UploadedFile with File()")
        if isinstance(shape.marker, Path | Header) and is_model(shape.core):
            raise refuse(spec, name, "a model cannot be filled from a path parameter or a header")
        return shape.marker.source
    if name in template.names:
        return "path"
    if is_upload(shape.core):
        return "file"
    if holds_model(annotation):
        return "query" if spec.method in ("GET", "HEAD") and is_model(shape.core) else "body"
    return "query"


def _adapter(spec: HttpRouteSpec, name: str, annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError, NameError) as error:
        raise refuse(spec, name, f"pydantic cannot read a {annotation!r}: {error}") from error


def _check_bodies(spec: HttpRouteSpec, plans: tuple[ParameterPlan, ...]) -> None:
    bodies = [plan.name for plan in plans if plan.source == "body"]
    forms = [plan.name for plan in plans if plan.source in ("form", "file")]
    if len(bodies) > 1:
        raise refuse(spec, bodies[1], f"a request has one body, and {bodies[0]!r} takes it already")
    if bodies and forms:
        raise refuse(spec, forms[0], f"a request has a body ({bodies[0]!r}) or a form, not both")


def _check_path(spec: HttpRouteSpec, template: Template, plans: tuple[ParameterPlan, ...]) -> None:
    named = {plan.alias for plan in plans if plan.source == "path"}
    for name in sorted(named - set(template.names)):
        raise refuse(spec, name, f"is no parameter of the path {spec.path}")
    if any(plan.source == "context" for plan in plans):
        return
    for name in template.names:
        if name not in named:
            reason = "nobody receives it: the handler needs an argument of that name or a context"
            raise refuse(spec, name, reason)
