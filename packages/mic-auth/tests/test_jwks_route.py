import json

import pytest

from mic.auth import KeyRing, ServiceKey, jwks_route
from mic.http import AuthMode
from mic.testing.route_client import RouteClient

EDDSA, CURVE = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
SHARED = ServiceKey.hs256("a-canary-that-must-not-be-seen-anywhere", kid="shared")


def test_the_keys_are_served() -> None:
    ring = KeyRing([SHARED, EDDSA])
    with RouteClient([jwks_route(ring)]) as client:
        answer = client.get("/.well-known/jwks.json")
        assert answer.status_code == 200
        assert answer.header("content-type") == "application/jwk-set+json"
        assert answer.header("cache-control") == "public, max-age=300"
        document = json.loads(answer.body)
        assert document == ring.to_jwks()
        assert [key["kid"] for key in document["keys"]] == [EDDSA.kid]
        etag = answer.header("etag") or ""
        assert etag.startswith('"')
        again = client.get("/.well-known/jwks.json", headers={"if-none-match": etag})
        assert (again.status_code, again.body) == (304, b"")
        assert again.header("etag") == etag
        assert again.header("cache-control") == "public, max-age=300"
        ring.add(CURVE)
        changed = client.get("/.well-known/jwks.json", headers={"if-none-match": etag})
        assert changed.status_code == 200
        assert changed.header("etag") != etag


def test_nothing_private_is_served() -> None:
    ring = KeyRing([SHARED, EDDSA, CURVE])
    with RouteClient([jwks_route(ring)]) as client:
        answer = client.get("/.well-known/jwks.json")
    assert b"canary" not in answer.body
    for member in json.loads(answer.body)["keys"]:
        assert set(member) <= {"kty", "crv", "x", "y", "kid", "use", "alg"}
        key = ServiceKey.from_jwk(member)
        assert not key.can_sign
        with pytest.raises(ValueError, match="a key that can not sign"):
            KeyRing([key], current=key.kid)


def test_the_route() -> None:
    route = jwks_route(KeyRing([EDDSA]), path="/keys", max_age_seconds=0)
    assert (route.method, route.path, route.auth) == ("GET", "/keys", AuthMode.PUBLIC)
    with RouteClient([route]) as client:
        assert client.get("/keys").header("cache-control") == "public, max-age=0"
    with pytest.raises(ValueError, match="jwks_route: max_age_seconds must be at least 0"):
        jwks_route(KeyRing([]), max_age_seconds=-1)
