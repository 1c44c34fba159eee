"""Protects requests that a browser authenticates by cookies against forgery by other sites.

The double-submit cookie: a script of the site itself can read the CSRF cookie and repeat it in a
header; another site's can not. With a secret, the token is bound to the session as well, so that a
cookie planted from a neighbouring subdomain is of no use. On top, what browsers say about where a
request comes from (Fetch Metadata, `Origin`) is believed when it speaks against it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mic.http._credentials import all_equal
from mic.http._fields import is_token
from mic.http.cookies import HttpCookieSpec

__all__ = [
    "DEFAULT_AUTH_COOKIES",
    "DEFAULT_CSRF_COOKIE",
    "DEFAULT_CSRF_HEADER",
    "DEFAULT_PROTECTED_METHODS",
    "CsrfDecision",
    "CsrfOutcome",
    "CsrfPolicy",
    "csrf_cookie",
    "evaluate_csrf",
    "issue_csrf_token",
]

DEFAULT_CSRF_HEADER = "X-CSRF-Token"
DEFAULT_CSRF_COOKIE = "csrf_token"
DEFAULT_AUTH_COOKIES = ("access_token", "refresh_token")
DEFAULT_PROTECTED_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

CsrfOutcome = Literal["proceed", "exempt", "reject"]

_NONCE_BYTES = 16
_LONGEST_TOKEN = 256
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#@\s]+)", re.ASCII)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class CsrfDecision:
    """What was decided about a request.

    Attributes:
        outcome: `proceed`, `exempt` (no protection is needed) or `reject`.
        reason: With `exempt`: `method_not_protected`, `path_exempt` or `no_cookie_auth`; with
            `reject`: `cross_site`, `missing_token` or `token_mismatch`.
    """

    outcome: CsrfOutcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CsrfPolicy:
    """What is protected, and how.

    Attributes:
        csrf_header: The header that repeats the token.
        csrf_cookie: The cookie with the token.
        auth_cookies: A request without any of these cookies is not authenticated by the browser on
            its own, so it can not be forged.
        protected_methods: The methods that change something.
        exempt_paths: Exact paths that are not protected (a webhook, a login form).
        exempt_prefixes: Path prefixes that are not protected; each ends at a segment, so `/auth`
            covers `/auth` and `/auth/login`, not `/authority`.
        secret: Key that tokens are signed with; `None`: any token will do, if header and cookie
            agree.
        session_cookie: The cookie that signed tokens are bound to.
        trusted_origins: Other origins (`https://app.example.com`) that may send requests. When
            given, any other origin than the service's own is refused.
        check_fetch_metadata: Whether `Sec-Fetch-Site: cross-site` is refused.

    Raises:
        ValueError: A name that is no token, an empty prefix, an origin that is none, or a `secret`
            that is empty or comes without `session_cookie`.
    """

    csrf_header: str = DEFAULT_CSRF_HEADER
    csrf_cookie: str = DEFAULT_CSRF_COOKIE
    auth_cookies: Collection[str] = DEFAULT_AUTH_COOKIES
    protected_methods: Collection[str] = DEFAULT_PROTECTED_METHODS
    exempt_paths: Collection[str] = ()
    exempt_prefixes: Collection[str] = ()
    secret: str | None = field(default=None, repr=False)
    session_cookie: str | None = None
    trusted_origins: Collection[str] = ()
    check_fetch_metadata: bool = True

    def __post_init__(self) -> None:
        for name in ("auth_cookies", "exempt_prefixes", "trusted_origins"):
            object.__setattr__(self, name, _strings(name, getattr(self, name)))
        methods = frozenset(
            m.upper() for m in _strings("protected_methods", self.protected_methods)
        )
        object.__setattr__(self, "protected_methods", methods)
        paths = frozenset(_strings("exempt_paths", self.exempt_paths))
        object.__setattr__(self, "exempt_paths", paths)
        for name in (self.csrf_header, self.csrf_cookie, *self.auth_cookies):
            if not is_token(name):
                msg = f"{name!r} is not a header or cookie name (RFC 9110, section 5.6.2)"
                raise ValueError(msg)
        if "" in self.exempt_prefixes:
            msg = "exempt_prefixes must not hold an empty text: it would exempt everything"
            raise ValueError(msg)
        if self.secret is not None and not (self.secret and self.session_cookie):
            msg = "a CSRF secret must not be empty, and needs session_cookie"
            raise ValueError(msg)
        origins = tuple(_checked_origin(origin) for origin in self.trusted_origins)
        object.__setattr__(self, "trusted_origins", origins)

    def exemption(self, method: str, path: str) -> CsrfDecision | None:
        """Decide by method and path alone; `None`: headers and cookies have to be looked at."""
        if method.upper() not in self.protected_methods:
            return CsrfDecision("exempt", "method_not_protected")
        if self._is_exempt(path):
            return CsrfDecision("exempt", "path_exempt")
        return None

    def _is_exempt(self, path: str) -> bool:
        if path in self.exempt_paths:
            return True
        # whoever resolves the dots behind us would leave the prefix
        if not self.exempt_prefixes or _has_dot_segment(path):
            return False
        stems = (prefix.rstrip("/") for prefix in self.exempt_prefixes)
        return any(path == stem or path.startswith(f"{stem}/") for stem in stems)

    def request_headers(self) -> tuple[str, ...]:
        """The headers that `judge` looks at, besides cookies; names in lower case."""
        return (self.csrf_header.lower(), "origin", "host", "sec-fetch-site")

    def judge(
        self, headers: Mapping[str, str], cookies: Mapping[str, Sequence[str]]
    ) -> CsrfDecision:
        """Decide about a request that `exemption` does not exempt.

        Args:
            headers: Headers, names in lower case; at least those of `request_headers`.
            cookies: Every value of each cookie.
        """
        if not cookies or not any(any(cookies.get(name, ())) for name in self.auth_cookies):
            return CsrfDecision("exempt", "no_cookie_auth")
        if self._is_cross_site(headers):
            return CsrfDecision("reject", "cross_site")
        sent = headers.get(self.csrf_header.lower(), "").strip()
        known = cookies.get(self.csrf_cookie, ())
        if not sent or not any(known):
            return CsrfDecision("reject", "missing_token")
        if not all_equal(known) or not _same(sent, known[0]):
            return CsrfDecision("reject", "token_mismatch")
        if self.secret is not None and not self._is_signed(sent, cookies):
            return CsrfDecision("reject", "token_mismatch")
        return CsrfDecision("proceed")

    def _is_cross_site(self, headers: Mapping[str, str]) -> bool:
        origin = headers.get("origin", "").strip().lower()
        if origin and origin in self.trusted_origins:
            return False
        if self.check_fetch_metadata and headers.get("sec-fetch-site", "").strip() == "cross-site":
            return True
        return bool(self.trusted_origins and origin) and not _is_own(origin, headers.get("host"))

    def _is_signed(self, token: str, cookies: Mapping[str, Sequence[str]]) -> bool:
        sessions = cookies.get(self.session_cookie or "", ())
        if not any(sessions) or not all_equal(sessions) or len(token) > _LONGEST_TOKEN:
            return False
        version, _, rest = token.partition(".")
        nonce, _, _ = rest.partition(".")
        expected = _signed(self.secret or "", sessions[0], nonce)
        return version == "v1" and bool(nonce) and _same(token, expected)


def evaluate_csrf(
    *,
    method: str,
    path: str,
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    policy: CsrfPolicy | None = None,
) -> CsrfDecision:
    """Decide whether a request may be a forgery.

    The order: `exempt/method_not_protected`, `exempt/path_exempt`, `exempt/no_cookie_auth`,
    `reject/cross_site`, `reject/missing_token`, `reject/token_mismatch`, `proceed`.

    Guarantees: tokens are compared in constant time.

    Args:
        method: In any case.
        path: Decoded, without mount point.
        headers: The request's headers, names in any case.
        cookies: The request's cookies.
        policy: The policy; by default `CsrfPolicy()`.
    """
    policy = _DEFAULT_POLICY if policy is None else policy
    exemption = policy.exemption(method, path)
    if exemption is not None:
        return exemption
    return policy.judge(
        {name.lower(): value for name, value in headers.items()},
        {name: (value,) for name, value in cookies.items()},
    )


def issue_csrf_token(*, secret: str, session_id: str) -> str:
    """Make a signed token: `v1.<nonce>.<HMAC-SHA256(secret, session NUL nonce)>` in base64url.

    Guarantees: good for this session only, and as long as it lasts; every call gives another one.

    Args:
        secret: The key, that of `CsrfPolicy.secret`.
        session_id: The value of the session cookie.

    Raises:
        ValueError: One of them is empty.
    """
    if not secret or not session_id:
        msg = "a CSRF token needs a secret and a session"
        raise ValueError(msg)
    return _signed(secret, session_id, secrets.token_urlsafe(_NONCE_BYTES))


def csrf_cookie(token: str, *, policy: CsrfPolicy | None = None) -> HttpCookieSpec:
    """The cookie that carries a token: readable by scripts, Secure, SameSite=lax, path `/`.

    Raises:
        ValueError: The token does not fit into a cookie.
    """
    policy = _DEFAULT_POLICY if policy is None else policy
    return HttpCookieSpec(policy.csrf_cookie, token, httponly=False, secure=True, samesite="lax")


def _signed(secret: str, session_id: str, nonce: str) -> str:
    message = f"{session_id}\0{nonce}".encode()
    mac = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return f"v1.{nonce}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _same(one: str, other: str) -> bool:
    # bytes, because compare_digest takes no text outside ASCII; surrogates must not fail here
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )


def _is_own(origin: str, host: str | None) -> bool:
    """Whether an origin has the authority that the request was sent to.

    The default port may be left out on either side.
    """
    match = _ORIGIN.fullmatch(origin)
    if match is None or not host:
        return False
    port = _DEFAULT_PORTS.get(match[1], "")
    return match[2].removesuffix(port) == host.strip().lower().removesuffix(port)


def _checked_origin(origin: str) -> str:
    lowered = origin.lower().rstrip("/")
    if _ORIGIN.fullmatch(lowered) is None:
        msg = f"{origin!r} is not an origin such as 'https://app.example.com'"
        raise ValueError(msg)
    return lowered


def _strings(what: str, values: Collection[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"{what} must be a collection of texts, not one text"
        raise TypeError(msg)
    return tuple(values)


def _has_dot_segment(path: str) -> bool:
    return not {".", ".."}.isdisjoint(path.split("/"))


_DEFAULT_POLICY = CsrfPolicy()
