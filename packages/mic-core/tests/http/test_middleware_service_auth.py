"""`mic.http.middleware.service_auth`: nothing reaches the app without a token."""

import threading
from typing import Any

import pytest

from mic.http.context import request_state
from mic.http.middleware import ServiceAuthMiddleware
from mic.http.principal import Principal
from mic.model import TransientError, UnauthorizedError

TOKENS = {"good": {"sub": "billing", "iss": "billing"}}


class Verifier:
    """A synchronous verifier."""

    performs_io = False

    def verify(self, token: str) -> Any:
        if token == "down":
            raise TransientError(message="the key server is down")
        if token not in TOKENS:
            raise UnauthorizedError(code="service_auth.invalid_signature", message="bad token")
        return TOKENS[token]


class Fixed:
    """A verifier that always gives the same."""

    def __init__(self, claims: Any) -> None:
        self.claims = claims
        self.thread: int | None = None

    def verify(self, token: str) -> Any:
        self.thread = threading.get_ident()
        return self.claims


class App:
    """Remembers what reached it."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.principal: Principal | None = None
        self.state: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope.get("path", scope["type"]))
        self.principal = request_state(scope).principal
        self.state = scope.get("state")
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})


@pytest.fixture
def app() -> App:
    return App()


def guard(app: App, verifier: Any = None, **options: Any) -> ServiceAuthMiddleware:
    public = frozenset({"/health"})
    return ServiceAuthMiddleware(
        app, verifier=verifier or Verifier(), public_paths=public, **options
    )


def bearer(token: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {token}")]


async def test_a_good_token_passes_with_its_claims_and_principal(call: Any, app: App) -> None:
    reply = await call(guard(app), "GET", "/x", headers=bearer("good"))
    assert reply.status == 204
    assert app.state == {"service_auth_claims": TOKENS["good"]}
    assert app.principal is not None
    assert (app.principal.subject, app.principal.kind) == ("billing", "service")


async def test_keeps_the_state_of_the_lifespan(call: Any, app: App) -> None:
    state = {"pool": 1}
    await call(guard(app), "GET", "/x", headers=bearer("good"), scope={"state": state})
    assert app.state is state
    assert sorted(state) == ["pool", "service_auth_claims"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "service_auth.invalid_header"),
        ([("authorization", "")], "service_auth.invalid_header"),
        ([("authorization", "Bearer a b")], "service_auth.invalid_header"),
        ([("authorization", "Basic YTpi")], "service_auth.invalid_header"),
        (bearer("bad"), "service_auth.invalid_signature"),
        (bearer("good") + bearer("good"), "auth.ambiguous_credentials"),
        (bearer("bad") + bearer("good"), "auth.ambiguous_credentials"),
    ],
)
async def test_everything_else_is_a_401(
    call: Any, app: App, headers: list[tuple[str, str]], code: str
) -> None:
    reply = await call(guard(app), "GET", "/x", headers=headers)
    assert (reply.status, reply.json()["code"]) == (401, code)
    assert reply.header("www-authenticate") == "Bearer"
    assert app.paths == []


@pytest.mark.parametrize("claims", [None, False])
async def test_no_claims_are_no_proof(call: Any, app: App, claims: Any) -> None:
    reply = await call(guard(app, Fixed(claims)), "GET", "/x", headers=bearer("x"))
    assert (reply.status, reply.json()["code"]) == (401, "auth.invalid_credentials")
    assert app.paths == []


async def test_a_verifier_that_is_down_is_a_503(call: Any, app: App) -> None:
    reply = await call(guard(app), "GET", "/x", headers=bearer("down"))
    assert (reply.status, reply.json()["retryable"]) == (503, True)
    assert app.paths == []


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/health?x=1", {}),
        ("/api/health", {"root_path": "/api"}),
        ("/health", {"root_path": "/api"}),
    ],
)
async def test_a_public_path_passes(call: Any, app: App, path: str, scope: Any) -> None:
    assert (await call(guard(app), "GET", path, scope=scope)).status == 204
    assert app.principal is None


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/health/", {}),
        ("//health", {}),
        ("/HEALTH", {}),
        ("/x", {"headers": [(b"host", b"a/health?")]}),
        ("/x/health", {"root_path": "/y"}),
        ("/healthy", {}),
        ("/health?", {"path": "/health?"}),
        ("/x", {"raw_path": b"/health"}),
    ],
)
async def test_no_other_reading_of_a_path_is_public(
    call: Any, app: App, path: str, scope: Any
) -> None:
    assert (await call(guard(app), "GET", path, scope=scope)).status == 401
    assert app.paths == []


async def test_a_preflight_passes_and_another_options_does_not(call: Any, app: App) -> None:
    preflight = [("origin", "https://a"), ("access-control-request-method", "POST")]
    assert (await call(guard(app), "OPTIONS", "/x", headers=preflight)).status == 204
    assert (await call(guard(app), "OPTIONS", "/x")).status == 401


async def test_websockets_are_guarded_too(open_websocket: Any, app: App) -> None:
    assert await open_websocket(guard(app), "/ws") == [{"type": "websocket.close", "code": 4401}]
    start, _ = await open_websocket(guard(app), "/ws", denial=True)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert app.paths == []
    accepted = [{"type": "websocket.accept"}]
    assert await open_websocket(guard(app), "/ws", headers=bearer("good")) == accepted
    assert await open_websocket(guard(app), "/health") == accepted


async def test_the_lifespan_passes(app: App) -> None:
    async def nothing(*args: Any) -> Any:
        raise AssertionError

    await guard(app)({"type": "lifespan"}, nothing, nothing)
    assert app.paths == ["lifespan"]


async def test_a_synchronous_verifier_runs_in_a_thread(call: Any, app: App) -> None:
    verifier = Fixed({"sub": "s"})
    await call(guard(app, verifier), "GET", "/x", headers=bearer("x"))
    assert verifier.thread not in (None, threading.get_ident())


async def test_an_asynchronous_verifier_is_awaited(call: Any, app: App) -> None:
    class AsyncVerifier:
        """Knows one token."""

        async def verify(self, token: str) -> Any:
            return {"sub": token}

    await call(guard(app, AsyncVerifier()), "GET", "/x", headers=bearer("x"))
    assert app.principal is not None
    assert app.principal.subject == "x"


@pytest.mark.parametrize(
    ("claims", "to_principal", "expected"),
    [
        (Principal("ada"), None, Principal("ada")),
        ({"uid": 1}, lambda claims: Principal(f"u{claims['uid']}"), Principal("u1")),
        ({"uid": 1}, None, None),
    ],
)
async def test_the_principal_is_what_the_claims_say_or_what_one_is_told(
    call: Any, app: App, claims: Any, to_principal: Any, expected: Principal | None
) -> None:
    middleware = guard(app, Fixed(claims), to_principal=to_principal)
    await call(middleware, "GET", "/x", headers=bearer("x"))
    assert app.principal == expected
    assert app.state == {"service_auth_claims": claims}


def test_public_paths_are_a_collection(app: App) -> None:
    with pytest.raises(TypeError, match="public_paths must be a collection"):
        ServiceAuthMiddleware(app, verifier=Verifier(), public_paths="/health")  # type: ignore[arg-type]  # the mistake under test
