"""What a route is checked for when it is compiled, so that nothing is left to fail at a request."""

from __future__ import annotations

import inspect
from typing import Any, Never, NoReturn

from mic.http._annotations import Callee, inspect_callee
from mic.http._plan import ParameterPlan, refuse
from mic.http._render import ModelWriter
from mic.http._templates import Template, parse_template
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HTTP_METHODS, HttpRouteSpec


def template_of(spec: HttpRouteSpec) -> Template:
    """Parse the path; refuse a method that is none."""
    if spec.method not in HTTP_METHODS:
        raise refuse(spec, None, f"the method must be one of {', '.join(HTTP_METHODS)}")
    try:
        return parse_template(spec.path)
    except ValueError as error:
        raise refuse(spec, None, str(error)) from error


def callee_of(spec: HttpRouteSpec) -> Callee:
    """Inspect the handler; refuse one that cannot be called by name, or that is a generator."""
    try:
        callee = inspect_callee(spec.handler)
    except (NameError, TypeError, ValueError, AttributeError) as error:
        raise refuse(spec, None, f"the handler's signature cannot be read: {error}") from error
    if inspect.isasyncgenfunction(spec.handler) or inspect.isgeneratorfunction(spec.handler):
        raise refuse(
            spec, None, "the handler is a generator: return HttpResponseSpec.streaming(...)"
        )
    return callee


def check_options(spec: HttpRouteSpec, callee: Callee) -> None:
    """Refuse options that cannot apply."""
    if callee.is_async and spec.run_in_thread is not None:
        raise refuse(spec, None, "run_in_thread cannot apply to an async handler")
    if spec.timeout_seconds is not None and not spec.timeout_seconds > 0:
        raise refuse(spec, None, "timeout_seconds must be above 0")
    if spec.max_body_bytes is not None and spec.max_body_bytes < 1:
        raise refuse(spec, None, "max_body_bytes must be at least 1")
    if spec.success_status is not None and not 200 <= spec.success_status <= 299:
        raise refuse(spec, None, "success_status must be 200..299")


def response_model_of(spec: HttpRouteSpec, callee: Callee) -> Any:
    """The type that bare results are written through: as declared, else the return annotation."""
    if spec.response_model is not None:
        return spec.response_model
    returns = callee.returns
    nothing = (inspect.Signature.empty, None, Any, object, NoReturn, Never)
    if returns in nothing or _mentions_response(returns):
        return None
    return returns


def _mentions_response(annotation: Any) -> bool:
    if annotation is HttpResponseSpec:
        return True
    return any(_mentions_response(part) for part in getattr(annotation, "__args__", ()))


def success_status_of(spec: HttpRouteSpec, callee: Callee) -> int:
    """The status of a bare result: as declared, else 204 for `-> None` and 200."""
    if spec.success_status is not None:
        return spec.success_status
    return 204 if callee.returns is None else 200


def writer_of(spec: HttpRouteSpec, model: Any) -> ModelWriter | None:
    """The writer of a response model; refuse one that pydantic cannot read."""
    if model is None:
        return None
    try:
        return ModelWriter(model)
    except Exception as error:
        raise refuse(spec, None, f"pydantic cannot read the response model: {error}") from error


def check_guards(
    spec: HttpRouteSpec, guards: tuple[Any, ...], parameters: tuple[ParameterPlan, ...]
) -> None:
    """Let a guard that wants to look at the route's parameters when it is compiled do so."""
    names = frozenset(plan.name for plan in parameters)
    for guard in guards:
        check = getattr(guard, "check_route", None)
        if check is not None:
            try:
                check(names)
            except ValueError as error:
                raise refuse(spec, None, str(error)) from error
