"""Decides who may pass, by method and path, in front of routes of any framework.

`evaluate_auth` decides for values at hand; `mic.http.middleware.AuthGateMiddleware` for requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from mic.http._auth_mode import AuthMode
from mic.http._auth_steps import AuthDecision, AuthOutcome, Rules, Topic, decide
from mic.http._calls import without_waiting
from mic.http._credential_reader import presented_in
from mic.http._fields import is_token
from mic.http._templates import PATTERNS, Segment, parse_template
from mic.http.route_spec import HTTP_METHODS

__all__ = [
    "DEFAULT_ACCESS_COOKIE",
    "DEFAULT_ADMIN_ROLE",
    "DEFAULT_SERVICE_AUTH_HEADER",
    "AuthDecision",
    "AuthMode",
    "AuthOutcome",
    "AuthPolicy",
    "ResolveRoleCallback",
    "VerifyTokenCallback",
    "build_auth_policy",
    "evaluate_auth",
]

DEFAULT_ACCESS_COOKIE = "access_token"
DEFAULT_SERVICE_AUTH_HEADER = "x-service-auth"
DEFAULT_ADMIN_ROLE = "admin"

ResolveRoleCallback = Callable[[str], str | None]
"""Gives the role of a token's owner; `None`: none."""
VerifyTokenCallback = Callable[[str], bool]
"""Tells whether a token is good; it may give a `Principal` in place of True."""

RouteModes = Mapping[tuple[str, str], AuthMode]


@dataclass(frozen=True, slots=True)
class AuthPolicy:
    """Which mode guards which path.

    Guarantees: immutable; a template fits whole paths, segment by segment, as in `HttpRouteSpec`.

    Attributes:
        route_modes: Modes by (METHOD, path template).
        access_cookie: The cookie with a user's token.
        service_auth_header: The header with a service's token.
        admin_role: The role that `AuthMode.ADMIN` asks for.
        default_mode: The mode of every other method and path.

    Raises:
        ValueError: A method, template, mode, cookie or header name that is none.
    """

    route_modes: RouteModes = field(hash=False)
    access_cookie: str = DEFAULT_ACCESS_COOKIE
    service_auth_header: str = DEFAULT_SERVICE_AUTH_HEADER
    admin_role: str = DEFAULT_ADMIN_ROLE
    default_mode: AuthMode = AuthMode.PUBLIC
    _templates: dict[str, _Templates] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in (self.access_cookie, self.service_auth_header):
            if not is_token(name):
                msg = f"{name!r} is not a cookie or header name (RFC 9110, section 5.6.2)"
                raise ValueError(msg)
        modes = {
            (method.upper(), path): AuthMode(mode)
            for (method, path), mode in self.route_modes.items()
        }
        unknown = sorted({method for method, _ in modes}.difference(HTTP_METHODS))
        if unknown:
            msg = f"route_modes: unknown methods {', '.join(unknown)}"
            raise ValueError(msg)
        object.__setattr__(self, "route_modes", MappingProxyType(modes))
        object.__setattr__(self, "default_mode", AuthMode(self.default_mode))
        object.__setattr__(self, "_templates", _templates_by_method(modes))

    def mode_for(self, method: str, path: str) -> AuthMode:
        """The mode of a request: its exact (METHOD, path), else the first template that fits it,
        else the default. HEAD without an entry of its own is GET.

        Args:
            method: In upper case.
            path: Decoded, without mount point.
        """
        mode = self.route_modes.get((method, path))
        if mode is None:
            mode = self._entry(method, path)
            if mode is None and method == "HEAD":
                mode = self._entry("GET", path)
        return self.default_mode if mode is None else mode

    def names(self, method: str, path: str) -> bool:
        """Whether the request has an entry of its own, so that the default does not apply."""
        return self._entry(method, path) is not None

    def modes(self) -> frozenset[AuthMode]:
        """Every mode that a request can meet."""
        return frozenset((*self.route_modes.values(), self.default_mode))

    def _entry(self, method: str, path: str) -> AuthMode | None:
        mode = self.route_modes.get((method, path))
        templates = self._templates.get(method)
        return templates.first(path) if mode is None and templates is not None else mode


