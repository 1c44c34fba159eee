import threading
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from mic import fastapi as portion
from mic.fastapi import AuthGateMiddleware, CsrfMiddleware, middlewares
from mic.http import AuthMode, CsrfPolicy, Principal, build_auth_policy, middleware

POLICY = build_auth_policy(
    route_modes={("GET", "/me"): AuthMode.USER, ("GET", "/admin"): AuthMode.ADMIN}
)
COOKIES = {"cookie": "access_token=a; csrf_token=b", "x-csrf-token": "c"}


async def app(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("in")(scope, receive, send)


def gate(**options: Any) -> AuthGateMiddleware:
    return AuthGateMiddleware(
        app,
        policy=POLICY,
        verify_token=lambda token: token == "good",  # of a test
        resolve_role=lambda _: "user",
        **options,
    )


def test_every_published_name_is_there() -> None:
    shared = set(middlewares.__all__) & set(middleware.__all__)
    own = {"AuthGateMiddleware", "CsrfMiddleware"}
    assert own < shared
    for name in shared - own:
        assert getattr(middlewares, name) is getattr(middleware, name)
    for name in set(portion.__all__) & set(middlewares.__all__):
        assert getattr(portion, name) is getattr(middlewares, name)


async def test_the_gate_answers_with_the_published_call_shape(client_of: Any) -> None:
    seen: list[Any] = []
    loop = threading.get_ident()

    def missing(request: Request, reason: str | None, mode: AuthMode) -> Response:
        seen.append((request.url.path, reason, mode, threading.get_ident() == loop))
        return JSONResponse({"login": True}, status_code=401, headers={"X-Login": "/login"})

    async def forbidden(request: Request, reason: str | None, mode: AuthMode) -> Response:
        seen.append((request.headers["authorization"], reason, mode))
        return PlainTextResponse("no", status_code=403)

    client = client_of(gate(on_missing_credentials=missing, on_forbidden=forbidden))
    refused = await client.get("/me")
    assert (refused.status_code, refused.json()) == (401, {"login": True})
    assert refused.header("x-login") == "/login"
    bearer = {"authorization": "Bearer good"}
    assert (await client.get("/admin", headers=bearer)).text == "no"
    assert (await client.get("/me", headers=bearer)).text == "in"
    assert seen[0][0] == "/me"
    assert seen[0][2:] == (AuthMode.USER, False)
    assert seen[1][0] == "Bearer good"
    assert seen[1][2] is AuthMode.ADMIN


async def test_without_responders_the_gate_answers_with_problems(client_of: Any) -> None:
    answer = await client_of(gate()).get("/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.missing_credentials")


async def test_the_responder_of_mic_http_works_too(client_of: Any) -> None:
    from mic.http import HttpResponseSpec

    async def respond(context: Any, decision: Any) -> HttpResponseSpec:
        return HttpResponseSpec(401, {"outcome": decision.outcome})

    answer = await client_of(gate(responder=respond)).get("/me")
    assert answer.json() == {"outcome": "missing_credentials"}


async def test_a_callable_object_may_respond(client_of: Any) -> None:
    class Responder:
        async def __call__(self, request: Request, reason: Any, mode: Any) -> Response:
            return PlainTextResponse("object", status_code=401)

    answer = await client_of(gate(on_missing_credentials=Responder())).get("/me")
    assert answer.text == "object"


async def test_a_refused_websocket_is_closed_and_no_responder_asked() -> None:
    policy = build_auth_policy(route_modes={}, default_mode=AuthMode.USER)

    def never(*_: Any) -> Response:
        raise AssertionError

    refusing = AuthGateMiddleware(
        app, policy=policy, verify_token=lambda _: False, on_missing_credentials=never
    )
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/me", "headers": [], "query_string": b""}
    await refusing(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 4401}]


def test_presence_is_still_no_proof() -> None:
    with pytest.raises(ValueError, match="verify_token"):
        AuthGateMiddleware(app, policy=POLICY)
    with pytest.warns(UserWarning, match="presence_only"):
        AuthGateMiddleware(app, policy=POLICY, presence_only=True)


async def test_every_option_of_the_gate_is_passed_on(client_of: Any) -> None:
    class Authenticator:
        challenge = "Bearer"

        async def authenticate(self, context: Any) -> Principal:
            return Principal("ada", roles=frozenset({"admin"}))

    asked: list[bool] = []
    loop = threading.get_ident()

    def verify(token: str) -> bool:
        asked.append(threading.get_ident() == loop)
        return True

    by_authenticator = AuthGateMiddleware(app, policy=POLICY, authenticator=Authenticator())
    assert (await client_of(by_authenticator).get("/admin")).text == "in"
    policy = build_auth_policy(route_modes={("GET", "/s"): AuthMode.SERVICE})
    inline = AuthGateMiddleware(
        app, policy=policy, verify_service=verify, callbacks_in_thread=False
    )
    header = {policy.service_auth_header: "Bearer token"}
    assert (await client_of(inline).get("/s", headers=header)).text == "in"
    assert asked == [True]


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_csrf_rejections_have_the_published_call_shape(
    asynchronous: bool, client_of: Any
) -> None:
    def reject(request: Request, reason: str | None) -> Response:
        return PlainTextResponse(f"{request.method} {reason}", status_code=403)

    async def reject_later(request: Request, reason: str | None) -> Response:
        return reject(request, reason)

    guarded = CsrfMiddleware(app, on_reject=reject_later if asynchronous else reject)
    answer = await client_of(guarded).post("/a", headers=COOKIES)
    assert (answer.status_code, answer.text) == (403, "POST token_mismatch")
    assert (await client_of(guarded).get("/a")).text == "in"


async def test_without_a_responder_csrf_answers_with_a_problem(client_of: Any) -> None:
    guarded = CsrfMiddleware(app, policy=CsrfPolicy(exempt_paths=frozenset({"/free"})))
    client = client_of(guarded)
    answer = await client.post("/a", headers=COOKIES)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf.token_mismatch")
    assert (await client.post("/free", headers=COOKIES)).text == "in"


async def test_csrf_takes_the_responder_of_mic_http(client_of: Any) -> None:
    from mic.http import HttpResponseSpec

    def respond(context: Any, decision: Any) -> HttpResponseSpec:
        return HttpResponseSpec(403, {"reason": decision.reason})

    answer = await client_of(CsrfMiddleware(app, responder=respond)).post("/a", headers=COOKIES)
    assert answer.json() == {"reason": "token_mismatch"}
