"""The route on which a service publishes its keys: `jwks_route`."""

from __future__ import annotations

import json

from mic.auth._texts import checked_whole
from mic.auth.key_ring import KeyRing
from mic.http import HttpRequestContext, HttpResponseSpec, HttpRouteSpec, etag_of, is_fresh


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
    age = checked_whole(max_age_seconds, "jwks_route: max_age_seconds", least=0)
    headers = {"cache-control": f"public, max-age={age}"}

    def read_keys(request: HttpRequestContext) -> HttpResponseSpec:
        """The public keys of this service."""
        body = json.dumps(keys.to_jwks(), separators=(",", ":")).encode()
        etag = etag_of(body)
        if is_fresh(request, etag):
            return HttpResponseSpec.not_modified(etag, headers=headers)
        return HttpResponseSpec(
            200, body, "application/jwk-set+json", headers={**headers, "etag": etag}
        )

    return HttpRouteSpec("GET", path, "read_jwks", "service-auth", read_keys, run_in_thread=False)
