"""What the route of `jwks_route` answers."""

import json
from collections.abc import Callable

from mic.auth.key_ring import KeyRing
from mic.http import HttpRequestContext, HttpResponseSpec, etag_of, is_fresh


def handler_for(
    keys: KeyRing, cache_control: str
) -> Callable[[HttpRequestContext], HttpResponseSpec]:
    """Make the handler that gives the public keys of a ring as it is at the request.

    Args:
        keys: The ring.
        cache_control: The header of that name.
    """
    headers = {"cache-control": cache_control}

    def read_keys(request: HttpRequestContext) -> HttpResponseSpec:
        """The public keys of this service."""
        body = json.dumps(keys.to_jwks(), separators=(",", ":")).encode()
        etag = etag_of(body)
        if is_fresh(request, etag):
            return HttpResponseSpec.not_modified(etag, headers=headers)
        return HttpResponseSpec(
            200, body, "application/jwk-set+json", headers={**headers, "etag": etag}
        )

    return read_keys
