"""The access modes of a route. A module of its own because route specs and the gate both need
it.
"""

from enum import StrEnum


class AuthMode(StrEnum):
    """Who may call a route.

    Guarantee: a route whose mode is not `PUBLIC` or `OPTIONAL` never runs without a positive
    decision for it.
    """

    PUBLIC = "public"
    """Anyone. Credentials are not looked at."""
    USER = "user"
    """A principal of kind `user`."""
    ADMIN = "admin"
    """A user that has the administrator role (`HttpOptions.admin_role`)."""
    SERVICE = "service"
    """A principal of kind `service`."""
    OPTIONAL = "optional"
    """Anyone; but a credential that is given must be good."""
    AUTHENTICATED = "authenticated"
    """Any principal, user or service."""
