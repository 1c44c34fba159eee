"""Headers that tell browsers to be careful: `SecurityHeaders` and `SecurityHeadersMiddleware`."""

from __future__ import annotations

from dataclasses import dataclass

from mic.http._fields import encode_headers, header_pairs
from mic.http._types import ASGIApp
from mic.http.middleware._engine import Engine
from mic.http.middleware._exchange import Parts

_YEAR = 31_536_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityHeaders:
    """Which security headers are sent, and with which values. What is `None` or empty is not sent.

    Attributes:
        hsts_max_age: Seconds for which browsers use HTTPS only (RFC 6797); `None`: no HSTS.
        hsts_include_subdomains: Whether subdomains are included.
        x_content_type_options: `X-Content-Type-Options`.
        x_frame_options: `X-Frame-Options`.
        referrer_policy: `Referrer-Policy`.
        content_security_policy: `Content-Security-Policy`.
        hsts_preload: Asks browser vendors to build the rule in. Hard to take back.
        permissions_policy: `Permissions-Policy`.
        cross_origin_opener_policy: `Cross-Origin-Opener-Policy`.
        cross_origin_resource_policy: `Cross-Origin-Resource-Policy`.

    Raises:
        ValueError: A value that is not fit for a header, a negative age, or preloading without
            what vendors ask for (subdomains, and a year).
    """

    hsts_max_age: int | None = _YEAR
    hsts_include_subdomains: bool = True
    x_content_type_options: str = "nosniff"
    x_frame_options: str = "DENY"
    referrer_policy: str = "strict-origin-when-cross-origin"
    content_security_policy: str | None = None
    hsts_preload: bool = False
    permissions_policy: str | None = None
    cross_origin_opener_policy: str | None = None
    cross_origin_resource_policy: str | None = None

    def __post_init__(self) -> None:
        age = self.hsts_max_age
        if age is not None and age < 0:
            msg = "hsts_max_age must be at least 0"
            raise ValueError(msg)
        if self.hsts_preload and not (self.hsts_include_subdomains and (age or 0) >= _YEAR):
            msg = f"hsts_preload needs hsts_include_subdomains and hsts_max_age >= {_YEAR}"
            raise ValueError(msg)
        header_pairs(self.pairs())

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The headers in the order in which they are sent."""
        named = (
            ("Strict-Transport-Security", self._hsts()),
            ("X-Content-Type-Options", self.x_content_type_options),
            ("X-Frame-Options", self.x_frame_options),
            ("Referrer-Policy", self.referrer_policy),
            ("Content-Security-Policy", self.content_security_policy),
            ("Permissions-Policy", self.permissions_policy),
            ("Cross-Origin-Opener-Policy", self.cross_origin_opener_policy),
            ("Cross-Origin-Resource-Policy", self.cross_origin_resource_policy),
        )
        return tuple((name, value) for name, value in named if value)

    def _hsts(self) -> str | None:
        if self.hsts_max_age is None:
            return None
        subdomains = "; includeSubDomains" if self.hsts_include_subdomains else ""
        preload = "; preload" if self.hsts_preload else ""
        return f"max-age={self.hsts_max_age:d}{subdomains}{preload}"


def security_part(headers: SecurityHeaders) -> tuple[tuple[bytes, bytes], ...]:
    """The headers as a part of the stack."""
    return tuple(encode_headers(headers.pairs()))


class SecurityHeadersMiddleware(Engine):
    """ASGI middleware that adds security headers to every answer.

    Guarantees: a header that the app set is never replaced or repeated.

    Args:
        app: The app behind it.
        hsts_max_age: See `SecurityHeaders`, as for all that follow.
        hsts_include_subdomains: See there.
        x_content_type_options: See there.
        x_frame_options: See there.
        referrer_policy: See there.
        content_security_policy: See there.
        hsts_preload: See there.
        permissions_policy: See there.
        cross_origin_opener_policy: See there.
        cross_origin_resource_policy: See there.

    Raises:
        ValueError: See there.
    """

    __slots__ = ()

    def __init__(
        self,
        app: ASGIApp,
        *,
        hsts_max_age: int | None = _YEAR,
        hsts_include_subdomains: bool = True,
        x_content_type_options: str = "nosniff",
        x_frame_options: str = "DENY",
        referrer_policy: str = "strict-origin-when-cross-origin",
        content_security_policy: str | None = None,
        hsts_preload: bool = False,
        permissions_policy: str | None = None,
        cross_origin_opener_policy: str | None = None,
        cross_origin_resource_policy: str | None = None,
    ) -> None:
        headers = SecurityHeaders(
            hsts_max_age=hsts_max_age,
            hsts_include_subdomains=hsts_include_subdomains,
            x_content_type_options=x_content_type_options,
            x_frame_options=x_frame_options,
            referrer_policy=referrer_policy,
            content_security_policy=content_security_policy,
            hsts_preload=hsts_preload,
            permissions_policy=permissions_policy,
            cross_origin_opener_policy=cross_origin_opener_policy,
            cross_origin_resource_policy=cross_origin_resource_policy,
        )
        super().__init__(app, Parts(security=security_part(headers)))
