"""The route on which a service publishes its keys: `jwks_route`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mic.auth._texts import checked_whole
from mic.auth.key_ring import KeyRing

if TYPE_CHECKING:
    from mic.http import HttpRouteSpec


def jwks_route(
    keys: KeyRing, *, path: str = "/.well-known/jwks.json", max_age_seconds: int = 300
) -> HttpRouteSpec:
    """Make a public route that answers with the public keys of a ring (RFC 7517, section 5).

    Guarantees: no private member and no shared secret is in the answer; a change of the ring is in
    the next one. The answer has a strong `ETag`, and a client that holds it gets 304.

    Args:
        keys: The ring.
        path: Where the route is.
        max_age_seconds: How long an answer may be cached: `add` a key that long, and the
            `refresh_seconds` of the readers, before `promote`.

    Raises:
        ValueError: `max_age_seconds` is negative.
    """
    # Here, because most of what imports `mic.auth` has no route, and routes take their time.
    from mic.auth._jwks_answer import handler_for
    from mic.http import HttpRouteSpec

    age = checked_whole(max_age_seconds, "jwks_route: max_age_seconds", least=0)
    handler = handler_for(keys, f"public, max-age={age}")
    return HttpRouteSpec("GET", path, "read_jwks", "service-auth", handler, run_in_thread=False)