@dataclass(frozen=True, slots=True)
class _Templates:
    """The templates of one method as one pattern, so that many of them cost one search."""

    pattern: re.Pattern[str]
    modes: tuple[AuthMode, ...]

    def first(self, path: str) -> AuthMode | None:
        match = self.pattern.fullmatch(path)
        # exactly one of the outer groups took part, and no inner group captures
        return None if match is None else self.modes[(match.lastindex or 1) - 1]


def _segment_pattern(segment: Segment) -> str:
    if segment.kind is None:
        return re.escape(segment.text)
    if segment.kind == "str":
        # told here, because segments are not cut apart first as in a route table
        return "[^/]+"
    return f"(?s:{PATTERNS[segment.kind].pattern.replace('(', '(?:')})"


def _templates_by_method(modes: RouteModes) -> dict[str, _Templates]:
    found: dict[str, list[tuple[str, AuthMode]]] = {}
    for (method, path), mode in modes.items():
        template = parse_template(path)
        if template.names:
            segments = (_segment_pattern(segment) for segment in template.segments)
            found.setdefault(method, []).append(("/" + "/".join(segments), mode))
    return {
        method: _Templates(
            re.compile("|".join(f"({pattern})" for pattern, _ in entries)),
            tuple(mode for _, mode in entries),
        )
        for method, entries in found.items()
    }


def build_auth_policy(
    *,
    route_modes: RouteModes,
    access_cookie: str = DEFAULT_ACCESS_COOKIE,
    service_auth_header: str = DEFAULT_SERVICE_AUTH_HEADER,
    admin_role: str = DEFAULT_ADMIN_ROLE,
    default_mode: AuthMode = AuthMode.PUBLIC,
) -> AuthPolicy:
    """Make an `AuthPolicy`; see there for the parameters and what is refused."""
    return AuthPolicy(route_modes, access_cookie, service_auth_header, admin_role, default_mode)


def evaluate_auth(
    *,
    method: str,
    path: str,
    cookies: Mapping[str, str],
    headers: Mapping[str, str],
    policy: AuthPolicy,
    resolve_role: ResolveRoleCallback | None = None,
    verify_token: VerifyTokenCallback | None = None,
    verify_service: Callable[[str], Any] | None = None,
    presence_only: bool = False,
) -> AuthDecision:
    """Decide whether a request may pass, by the mode of its method and path.

    USER and ADMIN look at the access cookie, else at the bearer token (a malformed one counts as
    absent); SERVICE at the service header; OPTIONAL and AUTHENTICATED at both. A refused token is
    `missing_credentials`, a wrong role `forbidden`.

    Guarantees: presence is no proof. Without the callback that could check a credential the answer
    is `missing_credentials` with the reason `no_verifier`. An error of a callback other than
    `UnauthorizedError` passes through.

    Args:
        method: In any case.
        path: Decoded, without mount point.
        cookies: The request's cookies.
        headers: The request's headers, names in any case.
        policy: The policy.
        resolve_role: Gives the role of a token's owner, for ADMIN.
        verify_token: Tells whether a user's token is good.
        verify_service: Tells whether a service's token is good; it may give a `Principal` or
            claims.
        presence_only: Lets a credential pass that no callback checks, as the published versions
            did. Whoever sends any text is let in: only for gates in front of which something else
            has checked it.

    Raises:
        TypeError: A callback is asynchronous.
    """
    callbacks: dict[Topic, Callable[[str], Any] | None] = {
        "token": verify_token,
        "role": resolve_role,
        "service": verify_service,
    }
    topics = frozenset(topic for topic, callback in callbacks.items() if callback is not None)
    mode = policy.mode_for(method.upper(), path)
    rules = Rules(topics, policy.admin_role, presence_only)

    def ask(topic: Topic, credential: str) -> Any:
        return _settled(cast("Callable[[str], Any]", callbacks[topic])(credential))

    presented = presented_in(mode, policy, cookies, headers)
    decision, _ = without_waiting(decide(mode, presented, rules, ask))
    return decision


def _settled(answer: Any) -> Any:
    """Refuse what an asynchronous callback gives: a coroutine is true whatever it would say."""
    if hasattr(type(answer), "__await__"):
        if hasattr(answer, "close"):
            answer.close()
        msg = "evaluate_auth takes synchronous callbacks; AuthGateMiddleware takes both"
        raise TypeError(msg)
    return answer
