"""What there is to say about a compiled route, before it is written in anybody's format (pure)."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from mic.http._annotations import is_typeddict, shape_of
from mic.http._auth_mode import AuthMode
from mic.http._forms import MULTIPART, URLENCODED, multipart_installed
from mic.http._plan import ParameterPlan
from mic.http.responses import HttpResponseSpec
from mic.model import DomainError

if TYPE_CHECKING:
    from mic.http._run import CompiledRoute
    from mic.http.options import HttpOptions

JSON = "application/json"
ANY_TYPE = "*/*"
NO_DEFAULT: Any = inspect.Parameter.empty

Location = Literal["path", "query", "header", "cookie", "form", "file"]

_TEXT_LOCATIONS: tuple[Location, ...] = ("path", "query", "header", "cookie")
_KINDS: Mapping[str, Any] = {"int": int, "float": float, "uuid": UUID, "str": str, "path": str}
_DEFAULT_SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDescription:
    """One value that a client sends.

    Attributes:
        name: Name on the wire.
        location: Where it goes; `form` and `file` are parts of the body.
        annotation: Its type, with constraints where it has any; of a file `UploadedFile` or a list
            of it.
        required: Whether its absence is an error.
        default: The default, `NO_DEFAULT` where there is none.
        description: Text.
        deprecated: Whether it is.
        free: It stands for values of any names (a plain mapping).
        many: Repeated values are taken.
    """

    name: str
    location: Location
    annotation: Any
    required: bool
    default: Any = NO_DEFAULT
    description: str = ""
    deprecated: bool = False
    free: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyDescription:
    """The body that a client sends.

    Attributes:
        kind: `json`, `raw` (bytes of any type) or `form`.
        media_types: What is accepted.
        required: Whether its absence is an error.
        annotation: Type of a JSON body; `None` for the others.
        fields: Parts of a form.
        description: Text.
    """

    kind: Literal["json", "raw", "form"]
    media_types: tuple[str, ...]
    required: bool
    annotation: Any = None
    fields: tuple[ParameterDescription, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDescription:
    """Everything that a document tells about a route, the same on every host.

    Attributes:
        operation_id: The id; `name` of the spec by default.
        tags: Category and further tags.
        summary: One line; by default the first one of the handler's docstring.
        description: Text; by default the rest of the docstring.
        deprecated: Whether it is.
        path: The template without kinds, as OpenAPI has it.
        parameters: Path, query, headers, cookies, in this order; a model's fields one by one.
        body: The body, if the route reads one.
        success_status: Status of a plain result.
        success_model: Type of its JSON body; `Any` where nothing is known of it, `None` where there
            is no body, or one of which nothing at all is known (`HttpResponseSpec`).
        errors: Error classes by status, in ascending order: those that the spec lists, and, with no
            class, those that follow from what it asks for (400 input, 401 and 403 auth or guards,
            413 and 415 body).
        security: Alternatives, each scheme names with scopes; empty for a public route. An empty
            alternative is anonymous access.
    """

    operation_id: str
    tags: tuple[str, ...]
    summary: str
    description: str
    deprecated: bool
    path: str
    parameters: tuple[ParameterDescription, ...]
    body: BodyDescription | None
    success_status: int
    success_model: Any
    errors: Mapping[int, tuple[type[DomainError], ...]]
    security: tuple[Mapping[str, tuple[str, ...]], ...]


def describe_route(route: CompiledRoute) -> RouteDescription:
    """Describe a compiled route."""
    spec = route.spec
    documented = _documentation(spec.handler)
    values = _path_values(route) + tuple(
        value for plan in route.parameters for value in _values(plan)
    )
    body = _body(route, values)
    return RouteDescription(
        operation_id=spec.operation_id or spec.name,
        tags=(spec.category, *spec.tags),
        summary=spec.summary or documented[0],
        description=spec.description or documented[1],
        deprecated=spec.deprecated,
        path="/"
        + "/".join(
            segment.text if segment.kind is None else f"{{{segment.text}}}"
            for segment in route.template.segments
        ),
        parameters=tuple(
            value for location in _TEXT_LOCATIONS for value in values if value.location == location
        ),
        body=body,
        success_status=route.success_status,
        success_model=_success_model(route),
        errors=_errors(route, has_input=bool(values) or body is not None, body=body),
        security=_security(route),
    )


def error_text(status: int, errors: tuple[type[DomainError], ...]) -> str:
    """The description of an error response: the phrase of its status, and the codes known."""
    codes = ", ".join(f"`{error.default_code}`" for error in errors if error.default_code)
    phrase = status_phrase(status)
    return f"{phrase}: {codes}" if codes else phrase


def status_phrase(status: int) -> str:
    """The phrase of a status; of an unregistered one that of its class (RFC 9110, section 15)."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return HTTPStatus(status // 100 * 100).phrase


def security_schemes(options: HttpOptions) -> dict[str, dict[str, Any]]:
    """The security schemes of a service, by component name.

    Returns:
        The `security_schemes` of the options' authenticator where it has that attribute; else one
        that follows from its challenge; `bearer` where middleware is all that authenticates.
    """
    known = getattr(options.authenticator, "security_schemes", None)
    if known is None:
        challenge = getattr(options.authenticator, "challenge", "Bearer")
        name = "basic" if challenge.lower().startswith("basic") else "bearer"
        known = {name: _DEFAULT_SCHEMES[name]}
    return {name: dict(scheme) for name, scheme in known.items()}


