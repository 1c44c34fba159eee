"""Reads what FastAPI knows of the routers around a route, and never guesses.

FastAPI keeps, in the scope of a request, the include it came through and the route as that include
sees it. Both are plain data; every field of an include that this module does not know and that is
not at its default makes the include one that only FastAPI itself may carry out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any

from mic.fastapi._prefix import Prefix
from mic.http.adapter import Scope

_LOGGER = logging.getLogger("mic.http")

_SCOPE_KEY = "fastapi"
_TELEMETRY_KEY = "fastapi.telemetry"
_NO_FASTAPI: Mapping[str, Any] = {}

# what decides between our dispatch and FastAPI's own
_DECIDING = ("dependencies", "max_body_size", "form_limits")
# what changes documents, or how FastAPI parses and answers, which it does not do for our routes
_HARMLESS = frozenset(
    {
        "callbacks",
        "default_response_class",
        "dependency_overrides_provider",
        "deprecated",
        "generate_unique_id_function",
        "include_in_schema",
        "included_router",
        "prefix",
        "responses",
        "strict_content_type",
        "tags",
    }
)
_MAX_KNOWN = 256


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One way in which a router was included.

    Attributes:
        prefix: What stands in front of the router's paths.
        known: Whether every option in use is known here.
        plain: Whether nothing that FastAPI would do around a route is lost by not asking it.
    """

    prefix: Prefix
    known: bool
    plain: bool


class Inclusions:
    """What is known of the includes that requests came through; at most 256, read once each."""

    __slots__ = ("_known", "_own_prefix", "_warned")

    def __init__(self, own_prefix: str) -> None:
        self._own_prefix = own_prefix
        # the context is kept beside what was read of it: its id cannot become another's
        self._known: dict[int, tuple[Any, Inclusion]] = {}
        self._warned = False

    def __len__(self) -> int:
        return len(self._known)

    def of_router(self, scope: Scope, router: Any) -> Inclusion | None:
        """The include through which a request reached `router`; `None` if it came another way."""
        # once or twice a request, so written out
        fastapi = scope.get(_SCOPE_KEY)
        included = fastapi.get("included_router") if fastapi else None
        if included is None or included.original_router is not router:
            return None
        context = included.include_context
        known = self._known.get(id(context))
        return self.read(context) if known is None else known[1]

    def deciding(self, scope: Scope, router: Any) -> Inclusion | None:
        """The include through which a request reached `router`, where the route table may decide
        what becomes of it: nothing stands around the routes, and FastAPI does not watch.
        """
        fastapi = scope.get(_SCOPE_KEY)
        if not fastapi or fastapi.get("form_limits") or scope.get(_TELEMETRY_KEY) is not None:
            return None
        inclusion = self.of_router(scope, router)
        return inclusion if inclusion is not None and inclusion.plain else None

    def of_route(self, scope: Scope, route: Any) -> tuple[Any, Inclusion | None]:
        """The route as it is seen by the include that a request came through, and that include.

        Without an include the route itself, and `None`.
        """
        fastapi = scope.get(_SCOPE_KEY)
        effective = fastapi.get("effective_route_context") if fastapi else None
        if fastapi is None or effective is None or effective.original_route is not route:
            return route, None
        return effective, self.read(fastapi["included_router"].include_context)

    def read(self, context: Any) -> Inclusion:
        """Read an include context."""
        known = self._known.get(id(context))
        if known is not None:
            return known[1]
        unknown = unknown_fields(context)
        if unknown and not self._warned:
            self._warned = True
            _LOGGER.warning(
                "this FastAPI includes routers with options that mic.fastapi does not know (%s):"
                " it is asked at every request",
                ", ".join(unknown),
            )
        inclusion = Inclusion(
            Prefix(context.prefix + self._own_prefix),
            known=not unknown,
            plain=not unknown and is_plain(context),
        )
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[id(context)] = (context, inclusion)
        return inclusion


def unknown_fields(context: Any) -> list[str]:
    """The fields of an include context that are neither known nor at their default."""
    if not is_dataclass(context):
        return [type(context).__name__]
    found = []
    for field in fields(context):
        if field.name in _HARMLESS or field.name in _DECIDING:
            continue
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if getattr(context, field.name) != default:
            found.append(field.name)
    return found


def _known_to_fastapi(scope: Scope) -> Mapping[str, Any]:
    known: Mapping[str, Any] = scope.get(_SCOPE_KEY) or _NO_FASTAPI
    return known


def include_context_of(scope: Scope, router: Any) -> Any | None:
    """The context of the include that led to `router`; `None` if the request came another way."""
    included = _known_to_fastapi(scope).get("included_router")
    if included is None or getattr(included, "original_router", None) is not router:
        return None
    return included.include_context


def has_form_limits(scope: Scope) -> bool:
    """Whether a router around this request limits forms."""
    return bool(_known_to_fastapi(scope).get("form_limits"))


def is_plain(seen: Any) -> bool:
    """Whether a router, a route or an include asks for nothing that only FastAPI can do."""
    return not (
        seen.dependencies
        or getattr(seen, "max_body_size", None) is not None
        or getattr(seen, "form_limits", None)
    )
