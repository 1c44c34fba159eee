"""What a request brings that a gate's callbacks are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mic.http._auth_steps import WANTED, Topic
from mic.http._credentials import agreed_cookie, ambiguous_credentials
from mic.http._request import cookie_pairs
from mic.http.bearer import parse_bearer_token
from mic.model import UnauthorizedError

if TYPE_CHECKING:
    from mic.http._auth_mode import AuthMode
    from mic.http._types import Scope
    from mic.http.auth_gate import AuthPolicy

_AUTHORIZATION = b"authorization"
_COOKIE = b"cookie"


def presented_in(
    mode: AuthMode, policy: AuthPolicy, cookies: Mapping[str, str], headers: Mapping[str, str]
) -> list[tuple[Topic, str]]:
    """The credentials that a parsed request brings for `mode`; blank and malformed ones count as
    absent.
    """
    service_header = policy.service_auth_header.lower()
    authorization = service = None
    for name, value in headers.items():
        lowered = name.lower()
        if lowered == "authorization":
            authorization = value
        if lowered == service_header:
            service = value.strip()
    token = cookies.get(policy.access_cookie, "").strip() or bearer_token(authorization)
    texts: dict[Topic, str | None] = {"token": token, "service": service}
    return [(topic, text) for topic in WANTED[mode] if (text := texts[topic])]


def bearer_token(authorization: str | None) -> str | None:
    """The token of a bearer header; `None` where there is none, or it is malformed."""
    try:
        return parse_bearer_token(authorization)
    except UnauthorizedError:
        return None


class CredentialReader:
    """Finds the same straight in the raw headers, in one pass. Stateless between requests."""

    __slots__ = ("_cookie", "_service", "_wanted")

    def __init__(self, policy: AuthPolicy) -> None:
        self._cookie = policy.access_cookie
        self._service = policy.service_auth_header.lower().encode()
        headers: dict[Topic, frozenset[bytes]] = {
            "token": frozenset((_AUTHORIZATION, _COOKIE)),
            "service": frozenset((self._service,)),
        }
        # two Authorization lines are refused in every mode: nobody can tell who reads which
        self._wanted = {
            mode: frozenset((_AUTHORIZATION,)).union(*(headers[topic] for topic in topics))
            for mode, topics in WANTED.items()
        }

    def presented(self, scope: Scope, mode: AuthMode) -> list[tuple[Topic, str]]:
        """What the request brings for `mode`. Blank values count as absent; the cookie with a token
        comes before the header.

        Raises:
            UnauthorizedError: `auth.ambiguous_credentials`: a credential header came twice;
                `auth.invalid_credentials`: the cookie came twice, with different values.
        """
        wanted = self._wanted[mode]
        found: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in wanted:
                if name in found and name != _COOKIE:
                    raise ambiguous_credentials()
                found[name] = value
        presented: list[tuple[Topic, str]] = []
        if found:
            for topic in WANTED[mode]:
                text = self._token(scope, found) if topic == "token" else self._other(found)
                if text:
                    presented.append((topic, text))
        return presented

    def _token(self, scope: Scope, found: Mapping[bytes, bytes]) -> str | None:
        if _COOKIE in found:
            values = [value for name, value in cookie_pairs(scope) if name == self._cookie]
            if text := agreed_cookie(values).strip():
                return text
        value = found.get(_AUTHORIZATION)
        return None if value is None else bearer_token(value.decode("latin-1"))

    def _other(self, found: Mapping[bytes, bytes]) -> str:
        return found.get(self._service, b"").decode("latin-1").strip(" \t")
