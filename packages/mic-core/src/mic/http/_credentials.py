"""The rules about credentials that come twice: one place for authenticators, gates and routes."""

from collections.abc import Iterable, Sequence

from mic.http.request_context import HttpRequestContext, MultiMapping
from mic.model import UnauthorizedError

NO_CREDENTIALS = "no_credentials"
NO_VERIFIER = "no_verifier"
INVALID_CREDENTIALS = "invalid_credentials"
"""Reasons of an `AuthDecision` that refuses: nothing was sent, nobody can check it, it is bad."""


def ambiguous_credentials() -> UnauthorizedError:
    """The error for a credential header that came twice: nobody can tell which one counts."""
    return UnauthorizedError(
        code="auth.ambiguous_credentials", message="a credential was sent more than once"
    )


def invalid_credentials() -> UnauthorizedError:
    """The error for a credential that was looked at and refused without an error of its own."""
    return UnauthorizedError(
        code="auth.invalid_credentials", message="the credentials are not valid"
    )


def missing_credentials() -> UnauthorizedError:
    """The error for a request without credentials."""
    return UnauthorizedError(code="auth.missing_credentials", message="authentication is required")


def refuse_two_authorizations(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Look through raw headers for a second `Authorization` line.

    Raises:
        UnauthorizedError: `auth.ambiguous_credentials`.
    """
    found = False
    for name, _ in headers:
        if name == b"authorization":
            if found:
                raise ambiguous_credentials()
            found = True


def single_header(context: HttpRequestContext, name: str) -> str | None:
    """The value of a credential header; `None` where it is absent or blank.

    Raises:
        UnauthorizedError: `auth.ambiguous_credentials`: it came twice.
    """
    lines = context.header_list(name)
    if len(lines) > 1:
        raise ambiguous_credentials()
    return (lines[0].strip(" \t") or None) if lines else None


def single_cookie(context: HttpRequestContext, name: str) -> str | None:
    """The value of an authentication cookie; `None` where it is absent or empty.

    Raises:
        UnauthorizedError: `auth.invalid_credentials`: it came twice with different values. A
            neighbouring subdomain can plant the second one.
    """
    cookies = context.cookies
    if not isinstance(cookies, MultiMapping):
        return cookies.get(name) or None
    return agreed_cookie(cookies.every(name)) or None


def agreed_cookie(values: Sequence[str]) -> str:
    """The one value of an authentication cookie; empty where it is absent.

    Raises:
        UnauthorizedError: As `single_cookie`.
    """
    if len(values) > 1 and not all_equal(values):
        raise invalid_credentials()
    return values[-1] if values else ""


def all_equal(values: Sequence[str]) -> bool:
    """Tell whether there is only one value, however often."""
    return len(set(values)) <= 1
