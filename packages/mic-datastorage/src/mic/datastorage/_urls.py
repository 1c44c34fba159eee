"""URLs fit for a log, and optional drivers with errors that name what to install."""

import importlib
import re
from typing import Any

_SECRET_NAME = re.compile(r"password|passwd|secret|token|key|auth|credential", re.IGNORECASE)
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+;=%-]*)(?::[0-9]*)?"
_AUTHORITY = re.compile(rf"(?:.*@)?{_HOST}(?:,{_HOST})*")
_HIDDEN = "***"


def redact_url(url: str) -> str:
    """A URL without its secrets, for messages and logs.

    Guarantees: never raises. The authority is split at its last `@`, so that a password which holds
    `@`, `/`, `?` or `#` in the clear is hidden whole; the password becomes `***`, and so does the
    value of every query parameter whose name contains `password`, `passwd`, `secret`, `token`,
    `key`, `auth` or `credential`. Text without `://` is returned unchanged.
    `mic.plugins.redact_url` hides more: it knows no parameter, so it shows the value of none.

    Args:
        url: Any text.
    """
    scheme, separator, rest = str(url).partition("://")
    if not separator:
        return url
    head, question, query = _split_query(rest)
    user_info, at, place = head.rpartition("@")
    if at:
        user, colon, _ = user_info.partition(":")
        head = f"{user}{colon}{_HIDDEN if colon else ''}@{place}"
    return f"{scheme}://{head}{question}{_redacted_query(query)}"


def _split_query(rest: str) -> tuple[str, str, str]:
    at = rest.rfind("@")
    question = rest.find("?")
    if 0 <= question < at and not _AUTHORITY.fullmatch(re.split(r"[/?#]", rest, maxsplit=1)[0]):
        # What comes before the first delimiter is no authority (RFC 3986, section 3.2), so that the
        # delimiter belongs to a password: the query begins after the user info.
        question = rest.find("?", at)
    if question < 0:
        return rest, "", ""
    return rest[:question], "?", rest[question + 1 :]


def _redacted_query(query: str) -> str:
    return "&".join(_redacted_pair(pair) for pair in query.split("&"))


def _redacted_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={_HIDDEN}" if equals and _SECRET_NAME.search(name) else pair


def resolve_optional_client(*, client: Any, url: str, dep_module: str, install_extra: str) -> Any:
    """The ready client that was passed, or else the driver's module to make one from.

    Args:
        client: A ready client, or `None`.
        url: Where to connect to when there is no client.
        dep_module: The driver's import name.
        install_extra: The extra of `mic-struct` that brings the driver, for the message.

    Returns:
        `client` when there is one, else the imported module `dep_module`.

    Raises:
        ValueError: There is neither a client nor a URL.
        ImportError: The driver is not installed. An error inside the driver passes untouched.
    """
    if client is not None:
        return client
    if not url:
        raise ValueError("give a ready client or a url")
    try:
        return importlib.import_module(dep_module)
    except ModuleNotFoundError as error:
        if error.name != dep_module.partition(".")[0] and error.name != dep_module:
            raise
        raise ImportError(
            f'{dep_module} is not installed: pip install "mic-struct[{install_extra}]"',
            name=dep_module,
        ) from error
