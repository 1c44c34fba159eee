"""What each middleware, and all of them together, add to a request served in process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from mic.http import (
    AuthGateMiddleware,
    AuthMode,
    CorrelationMiddleware,
    CsrfMiddleware,
    CsrfPolicy,
    HttpRouteSpec,
    MetricsMiddleware,
    MetricsRecorder,
    MicStack,
    Principal,
    RateLimitMiddleware,
    SecurityHeadersMiddleware,
    ServiceAuthMiddleware,
    build_asgi_app,
    build_auth_policy,
    compile_routes,
)
from tools.bench.asgi import JSON_BODY, requests
from tools.bench.harness import Share
from tools.bench.http_suite import create, fastapi_by_hand, spec

ROUTES: tuple[HttpRouteSpec, ...] = (spec(create, "POST", "/items", "create"),)
TOKEN = "a-token-of-some-forty-characters-in-all"
CREDENTIALS = [(b"authorization", f"Bearer {TOKEN}".encode())]


class Counting(MetricsRecorder):
    """Counts requests, as a recorder at the least does."""

    def __init__(self) -> None:
        self.count = 0

    def record(self, *, method: str, route: str, status: int, duration_seconds: float) -> None:
        """Count one."""
        self.count += 1


class Verifier:
    """Knows one token by heart."""

    performs_io: ClassVar[bool] = False

    def verify(self, token: str) -> Principal:
        """Give who has the token."""
        if token != TOKEN:
            raise ValueError("another token")
        return Principal("orders", kind="service")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a limiter answers."""

    allowed: bool = True
    retry_after_seconds: float = 0.0


class Limiter:
    """Lets everybody pass."""

    nonblocking: ClassVar[bool] = True

    def try_consume(self, identity: str, /) -> Allowed:
        """Count nobody."""
        del identity
        return Allowed()


def bare() -> Any:
    """The route without anything around it."""
    return build_asgi_app(routes=ROUTES)


def gate(app: Any) -> Any:
    """A gate that asks for a user and verifies the token."""
    policy = build_auth_policy(route_modes={("POST", "/items"): AuthMode.USER})
    return AuthGateMiddleware(
        app, policy=policy, verify_token=lambda token: token == TOKEN, callbacks_in_thread=False
    )


def whole_stack() -> Any:
    """The route in correlation, security headers, metrics, CSRF and the gate."""
    stack = MicStack(metrics=Counting(), csrf=CsrfPolicy(), inner=(gate,))
    return build_asgi_app(routes=ROUTES, stack=stack)


ALONE: dict[str, Callable[[Any], Any]] = {
    "AuthGateMiddleware": gate,
    "CorrelationMiddleware": CorrelationMiddleware,
    "CsrfMiddleware": lambda app: CsrfMiddleware(app, policy=CsrfPolicy()),
    "MetricsMiddleware": lambda app: MetricsMiddleware(
        app, recorder=Counting(), routes=compile_routes(ROUTES)
    ),
    "RateLimitMiddleware": lambda app: RateLimitMiddleware(
        app, limiter=Limiter(), public_paths=frozenset()
    ),
    "SecurityHeadersMiddleware": SecurityHeadersMiddleware,
    "ServiceAuthMiddleware": lambda app: ServiceAuthMiddleware(
        app, verifier=Verifier(), public_paths=frozenset()
    ),
}


def benchmarks() -> list[Share]:
    """Every middleware alone, then all together."""

    def posting(app: Any) -> Any:
        return requests(app, "POST", "/items", body=JSON_BODY, headers=CREDENTIALS)

    base, reference = posting(bare()), posting(fastapi_by_hand())
    wrapped = [(f"{name} alone, time added", make(bare()), 0.05) for name, make in ALONE.items()]
    return [
        Share(name, posting(app), base, reference, "the whole endpoint by hand in FastAPI", must)
        for name, app, must in (*wrapped, ("whole stack, time added", whole_stack(), 0.15))
    ]
