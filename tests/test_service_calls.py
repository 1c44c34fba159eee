"""A service that calls another one, on real sockets: what one raises, the other catches."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

import httpx
import pytest
import uvicorn

from mic.auth import AsyncServiceAuthVerifier, KeyRing, ServiceAuthSigner, ServiceKey
from mic.client import AsyncServiceHttpClient, HttpRetryPolicy, ServiceHttpClient
from mic.contracts import wrap_http_success
from mic.fastapi import build_fastapi_app
from mic.http import (
    AuthMode,
    HttpOptions,
    HttpRequestContext,
    HttpRouteSpec,
    bearer_authenticator,
    build_asgi_app,
    current_deadline,
)
from mic.litestar import build_litestar_app
from mic.model import (
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    TransientError,
    UnauthorizedError,
)
from mic.testing import eventually

BUILDERS: dict[str, Any] = {
    "asgi": build_asgi_app,
    "fastapi": build_fastapi_app,
    "litestar": build_litestar_app,
}
KEY = ServiceKey.hs256("a secret of at least thirty-two bytes", kid="2026-01")
RING = KeyRing([KEY])
SIGNER = ServiceAuthSigner(keys=RING, issuer="orders")
VERIFIER = AsyncServiceAuthVerifier(audience="stock", keys={"orders": RING})
AUTH = HttpOptions(authenticator=bearer_authenticator(VERIFIER.verify))


class SoldOutError(ConflictError):
    default_code = "items.sold_out"

    def __init__(self, sku: str, left: int) -> None:
        super().__init__(message=f"only {left} left", details={"sku": sku, "left": left})
        self.sku = sku


class LimitError(RateLimitedError):
    default_code = "items.limit"


RAISED: dict[str, DomainError] = {
    "own": SoldOutError("bolt", 2),
    "limit": LimitError(message="slow down", retry_after_seconds=7, details={"a": [1, {"b": 2}]}),
    "missing": NotFoundError(code="items.missing", message="no such item", details={"id": 1}),
    "forbidden": ForbiddenError(message="not yours"),
    "unauthorized": UnauthorizedError(message="who are you"),
    "conflict": ConflictError(message="already there"),
    "busy": TransientError(code="items.busy", message="come back", details={"queue": 3}),
    "late": DeadlineExceededError(message="too late"),
}


async def fail(name: str) -> None:
    raise RAISED[name]


async def break_down() -> None:
    raise RuntimeError("a secret")


async def whoami(request: HttpRequestContext) -> Any:
    principal = request.principal
    assert principal is not None
    return wrap_http_success(
        {"subject": principal.subject, "correlation": request.headers["x-correlation-id"]}
    )


def route(method: Any, path: str, handler: Any, **options: Any) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method}{path}", "test", handler, **options)


ROUTES = [
    route("GET", "/fail/{name}", fail),
    route("POST", "/fail/{name}", fail),
    route("GET", "/break", break_down),
    route("GET", "/whoami", whoami, auth=AuthMode.AUTHENTICATED, scopes=("items:read",)),
]


@contextmanager
def serving(app: Any) -> Iterator[str]:
    config = uvicorn.Config(app, ws="none", loop="asyncio", log_config=None)
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            eventually(lambda: server.started, within=30)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module", params=sorted(BUILDERS))
def stock(request: pytest.FixtureRequest) -> Iterator[str]:
    with serving(BUILDERS[request.param](routes=ROUTES, options=AUTH)) as url:
        yield url


@pytest.fixture
def client(stock: str) -> Iterator[ServiceHttpClient]:
    with ServiceHttpClient(
        base_url=stock,
        audience="stock",
        signer=SIGNER,
        errors=[SoldOutError, LimitError],
        timeout_seconds=30,
    ) as made:
        yield made


@pytest.mark.parametrize("name", sorted(RAISED))
def test_what_a_route_raises_is_raised_here(client: ServiceHttpClient, name: str) -> None:
    raised = RAISED[name]
    with pytest.raises(DomainError, match=raised.message) as caught:
        client.get(f"/fail/{name}")
    error = caught.value
    assert type(error) is type(raised)
    assert (error.code, error.http_status_code) == (raised.code, raised.http_status_code)
    assert error.details == {**raised.details, "status_code": raised.http_status_code}
    assert (error.retryable, error.retry_after_seconds) == (
        raised.retryable,
        raised.retry_after_seconds,
    )


async def test_and_here(stock: str) -> None:
    async with AsyncServiceHttpClient(
        base_url=stock, audience="stock", signer=SIGNER, errors=[SoldOutError]
    ) as client:
        with pytest.raises(SoldOutError, match="only 2 left") as caught:
            await client.post("/fail/own", json={})
        assert caught.value.details == {"sku": "bolt", "left": 2, "status_code": 409}
        with pytest.raises(RateLimitedError, match="slow down"):
            await client.get("/fail/limit")  # a class that this client does not know


def test_what_is_not_caught_there_says_nothing_here(client: ServiceHttpClient) -> None:
    with pytest.raises(TransientError, match="Internal server error") as caught:
        client.get("/break")
    assert (caught.value.code, caught.value.retryable) == ("internal_error", False)
    assert "secret" not in repr(vars(caught.value))


def test_the_codes_of_our_own_middleware_survive(client: ServiceHttpClient) -> None:
    with pytest.raises(NotFoundError, match=r".") as caught:
        client.get("/absent")
    with pytest.raises(DomainError, match=r".") as method:
        client.delete("/whoami")
    assert method.value.http_status_code == 405
    with pytest.raises(ForbiddenError, match=r".") as scope:
        client.get("/whoami")
    assert scope.value.code == "auth.insufficient_scope"
    for error in (caught.value, method.value, scope.value):
        assert error.code != "upstream.error"


def test_who_calls_and_for_which_request(client: ServiceHttpClient) -> None:
    answer = client.request_as(
        dict[str, str],
        "GET",
        "/whoami",
        subject="user-1",
        scopes=("items:read",),
        headers={"x-correlation-id": "correlation-1"},
    )
    assert answer == {"subject": "user-1", "correlation": "correlation-1"}


class Second:
    """The service at the end of the chain: tells how long it has, and waits for ever."""

    patience: ClassVar[list[float]] = []
    ended: ClassVar[list[str]] = []

    @staticmethod
    async def wait() -> None:
        deadline = current_deadline()
        assert deadline is not None
        Second.patience.append(deadline - time.monotonic())
        try:
            await asyncio.sleep(60)
        finally:
            Second.ended.append("stopped")


@pytest.mark.parametrize("host", sorted(BUILDERS))
def test_a_deadline_crosses_two_services(host: str) -> None:
    Second.patience.clear()
    Second.ended.clear()
    first_had: list[float] = []
    signer = ServiceAuthSigner(keys=RING, issuer="stock")
    with ExitStack() as stack:
        second = stack.enter_context(
            serving(BUILDERS[host](routes=[route("GET", "/wait", Second.wait)]))
        )

        async def ask() -> None:
            deadline = current_deadline()
            assert deadline is not None
            first_had.append(deadline - time.monotonic())
            await asyncio.sleep(0.05)  # work of its own
            async with AsyncServiceHttpClient(
                base_url=second,
                audience="second",
                signer=signer,
                retry=HttpRetryPolicy(),
                propagate=lambda headers: None,
            ) as onward:
                await onward.get("/wait")

        first = stack.enter_context(serving(BUILDERS[host](routes=[route("GET", "/ask", ask)])))
        client = stack.enter_context(
            ServiceHttpClient(base_url=first, audience="stock", signer=SIGNER)
        )
        began = time.monotonic()
        with pytest.raises(TransientError, match=r"."):
            client.get("/ask", total_timeout_seconds=1.0)
        assert time.monotonic() - began < 20
        eventually(lambda: Second.ended == ["stopped"] * len(Second.patience), within=20)
        assert len(first_had) == 1
        assert 0 < Second.patience[0] <= first_had[0] - 0.05 <= 1.0


def test_an_application_in_process() -> None:
    """Any transport of httpx does."""
    app = build_asgi_app(routes=ROUTES, options=AUTH)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as given:
            client = AsyncServiceHttpClient(
                base_url="http://stock.example",
                audience="stock",
                signer=SIGNER,
                client=given,
                errors=[SoldOutError],
            )
            with pytest.raises(SoldOutError, match="only 2 left"):
                await client.get("/fail/own")

    asyncio.run(ask())
