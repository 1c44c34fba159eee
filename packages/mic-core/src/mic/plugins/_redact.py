"""Showing a URL without what it may hide."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
_TAIL = re.compile(r"[?#]")
_HOST_AND_PORT = re.compile(r"(?:\[[^\[\]]*\]|[^:\[\]]*)(?::[0-9]{0,5})?")
MASK = "***"


def redact_url(url: str) -> str:
    """Give a URL with its user info, every query value and its fragment replaced by `***`.

    Guarantees: never raises, runs in linear time, and errs on the side of hiding: passwords with an
    unescaped `/`, `?`, `#` or `@` exist, and so do URLs whose host was forgotten, so whatever may
    belong to a password is hidden. Blanks, control characters and everything outside of ASCII
    become `_`, so the result is one line.

    Args:
        url: Any text.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    tail_at = _TAIL.search(rest)
    location = rest[: tail_at.start()] if tail_at else rest
    tail = rest[len(location) :]
    authority, slash, path = location.partition("/")
    if authority and "@" not in location and "@" in tail:
        # Either a password that is cut by its own ? or #, or an address in the query.
        return _printable(f"{scheme}{separator}{MASK}")
    _, at, location = location.rpartition("@")
    if not at and not all(_HOST_AND_PORT.fullmatch(part) for part in authority.split(",")):
        location = f"{MASK}{slash}{path}"
    shown = f"{scheme}{separator}{MASK if at else ''}{at}{location}"
    query, hash_sign, _ = tail.partition("#")
    if query:
        shown += "?" + "&".join(_masked_pair(pair) for pair in query[1:].split("&"))
    return _printable(shown + (hash_sign and f"#{MASK}"))


def shown_url(url: str) -> str:
    """Give the redacted URL for a message, cut at 200 characters."""
    return redact_url(url[:4096])[:200]


def shown_name(name: str) -> str:
    """Give the name of a query parameter when it looks like one, else the mask."""
    return name if _NAME.fullmatch(name) else MASK


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("_", text)


def _masked_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    # Without a value the text may be the rest of an unescaped password.
    return f"{shown_name(name)}={MASK}" if equals else MASK
