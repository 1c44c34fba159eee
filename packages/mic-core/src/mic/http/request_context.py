"""The request as handlers, guards and authenticators see it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from mic.http._types import empty_mapping

if TYPE_CHECKING:
    from mic.http.principal import Principal
    from mic.http.route_spec import HttpRouteSpec

__all__ = ["HttpRequestContext"]


@dataclass(frozen=True, slots=True)
class HttpRequestContext:
    """One request, read-only and without any framework in it.

    Guarantees: of a request that this library serves, header names are lower case and every mapping
    is read-only and parsed on first use only. A context that a test makes by hand may hold plain
    dictionaries with any spelling; `header()` finds any case.

    Attributes:
        headers: Header fields; lines of one name joined by `, `.
        cookies: Cookies of all `Cookie` lines; of a name given twice the last wins.
        path_params: Path parameters, decoded, as text.
        query_params: Query parameters; of a name given twice the last wins (see `query_list`).
        subject_id: Subject of the principal.
        method: The method as sent, in upper case.
        path: The decoded path, without the mount point.
        scheme: `http` or `https`.
        route: The matched route; `None` where none matched.
        client_host: Address of the client (`HttpOptions.trusted_proxies` decides whose word
            counts).
        principal: Who calls; `None` for an anonymous request.
        correlation_id: The id shared by every hop of this request.
        request_id: The id of this hop.
        state: State that the application's lifespan made.
        scope: The ASGI scope, for what the fields above do not hold.
    """

    headers: Mapping[str, str] = field(default_factory=empty_mapping)
    cookies: Mapping[str, str] = field(default_factory=empty_mapping)
    path_params: Mapping[str, str] = field(default_factory=empty_mapping)
    query_params: Mapping[str, str] = field(default_factory=empty_mapping)
    subject_id: str | None = None
    _: KW_ONLY
    method: str = "GET"
    path: str = "/"
    scheme: str = "http"
    route: "HttpRouteSpec | None" = None
    client_host: str | None = None
    principal: "Principal | None" = None
    correlation_id: str | None = None
    request_id: str | None = None
    state: Mapping[str, Any] = field(default_factory=empty_mapping)
    scope: Mapping[str, Any] = field(default_factory=empty_mapping)

    def header(self, name: str, *, default: str | None = None) -> str | None:
        """The value of a header in any case; lines of one name joined by `, `."""
        value = self.headers.get(name.lower())
        if value is None:
            value = _any_case(self.headers, name)
        return default if value is None else value

    def cookie(self, name: str, *, default: str | None = None) -> str | None:
        """The value of a cookie; names are case-sensitive (RFC 6265)."""
        return self.cookies.get(name, default)

    def path_param(self, name: str, *, default: str | None = None) -> str | None:
        """The text of a path parameter."""
        return self.path_params.get(name, default)

    def query_param(self, name: str, *, default: str | None = None) -> str | None:
        """The last value of a query parameter."""
        return self.query_params.get(name, default)

    def header_list(self, name: str) -> tuple[str, ...]:
        """The values of every header line of this name, in any case, in the order received."""
        return _every(self.headers, name.lower(), self.header(name))

    def query_list(self, name: str) -> tuple[str, ...]:
        """The values of every occurrence of a query parameter, in the order received."""
        return _every(self.query_params, name, self.query_params.get(name))


def _any_case(headers: Mapping[str, str], name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


def _every(values: Mapping[str, str], name: str, single: str | None) -> tuple[str, ...]:
    if isinstance(values, MultiMapping):
        return values.every(name)
    return () if single is None else (single,)


class MultiMapping(Mapping[str, str], ABC):
    """A mapping that also knows every value of a name. Made by `mic.http._request`; here because
    `header_list` asks for it.
    """

    __slots__ = ()

    @abstractmethod
    def every(self, name: str) -> tuple[str, ...]:
        """All values of `name`, in the order received."""
