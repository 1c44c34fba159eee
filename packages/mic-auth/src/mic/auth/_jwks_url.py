"""Where a key set may be fetched from."""

import httpx


def checked_url(url: str, what: str, *, allow_insecure: bool) -> httpx.URL:
    """Give the URL of a key set.

    Raises:
        ValueError: It is malformed, relative, not https (or http where that is allowed), or holds
            a user name or password. The message does not quote it.
    """
    found: httpx.URL | None
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        found = None
    if found is None or not found.host:
        msg = f"{what} must be an absolute URL"
        raise ValueError(msg)
    if found.userinfo:
        msg = f"{what} must not hold a user name or password"
        raise ValueError(msg)
    if found.scheme != "https" and not (allow_insecure and found.scheme == "http"):
        msg = f"{what} must be https"
        raise ValueError(msg)
    return found
