"""The verifiers where tokens come in: behind the middleware of `mic.http`."""

from typing import Any

import pytest

from mic.auth import (
    AsyncServiceAuthVerifier,
    KeyRing,
    ServiceAuthSigner,
    ServiceAuthVerifier,
    ServiceKey,
    jwks_route,
)
from mic.http import (
    AuthMode,
    HttpOptions,
    HttpRequestContext,
    HttpRouteSpec,
    ServiceAuthMiddleware,
)
from mic.http.authenticators import bearer_authenticator
from mic.testing.route_client import RouteClient

RING = KeyRing([ServiceKey.hs256("s" * 32, kid="k")])
SIGNER = ServiceAuthSigner(keys=RING, issuer="orders")
VERIFIERS: list[Any] = [
    kind(audience="stock", keys={"orders": RING})
    for kind in (ServiceAuthVerifier, AsyncServiceAuthVerifier)
]


def who(request: HttpRequestContext) -> dict[str, Any]:
    principal = request.principal
    assert principal is not None
    return {"subject": principal.subject, "scopes": sorted(principal.scopes)}


def route(**options: Any) -> HttpRouteSpec:
    return HttpRouteSpec("GET", "/who", "who", "test", who, **options)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("verifier", VERIFIERS, ids=["sync", "async"])
def test_a_gate_asks_for_scopes(verifier: Any) -> None:
    options = HttpOptions(authenticator=bearer_authenticator(verifier.verify))
    guarded = route(auth=AuthMode.AUTHENTICATED, scopes=("items:read",))
    with RouteClient([guarded, jwks_route(RING)], options=options) as client:
        good = SIGNER.token(audience="stock", subject="user-1", scopes=["items:read"])
        answer = client.get("/who", headers=bearer(good))
        assert answer.json() == {"subject": "user-1", "scopes": ["items:read"]}
        poor = client.get("/who", headers=bearer(SIGNER.token(audience="stock")))
        assert poor.status_code == 403
        bad = client.get("/who", headers=bearer(good + "x"))
        assert (bad.status_code, bad.json()["code"]) == (401, "service_auth.invalid_signature")
        assert bad.header("www-authenticate") == 'Bearer error="invalid_token"'
        assert client.get("/who").status_code == 401
        assert client.get("/.well-known/jwks.json").json() == {"keys": []}


@pytest.mark.parametrize("verifier", VERIFIERS, ids=["sync", "async"])
def test_the_middleware(verifier: Any) -> None:
    guarded = route(
        middleware=(
            lambda app: ServiceAuthMiddleware(app, verifier=verifier, public_paths=frozenset()),
        )
    )
    with RouteClient([guarded]) as client:
        answer = client.get("/who", headers=bearer(SIGNER.token(audience="stock")))
        assert answer.json() == {"subject": "orders", "scopes": []}
        other = client.get("/who", headers=bearer(SIGNER.token(audience="else")))
        assert (other.status_code, other.json()["code"]) == (401, "service_auth.invalid_audience")
