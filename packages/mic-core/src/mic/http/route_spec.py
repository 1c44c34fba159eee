"""Routes as data: `HttpRouteSpec`. The other specs are importable from here too, as they always
were.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mic.http._auth_mode import AuthMode
from mic.http._types import ASGIApp, empty_mapping
from mic.http.cookies import CookieSameSite, HttpCookieSpec
from mic.http.responses import HttpResponseSpec

if TYPE_CHECKING:
    from mic.http.request_context import HttpRequestContext
    from mic.model import DomainError

__all__ = [
    "AuthMode",
    "CookieSameSite",
    "Guard",
    "HttpCookieSpec",
    "HttpHandler",
    "HttpMethod",
    "HttpResponseSpec",
    "HttpRouteSpec",
    "RouteDefinitionError",
]

HttpMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
HTTP_METHODS: tuple[HttpMethod, ...] = (
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
)
HttpHandler = Callable[..., Any]
Guard = Callable[["HttpRequestContext"], Any]


class RouteDefinitionError(ValueError):
    """A route that cannot be served as it is written. Raised when routes are compiled, never at a
    request.

    The message names the route and, where one is at fault, the parameter.
    """


@dataclass(frozen=True, slots=True)
class HttpRouteSpec:
    """One route: method, path, handler, and everything that hosts, gates and documents need to know
    about it.

    Guarantees: a spec is inert data; nothing is inspected before `compile_route`. The same spec
    gives the same answers on FastAPI, on Litestar and on the bare ASGI app. A route whose `auth` is
    not `PUBLIC` never runs its handler, guards or body parser without a positive decision for
    exactly this route.

    Attributes:
        method: One of the seven; GET also serves HEAD.
        path: Template such as `/items/{item_id}`; a parameter fills a whole segment: `{name}`,
            `{name:str}`, `{name:int}`, `{name:float}`, `{name:uuid}`, or last `{name:path}`.
        name: Unique name, for `url_for`, logs, metrics and the operation id.
        category: First tag in the OpenAPI document.
        handler: `def` (runs in a worker thread) or `async def`; called with keyword arguments.
        summary: One line for the OpenAPI document; by default the first line of the handler's
            docstring.
        tags: Further tags.
        auth: Who may call it.
        description: Longer text for the OpenAPI document; by default the handler's docstring after
            its first line.
        scopes: Scopes that the principal must have, all of them.
        roles: Roles of which the principal must have one.
        guards: Called in order after authentication and before any parsing; each raises a
            `DomainError` to refuse.
        middleware: ASGI middleware of this route, outermost first; inside authentication, outside
            guards and parsing.
        response_model: Type that results are written through; by default the handler's return
            annotation.
        success_status: Status of a result that is not a `HttpResponseSpec`; by default 200, or 204
            for `-> None`.
        errors: Errors that the route documents.
        run_in_thread: `False` runs a `def` handler on the event loop: only for handlers that never
            wait.
        timeout_seconds: Deadline; passed, the answer is 504.
        max_body_bytes: Limit of the body; by default that of the options.
        strict_content_type: Whether a body needs the right `Content-Type`; by default that of the
            options.
        operation_id: Id in the OpenAPI document; by default `name`.
        deprecated: Marks the operation as deprecated.
        include_in_schema: Whether the OpenAPI document lists it.
        metadata: Free data for middleware; `mic.http` does not read it.
    """

    method: HttpMethod
    path: str
    name: str
    category: str
    handler: HttpHandler
    summary: str = ""
    tags: tuple[str, ...] = ()
    auth: AuthMode = AuthMode.PUBLIC
    _: KW_ONLY
    description: str = ""
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    middleware: tuple[Callable[[ASGIApp], ASGIApp], ...] = ()
    response_model: Any = None
    success_status: int | None = None
    errors: tuple[type["DomainError"], ...] = ()
    run_in_thread: bool | None = None
    timeout_seconds: float | None = None
    max_body_bytes: int | None = None
    strict_content_type: bool | None = None
    operation_id: str | None = None
    deprecated: bool = False
    include_in_schema: bool = True
    metadata: Mapping[str, Any] = field(default_factory=empty_mapping, hash=False)
