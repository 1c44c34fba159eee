"""Turns credentials into a `Principal`: bearer tokens, API keys, basic credentials, or several.

```python
from mic.http.authenticators import bearer_authenticator, composite_authenticator

options = HttpOptions(authenticator=bearer_authenticator(verifier.verify))
```

What `verify`, `lookup` and `check` may give: a `Principal`; the claims of a token, read by
`to_principal`, else by `principal_of`; `None` or `False` for a bad credential. They may be
asynchronous, or synchronous: then they run in a worker thread, unless their attribute
`performs_io`, or that of the object whose method they are, is False. They may raise
`UnauthorizedError` for a bad credential, and `TransientError` when they can not tell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from mic.http._calls import Call
from mic.http._credentials import invalid_credentials, single_cookie, single_header
from mic.http._fields import check_header_value, is_token
from mic.http.api_key import hash_api_key, parse_api_key
from mic.http.basic_auth import parse_basic_auth
from mic.http.bearer import parse_bearer_token
from mic.http.options import DEFAULT_OPTIONS
from mic.http.principal import Principal, principal_of
from mic.model import DomainError, UnauthorizedError

if TYPE_CHECKING:
    from mic.http._threads import WorkerPool
    from mic.http.request_context import HttpRequestContext

__all__ = [
    "Authenticator",
    "api_key_authenticator",
    "basic_authenticator",
    "bearer_authenticator",
    "composite_authenticator",
]

ToPrincipal = Callable[[Any], Principal]


class Authenticator(Protocol):
    """Turns the credentials of a request into a `Principal`.

    A class whose `authenticate` is a plain function is taken too: it runs in a worker thread,
    unless its attribute `performs_io` is False.
    """

    @property
    def challenge(self) -> str:
        """The value of `WWW-Authenticate` in a 401 (RFC 9110, section 11.6.1)."""
        ...

    async def authenticate(self, context: HttpRequestContext) -> Principal | None:
        """Say who calls.

        Returns:
            The principal; `None` where the request has no credential of this kind.

        Raises:
            UnauthorizedError: The credential is bad.
            TransientError: The credential can not be checked now.
        """
        ...


class BuiltinAuthenticator(ABC):
    """What the authenticators of this module share.

    Attributes:
        challenge: The value of `WWW-Authenticate`.
        security_schemes: OpenAPI security scheme objects by the name of their component.
    """

    __slots__ = ("challenge", "security_schemes")

    def __init__(self, challenge: str, security_schemes: Mapping[str, Mapping[str, str]]) -> None:
        self.challenge = challenge
        self.security_schemes = security_schemes

    async def authenticate(self, context: HttpRequestContext) -> Principal | None:
        """Say who calls; synchronous callbacks use the worker threads of the default options."""
        return await self.authenticate_in(context, DEFAULT_OPTIONS.workers)

    @abstractmethod
    async def authenticate_in(
        self, context: HttpRequestContext, workers: WorkerPool
    ) -> Principal | None:
        """Say who calls; synchronous callbacks use the threads of `workers`."""


async def ask(
    authenticator: Authenticator, context: HttpRequestContext, workers: WorkerPool
) -> Principal | None:
    """Ask any authenticator, synchronous ones in a thread of `workers`.

    Raises:
        TypeError: It gave neither a `Principal` nor `None`: no proof of anything.
        DomainError: As the authenticator raises it.
    """
    if isinstance(authenticator, BuiltinAuthenticator):
        return await authenticator.authenticate_in(context, workers)
    principal: object = await Call(authenticator.authenticate)(workers, context)
    if principal is None or isinstance(principal, Principal):
        return principal
    msg = f"authenticate() must give a Principal or None, not {type(principal).__name__}"
    raise TypeError(msg)


def principal_from(result: Any, to_principal: ToPrincipal | None) -> Principal:
    """Read what a user's verifier gave.

    Raises:
        UnauthorizedError: `auth.invalid_credentials`: it gave `None` or `False`.
        TypeError: It gave something that says nothing about who calls.
    """
    if result is None or result is False:
        raise invalid_credentials()
    if isinstance(result, Principal):
        return result
    return principal_of(result) if to_principal is None else to_principal(result)


class _BearerAuthenticator(BuiltinAuthenticator):
    __slots__ = ("_cookie", "_to_principal", "_verify")

    def __init__(
        self, verify: Callable[[str], Any], to_principal: ToPrincipal | None, cookie: str | None
    ) -> None:
        schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
        if cookie is not None:
            schemes["cookie"] = {"type": "apiKey", "in": "cookie", "name": cookie}
        super().__init__("Bearer", schemes)
        self._verify = Call(verify)
        self._to_principal = to_principal
        self._cookie = cookie

    async def authenticate_in(
        self, context: HttpRequestContext, workers: WorkerPool
    ) -> Principal | None:
        token = self._token(context)
        if token is None:
            return None
        return principal_from(await self._verify(workers, token), self._to_principal)

    def _token(self, context: HttpRequestContext) -> str | None:
        header = single_header(context, "authorization")
        if header is not None and _scheme(header) == "bearer":
            return parse_bearer_token(header)
        if self._cookie is None:
            return None
        value = single_cookie(context, self._cookie)
        if value is None:
            return None
        try:
            return parse_bearer_token(f"Bearer {value}")
        except UnauthorizedError:
            raise invalid_credentials() from None


class _ApiKeyAuthenticator(BuiltinAuthenticator):
    __slots__ = ("_header", "_lookup", "_scheme", "_shared")

    def __init__(self, lookup: Callable[[str], Any], header: str, scheme: str | None) -> None:
        super().__init__(
            scheme or "ApiKey", {"apiKey": {"type": "apiKey", "in": "header", "name": header}}
        )
        self._lookup = Call(lookup)
        self._header = header
        self._scheme = scheme
        # in `Authorization` another scheme is somebody else's credential, not a bad one of ours
        self._shared = scheme is not None and header.lower() == "authorization"

    async def authenticate_in(
        self, context: HttpRequestContext, workers: WorkerPool
    ) -> Principal | None:
        value = single_header(context, self._header)
        if value is None or (self._shared and _scheme(value) != (self._scheme or "").lower()):
            return None
        digest = hash_api_key(parse_api_key(value, scheme=self._scheme))
        return principal_from(await self._lookup(workers, digest), None)


class _BasicAuthenticator(BuiltinAuthenticator):
    __slots__ = ("_check",)

    def __init__(self, check: Callable[[str, str], Any], realm: str) -> None:
        quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
        super().__init__(
            f'Basic realm="{quoted}", charset="UTF-8"',
            {"basic": {"type": "http", "scheme": "basic"}},
        )
        self._check = Call(check)

    async def authenticate_in(
        self, context: HttpRequestContext, workers: WorkerPool
    ) -> Principal | None:
        header = single_header(context, "authorization")
        if header is None or _scheme(header) != "basic":
            return None
        user, password = parse_basic_auth(header)
        result = await self._check(workers, user, password)
        # only here a bare yes says who it is; without a name it is nobody
        if result is True and user:
            return Principal(user)
        return principal_from(result, None)


class _CompositeAuthenticator(BuiltinAuthenticator):
    __slots__ = ("_authenticators",)

    def __init__(self, authenticators: tuple[Authenticator, ...]) -> None:
        schemes: dict[str, Mapping[str, str]] = {}
        for authenticator in authenticators:
            schemes.update(getattr(authenticator, "security_schemes", {}))
        challenges = dict.fromkeys(authenticator.challenge for authenticator in authenticators)
        super().__init__(", ".join(challenges), schemes)
        self._authenticators = authenticators

    async def authenticate_in(
        self, context: HttpRequestContext, workers: WorkerPool
    ) -> Principal | None:
        first: DomainError | None = None
        for authenticator in self._authenticators:
            try:
                principal = await ask(authenticator, context, workers)
            except DomainError as error:
                first = first or error
            else:
                if principal is not None:
                    return principal
        if first is not None:
            raise first
        return None


def _scheme(header: str) -> str:
    return header.partition(" ")[0].lower()


def bearer_authenticator(
    verify: Callable[[str], Any],
    *,
    to_principal: ToPrincipal | None = None,
    cookie: str | None = None,
) -> Authenticator:
    """Take bearer tokens (RFC 6750) from `Authorization`, else from a cookie.

    Guarantees: another scheme is no credential of this kind; two `Authorization` lines, a malformed
    token, and a cookie that comes twice with different values are refused. A token from a cookie
    needs protection against cross-site requests (`CsrfMiddleware`).

    Args:
        verify: Called with the token; see the module for what it may give and raise.
        to_principal: Reads the claims that `verify` gave; by default `principal_of`, which makes
            every caller a service.
        cookie: Name of the cookie; `None`: the header only.

    Raises:
        ValueError: `cookie` is no token (RFC 6265, section 4.1.1).
    """
    if cookie is not None and not is_token(cookie):
        msg = f"{cookie!r} is not a cookie name (RFC 6265, section 4.1.1)"
        raise ValueError(msg)
    return _BearerAuthenticator(verify, to_principal, cookie)


def api_key_authenticator(
    lookup: Callable[[str], Any], *, header: str = "X-API-Key", scheme: str | None = None
) -> Authenticator:
    """Take an API key from a header.

    Guarantees: `lookup` never sees the key, only what `hash_api_key` makes of it, so that keys need
    not be stored, and a look-up's timing tells nothing about them. A header that comes twice is
    refused.

    Args:
        lookup: Called with the SHA-256 of the key (64 hex digits); see the module for what it may
            give and raise.
        header: Name of the header.
        scheme: The word before the key (`ApiKey`), if any. With the header `Authorization`, a
            value of another scheme is no credential of this kind.

    Raises:
        ValueError: `header` or `scheme` is no token (RFC 9110, section 5.6.2).
    """
    for name in (header, "ApiKey" if scheme is None else scheme):
        if not is_token(name):
            msg = f"{name!r} is not a token (RFC 9110, section 5.6.2)"
            raise ValueError(msg)
    return _ApiKeyAuthenticator(lookup, header, scheme)


def basic_authenticator(
    check: Callable[[str, str], Any], *, realm: str = "service"
) -> Authenticator:
    """Take user name and password (RFC 7617) from `Authorization`.

    Args:
        check: Called with user name and password; see the module for what it may give and raise.
            `True` stands for a user of that name. It should take the same time for an unknown name
            as for a wrong password.
        realm: The protected space that the challenge names.

    Raises:
        ValueError: `realm` holds control characters or text outside latin-1.
    """
    check_header_value("www-authenticate", realm)
    return _BasicAuthenticator(check, realm)


def composite_authenticator(*authenticators: Authenticator) -> Authenticator:
    """Ask several authenticators in order; the first principal wins.

    Guarantees: a bad credential does not hide a good one after it. When none is good, the first
    error is raised; when there was no credential at all, the answer is `None`. An error that is no
    `DomainError` ends it at once.

    Raises:
        ValueError: None was given.
    """
    if not authenticators:
        msg = "composite_authenticator needs at least one authenticator"
        raise ValueError(msg)
    return _CompositeAuthenticator(authenticators)
