"""A cookie jar that keeps nothing."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import Any


class NoCookies(CookieJar):
    """Keeps no cookie: what one subject was given must not go out with another's call."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leave the cookies of an answer where they are."""

    def set_cookie(self, cookie: Any) -> None:
        """Keep nothing."""
