"""Showing a URL without what it may hide."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
MASK = "***"


def redact_url(url: str) -> str:
    """Give a URL with its user info, every query value and its fragment replaced by `***`.

    Guarantees: never raises, runs in linear time, and errs on the side of hiding: whatever stands
    before the last `@` counts as user info, because passwords with an unescaped `/` exist. Blanks,
    control characters and everything outside of ASCII become `?`, so the result is one line.

    Args:
        url: Any text.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    rest, hash_sign, _ = rest.partition("#")
    rest, question_mark, query = rest.partition("?")
    _, at, rest = rest.rpartition("@")
    shown = f"{scheme}{separator}{MASK if at else ''}{at}{rest}"
    if question_mark:
        shown += "?" + "&".join(_masked_pair(pair) for pair in query.split("&"))
    if hash_sign:
        shown += "#" + MASK
    return _UNPRINTABLE.sub("?", shown)


def shown_url(url: str) -> str:
    """Give the redacted URL for a message, cut at 200 characters."""
    return redact_url(url[:4096])[:200]


def shown_name(name: str) -> str:
    """Give the name of a query parameter when it looks like one, else the mask."""
    return name if _NAME.fullmatch(name) else MASK


def _masked_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    # Without a value the text may be the rest of an unescaped password.
    return f"{shown_name(name)}={MASK}" if equals else MASK