def _documentation(handler: Callable[..., Any]) -> tuple[str, str]:
    while isinstance(handler, functools.partial):
        handler = handler.func
    if not inspect.isroutine(handler):
        handler = type(handler).__call__
    summary, _, rest = inspect.cleandoc(handler.__doc__ or "").partition("\n")
    return summary.strip(), rest.strip()


def _path_values(route: CompiledRoute) -> tuple[ParameterDescription, ...]:
    """The path parameters that no argument takes: a handler may read them from its context."""
    taken = {plan.alias for plan in route.parameters if plan.source == "path"}
    return tuple(
        ParameterDescription(
            name=segment.text, location="path", annotation=_KINDS[segment.kind], required=True
        )
        for segment in route.template.segments
        if segment.kind is not None and segment.text not in taken
    )


def _values(plan: ParameterPlan) -> tuple[ParameterDescription, ...]:
    location = plan.source
    if location == "context" or location == "principal" or location == "body":
        return ()
    if plan.fields:
        return tuple(_fields(shape_of(plan.annotation).core, location))
    return (
        ParameterDescription(
            name=plan.alias,
            location=location,
            annotation=plan.annotation,
            required=plan.required and plan.fields is None,
            default=plan.default,
            description=plan.description,
            deprecated=plan.deprecated,
            free=plan.fields is not None,
            many=plan.many,
        ),
    )


def _fields(model: Any, location: Location) -> typing.Iterator[ParameterDescription]:
    origin = typing.get_origin(model) or model
    known = getattr(origin, "__pydantic_fields__", None)
    if known is not None:
        for name, info in known.items():
            has_default = not info.is_required() and info.default_factory is None
            yield ParameterDescription(
                name=_wire_name(name, info),
                location=location,
                annotation=_constrained(info),
                required=info.is_required(),
                default=info.default if has_default else NO_DEFAULT,
                description=info.description or "",
                deprecated=bool(info.deprecated),
            )
        return
    hints = typing.get_type_hints(origin, include_extras=True)
    if is_typeddict(origin):
        optional: Mapping[str, Any] = dict.fromkeys(origin.__optional_keys__, NO_DEFAULT)
    else:
        optional = {
            field.name: NO_DEFAULT if field.default is dataclasses.MISSING else field.default
            for field in dataclasses.fields(origin)
            if field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        }
    for name, hint in hints.items():
        yield ParameterDescription(
            name=name,
            location=location,
            annotation=hint,
            required=name not in optional,
            default=optional.get(name, NO_DEFAULT),
        )


def _constrained(info: Any) -> Any:
    """A field's type with its constraints, and nothing that has a meaning inside its model only."""
    if not info.metadata:
        return info.annotation
    annotated: Any = Annotated
    return annotated[(info.annotation, *info.metadata)]


def _wire_name(name: str, info: Any) -> str:
    for alias in (info.validation_alias, info.alias):
        if isinstance(alias, str):
            return alias
    return name


def _body(route: CompiledRoute, values: tuple[ParameterDescription, ...]) -> BodyDescription | None:
    for plan in route.parameters:
        if plan.source == "body":
            return BodyDescription(
                kind="raw" if plan.raw else "json",
                media_types=(ANY_TYPE,) if plan.raw else (JSON,),
                required=plan.required,
                annotation=None if plan.raw else plan.annotation,
                description=plan.description,
            )
    fields = tuple(value for value in values if value.location in ("form", "file"))
    if not fields:
        return None
    if any(field.location == "file" for field in fields):
        media_types: tuple[str, ...] = (MULTIPART,)
    elif multipart_installed():
        media_types = (URLENCODED, MULTIPART)
    else:
        media_types = (URLENCODED,)
    required = any(field.required for field in fields)
    return BodyDescription(kind="form", media_types=media_types, required=required, fields=fields)


def _success_model(route: CompiledRoute) -> Any:
    if route.success_status == 204:
        return None
    if route.response_model is not None:
        return route.response_model
    return None if _mentions_response(route.callee.returns) else Any


def _mentions_response(annotation: Any) -> bool:
    return annotation is HttpResponseSpec or any(
        _mentions_response(part) for part in typing.get_args(annotation)
    )


def _errors(
    route: CompiledRoute, *, has_input: bool, body: BodyDescription | None
) -> dict[int, tuple[type[DomainError], ...]]:
    spec = route.spec
    implied: set[int] = set()
    if has_input:
        implied.add(400)
    if _asks_who(route) or route.options.guards or spec.guards:
        implied.update((401, 403))
    if body is not None:
        implied.add(413)
        strict = spec.strict_content_type
        if strict is None:
            strict = route.options.strict_content_type
        if body.kind == "form" or (body.kind == "json" and strict):
            implied.add(415)
    grouped: dict[int, tuple[type[DomainError], ...]] = dict.fromkeys(implied, ())
    for error in spec.errors:
        known = grouped.get(error.http_status_code, ())
        grouped[error.http_status_code] = known if error in known else (*known, error)
    return dict(sorted(grouped.items()))


def _asks_who(route: CompiledRoute) -> bool:
    spec = route.spec
    return spec.auth is not AuthMode.PUBLIC or bool(spec.roles) or bool(spec.scopes)


def _security(route: CompiledRoute) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    if not _asks_who(route):
        return ()
    alternatives: list[Mapping[str, tuple[str, ...]]] = [
        {name: route.spec.scopes} for name in security_schemes(route.options)
    ]
    if route.spec.auth is AuthMode.OPTIONAL and not (route.spec.roles or route.spec.scopes):
        alternatives.append({})
    return tuple(alternatives)
