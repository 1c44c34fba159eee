"""Response cookies: `HttpCookieSpec` and its `Set-Cookie` line."""

from dataclasses import KW_ONLY, dataclass
from http.cookies import SimpleCookie
from typing import Literal

from mic.http._fields import check_header_value, is_token

CookieSameSite = Literal["lax", "strict", "none"]

_SAME_SITE = frozenset({"lax", "strict", "none"})
_ATTRIBUTE_BREAKERS = frozenset(";,")
_CODEC = SimpleCookie()


@dataclass(frozen=True, slots=True)
class HttpCookieSpec:
    """One cookie of a response (RFC 6265bis).

    Guarantees: what is illegal is refused when the spec is made, so a cookie can neither split a
    header nor be dropped silently
    by a browser: `samesite="none"` and `partitioned` need `secure`; a `__Secure-` name needs
        `secure`; a `__Host-` name
    needs `secure`, `path="/"` and no `domain`.

    Attributes:
        key: The name, an RFC 9110 token.
        value: The value; what needs quoting is quoted as the standard library does it.
        httponly: Hidden from scripts.
        secure: Sent over HTTPS only.
        samesite: `lax`, `strict` or `none`.
        path: Path prefix that the cookie is sent to.
        max_age: Lifetime in seconds; 0 or less removes the cookie; `None` makes it a session
            cookie.
        domain: Domain, empty for the host that answers.
        partitioned: Keyed by the top-level site (CHIPS).

    Raises:
        ValueError: An illegal name, value, attribute or combination.
    """

    key: str
    value: str
    httponly: bool = True
    secure: bool = True
    samesite: CookieSameSite = "lax"
    path: str = "/"
    max_age: int | None = None
    domain: str = ""
    _: KW_ONLY
    partitioned: bool = False

    def __post_init__(self) -> None:
        if not is_token(self.key):
            msg = f"{self.key!r} is not a cookie name (RFC 6265, section 4.1.1)"
            raise ValueError(msg)
        if self.samesite not in _SAME_SITE:
            msg = f"samesite of cookie {self.key!r} must be 'lax', 'strict' or 'none'"
            raise ValueError(msg)
        for name, value in (("value", self.value), ("path", self.path), ("domain", self.domain)):
            check_header_value(f"set-cookie ({name} of {self.key})", value)
        for name, value in (("path", self.path), ("domain", self.domain)):
            if not _ATTRIBUTE_BREAKERS.isdisjoint(value):
                msg = f"{name} of cookie {self.key!r} must not contain ';' or ','"
                raise ValueError(msg)
        self._check_security()

    def _check_security(self) -> None:
        needs_secure = (
            (self.samesite == "none", "samesite='none'"),
            (self.partitioned, "partitioned"),
            (self.key.startswith("__Secure-"), "the prefix __Secure-"),
            (self.key.startswith("__Host-"), "the prefix __Host-"),
        )
        for applies, what in needs_secure:
            if applies and not self.secure:
                msg = f"cookie {self.key!r}: {what} needs secure=True"
                raise ValueError(msg)
        if self.key.startswith("__Host-") and (self.path != "/" or self.domain):
            msg = f"cookie {self.key!r}: the prefix __Host- needs path='/' and no domain"
            raise ValueError(msg)

    def header_value(self) -> str:
        """The value of `Set-Cookie`, attributes in the order of the standard library."""
        parts = [f"{self.key}={_CODEC.value_encode(self.value)[1]}"]
        if self.domain:
            parts.append(f"Domain={self.domain}")
        if self.httponly:
            parts.append("HttpOnly")
        if self.max_age is not None:
            parts.append(f"Max-Age={self.max_age:d}")
        if self.partitioned:
            parts.append("Partitioned")
        if self.path:
            parts.append(f"Path={self.path}")
        parts.append(f"SameSite={self.samesite}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)
