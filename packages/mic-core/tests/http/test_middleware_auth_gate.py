"""`mic.http.middleware.auth_gate`: a policy in front of any app, compiled routes included."""

import threading
from typing import Any

import pytest

from mic.http._auth_mode import AuthMode
from mic.http._request import context_of
from mic.http.asgi import build_asgi_app
from mic.http.auth_gate import AuthDecision, build_auth_policy
from mic.http.authenticators import basic_authenticator, bearer_authenticator
from mic.http.context import request_state
from mic.http.middleware import AuthGateMiddleware, MicStack
from mic.http.middleware.auth_gate import Refusal
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.responses import HttpResponseSpec
from mic.model import ForbiddenError, TransientError, UnauthorizedError

ADA = Principal("ada")
ROOT = Principal("root", roles=frozenset({"admin"}))
BILLING = Principal("billing", kind="service")
WHO = {"ada": ADA, "root": ROOT, "plain": True}

POLICY = build_auth_policy(
    route_modes={
        ("GET", "/user"): AuthMode.USER,
        ("GET", "/admin/{name}"): AuthMode.ADMIN,
        ("GET", "/service"): AuthMode.SERVICE,
        ("GET", "/any"): AuthMode.AUTHENTICATED,
        ("GET", "/maybe"): AuthMode.OPTIONAL,
        ("OPTIONS", "/named"): AuthMode.USER,
    }
)
CLOSED = build_auth_policy(
    route_modes={("GET", "/open"): AuthMode.PUBLIC}, default_mode=AuthMode.USER
)


def verify(token: str) -> Any:
    if token == "down":
        raise TransientError(message="down")
    if token == "old":
        raise UnauthorizedError(code="tokens.expired", message="expired")
    if token == "crash":
        raise KeyError("bug")
    return WHO.get(token)


CALLBACKS: dict[str, Any] = {
    "verify_token": verify,
    "resolve_role": {"root": "admin", "plain": "admin", "ada": "clerk"}.get,
    "verify_service": {"s": BILLING, "bare": True}.get,
}


class App:
    """Remembers who reached it."""

    def __init__(self) -> None:
        self.principals: list[Principal | None] = []
        self.gates = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        state = request_state(scope)
        self.principals.append(state.principal)
        self.gates = len(state.gates)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})


@pytest.fixture
def app() -> App:
    return App()


def gate(app: Any, policy: Any = POLICY, **options: Any) -> AuthGateMiddleware:
    return AuthGateMiddleware(app, policy=policy, **(options or CALLBACKS))


def cookie(value: str) -> list[tuple[str, str]]:
    return [("cookie", f"access_token={value}")]


def bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


SERVICE = [("x-service-auth", "s")]


@pytest.mark.parametrize(
    ("path", "headers", "who"),
    [
        ("/other", [], None),
        ("/user", cookie("ada"), ADA),
        ("/user", bearer("ada"), ADA),
        ("/user", cookie("plain"), None),
        ("/admin/x", bearer("root"), ROOT),
        ("/admin/x", bearer("plain"), None),
        ("/service", SERVICE, BILLING),
        ("/service", [("x-service-auth", "bare")], None),
        ("/any", SERVICE, BILLING),
        ("/any", cookie("ada"), ADA),
        ("/any", [*cookie("bad"), *SERVICE], BILLING),
        ("/maybe", [], None),
        ("/maybe", cookie("ada"), ADA),
    ],
)
async def test_lets_the_right_ones_pass(
    call: Any, app: App, path: str, headers: list[tuple[str, str]], who: Principal | None
) -> None:
    assert (await call(gate(app), "GET", path, headers=headers)).status == 204
    assert app.principals == [who]
    assert app.gates == 1


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/user", [], 401, "auth.missing_credentials"),
        ("/user", cookie(""), 401, "auth.missing_credentials"),
        ("/user", [("authorization", "")], 401, "auth.missing_credentials"),
        ("/user", [("authorization", "Bearer a b")], 401, "auth.missing_credentials"),
        ("/user", cookie("garbage"), 401, "auth.invalid_credentials"),
        ("/user", cookie("old"), 401, "tokens.expired"),
        ("/user", cookie("down"), 503, "transient.unavailable"),
        ("/user", [*cookie("ada"), *cookie("bad")], 401, "auth.invalid_credentials"),
        ("/user", bearer("ada") * 2, 401, "auth.ambiguous_credentials"),
        ("/user", SERVICE, 401, "auth.missing_credentials"),
        ("/service", cookie("ada"), 401, "auth.missing_credentials"),
        ("/service", [("x-service-auth", " ")], 401, "auth.missing_credentials"),
        ("/service", [("x-service-auth", "x")], 401, "auth.invalid_credentials"),
        ("/service", SERVICE * 2, 401, "auth.ambiguous_credentials"),
        ("/admin/x", bearer("ada"), 403, "auth.forbidden"),
        ("/maybe", cookie("bad"), 401, "auth.invalid_credentials"),
        ("/any", [], 401, "auth.missing_credentials"),
    ],
)
async def test_turns_the_others_away(
    call: Any, app: App, path: str, headers: list[tuple[str, str]], status: int, code: str
) -> None:
    reply = await call(gate(app), "GET", path, headers=headers)
    assert (reply.status, reply.json()["code"]) == (status, code)
    assert (reply.header("www-authenticate") == "Bearer") is (status == 401)
    assert app.principals == []


async def test_a_fault_of_a_callback_is_a_fault(call: Any, app: App) -> None:
    with pytest.raises(KeyError, match="bug"):
        await call(gate(app), "GET", "/user", headers=cookie("crash"))
    assert app.principals == []


class TestPaths:
    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("GET", "/user", {}),
            ("HEAD", "/user", {}),
            ("GET", "/user/", {}),
            ("GET", "//user", {}),
            ("GET", "//user//", {}),
            ("GET", "/api/user", {"root_path": "/api"}),
            ("GET", "/user", {"root_path": "/api"}),
            ("GET", "/user", {"headers": [(b"host", b"a/other?")]}),
            ("GET", "/user", {"raw_path": b"/%75ser"}),
            ("GET", "//admin///x", {}),
        ],
    )
    async def test_no_spelling_leads_around(
        self, call: Any, app: App, method: str, path: str, scope: Any
    ) -> None:
        assert (await call(gate(app), method, path, scope=scope)).status == 401
        assert app.principals == []

    @pytest.mark.parametrize(
        ("path", "status"), [("/open", 204), ("/open/", 401), ("//open", 401), ("/", 401)]
    )
    async def test_a_path_that_is_open_is_open_in_its_own_spelling_only(
        self, call: Any, app: App, path: str, status: int
    ) -> None:
        assert (await call(gate(app, CLOSED), "GET", path)).status == status

    @pytest.mark.parametrize(
        ("weaker", "stricter"),
        [
            (AuthMode.PUBLIC, AuthMode.OPTIONAL),
            (AuthMode.OPTIONAL, AuthMode.AUTHENTICATED),
            (AuthMode.AUTHENTICATED, AuthMode.USER),
            (AuthMode.AUTHENTICATED, AuthMode.SERVICE),
            (AuthMode.USER, AuthMode.ADMIN),
            (AuthMode.SERVICE, AuthMode.ADMIN),
        ],
    )
    async def test_of_two_readings_of_a_path_the_stricter_counts(
        self, call: Any, app: App, weaker: AuthMode, stricter: AuthMode
    ) -> None:
        decided: list[AuthMode] = []

        async def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            decided.append(decision.mode)
            return HttpResponseSpec.no_content()

        headers = [*cookie("bad"), ("x-service-auth", "bad")]
        for first, second in ((weaker, stricter), (stricter, weaker)):
            policy = build_auth_policy(route_modes={("GET", "/a/"): first, ("GET", "/a"): second})
            middleware = gate(app, policy, responder=responder, **CALLBACKS)
            await call(middleware, "GET", "/a/", headers=headers)
        assert decided == [stricter, stricter]

    async def test_a_preflight_passes_unless_the_policy_names_it(self, call: Any, app: App) -> None:
        preflight = [("origin", "https://a"), ("access-control-request-method", "POST")]
        closed = gate(app, CLOSED)
        assert (await call(closed, "OPTIONS", "/x", headers=preflight)).status == 204
        assert (await call(closed, "OPTIONS", "/x")).status == 401
        assert (await call(gate(app), "OPTIONS", "/named", headers=preflight)).status == 401

    async def test_websockets_are_guarded_as_get(self, open_websocket: Any, app: App) -> None:
        closed = [{"type": "websocket.close", "code": 4401}]
        assert await open_websocket(gate(app), "/user") == closed
        start, _ = await open_websocket(gate(app), "/user", denial=True)
        assert start["status"] == 401
        forbidden = await open_websocket(gate(app), "/admin/x", headers=bearer("ada"))
        assert forbidden == [{"type": "websocket.close", "code": 4403}]
        assert app.principals == []
        accepted = [{"type": "websocket.accept"}]
        assert await open_websocket(gate(app), "/user", headers=bearer("ada")) == accepted
        assert await open_websocket(gate(app), "/other") == accepted

    async def test_the_lifespan_passes(self, app: App) -> None:
        async def nothing(*args: Any) -> Any:
            raise AssertionError

        await gate(app)({"type": "lifespan"}, nothing, nothing)
        assert app.gates == 0
        assert app.principals == [None]


class TestConstruction:
    @pytest.mark.parametrize(
        ("mode", "options", "missing"),
        [
            (AuthMode.USER, {}, "give verify_token, or"),
            (AuthMode.USER, {"resolve_role": str}, "give verify_token, or"),
            (AuthMode.ADMIN, {"verify_token": bool}, "give resolve_role, or"),
            (AuthMode.ADMIN, {"resolve_role": str}, "give verify_token, or"),
            (AuthMode.ADMIN, {}, "give resolve_role, verify_token, or"),
            (AuthMode.SERVICE, {"verify_token": bool}, "give verify_service, or"),
            (AuthMode.AUTHENTICATED, {}, "give verify_token, or"),
            (AuthMode.OPTIONAL, {}, "give verify_token, or"),
        ],
    )
    def test_presence_is_no_proof(
        self, app: App, mode: AuthMode, options: dict[str, Any], missing: str
    ) -> None:
        policies = (
            build_auth_policy(route_modes={("GET", "/x"): mode}),
            build_auth_policy(route_modes={}, default_mode=mode),
        )
        for policy in policies:
            with pytest.raises(ValueError, match=missing):
                AuthGateMiddleware(app, policy=policy, **options)
            AuthGateMiddleware(
                app, policy=policy, authenticator=bearer_authenticator(verify), **options
            )
            with pytest.warns(UserWarning, match="lets every credential pass"):
                AuthGateMiddleware(app, policy=policy, presence_only=True, **options)

    @pytest.mark.parametrize(
        ("mode", "options"),
        [
            (AuthMode.PUBLIC, {}),
            (AuthMode.USER, {"verify_token": bool}),
            (AuthMode.ADMIN, {"verify_token": bool, "resolve_role": str}),
            (AuthMode.SERVICE, {"verify_service": bool}),
            (AuthMode.AUTHENTICATED, {"verify_service": bool}),
            (AuthMode.OPTIONAL, {"verify_token": bool}),
        ],
    )
    async def test_what_is_complete_needs_no_warning(
        self, call: Any, app: App, mode: AuthMode, options: dict[str, Any]
    ) -> None:
        policy = build_auth_policy(route_modes={("GET", "/x"): mode})
        for presence_only in (False, True):
            middleware = AuthGateMiddleware(
                app, policy=policy, presence_only=presence_only, **options
            )
            assert (await call(middleware, "GET", "/y")).status == 204

    async def test_presence_only_keeps_the_published_behaviour(self, call: Any, app: App) -> None:
        expected = "resolve_role, verify_service, verify_token"
        with pytest.warns(UserWarning, match=expected) as warned:
            middleware = AuthGateMiddleware(app, policy=POLICY, presence_only=True)
        assert warned[0].filename == __file__
        assert (await call(middleware, "GET", "/user", headers=cookie("any"))).status == 204
        assert (await call(middleware, "GET", "/user")).status == 401
        assert (await call(middleware, "GET", "/admin/x", headers=cookie("any"))).status == 403

    async def test_presence_only_means_nothing_beside_an_authenticator(
        self, call: Any, app: App
    ) -> None:
        middleware = gate(app, authenticator=bearer_authenticator(verify), presence_only=True)
        assert (await call(middleware, "GET", "/user", headers=cookie("any"))).status == 401


class TestAuthenticator:
    async def test_takes_the_place_of_the_callbacks(self, call: Any, app: App) -> None:
        middleware = gate(app, authenticator=bearer_authenticator(verify))
        assert (await call(middleware, "GET", "/user", headers=bearer("ada"))).status == 204
        assert (await call(middleware, "GET", "/admin/x", headers=bearer("root"))).status == 204
        assert app.principals == [ADA, ROOT]
        assert (await call(middleware, "GET", "/maybe")).status == 204
        for path, token, status in (
            ("/user", "bad", 401),
            ("/user", "old", 401),
            ("/user", "down", 503),
            ("/maybe", "bad", 401),
            ("/admin/x", "ada", 403),
            ("/service", "ada", 403),
        ):
            reply = await call(middleware, "GET", path, headers=bearer(token))
            assert reply.status == status
        assert (await call(middleware, "GET", "/user")).json()["code"] == "auth.missing_credentials"

    async def test_a_401_has_its_challenge(self, call: Any, app: App) -> None:
        basic = basic_authenticator(lambda user, password: True, realm="r")
        reply = await call(gate(app, authenticator=basic), "GET", "/user")
        assert reply.header("www-authenticate") == 'Basic realm="r", charset="UTF-8"'

        def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            return HttpResponseSpec.text("sign in", status_code=401)

        middleware = gate(app, authenticator=basic, responder=responder)
        reply = await call(middleware, "GET", "/user")
        assert reply.header("www-authenticate") == 'Basic realm="r", charset="UTF-8"'

    async def test_comes_before_the_callbacks(self, call: Any, app: App) -> None:
        middleware = gate(app, authenticator=bearer_authenticator(verify), **CALLBACKS)
        assert (await call(middleware, "GET", "/service", headers=SERVICE)).status == 204
        both = [*bearer("bad"), *cookie("ada")]
        assert (await call(middleware, "GET", "/user", headers=both)).status == 204
        assert app.principals == [BILLING, ADA]
        bad = await call(middleware, "GET", "/maybe", headers=[("authorization", "Bearer a b")])
        assert bad.status == 401


class TestCallbacks:
    @pytest.mark.parametrize("in_thread", [True, False])
    async def test_synchronous_ones_run_where_one_says(
        self, call: Any, app: App, in_thread: bool
    ) -> None:
        threads: list[int] = []

        def spy(token: str) -> bool:
            threads.append(threading.get_ident())
            return True

        policy = build_auth_policy(route_modes={}, default_mode=AuthMode.USER)
        middleware = gate(app, policy, verify_token=spy, callbacks_in_thread=in_thread)
        assert (await call(middleware, "GET", "/x", headers=cookie("t"))).status == 204
        assert (threads == [threading.get_ident()]) is not in_thread

    async def test_asynchronous_ones_are_awaited(self, call: Any, app: App) -> None:
        async def check(token: str) -> bool:
            return token == "good"

        policy = build_auth_policy(route_modes={}, default_mode=AuthMode.USER)
        middleware = gate(app, policy, verify_token=check)
        assert (await call(middleware, "GET", "/x", headers=cookie("good"))).status == 204
        assert (await call(middleware, "GET", "/x", headers=cookie("bad"))).status == 401

    async def test_one_that_waits_does_not_hold_the_loop(
        self, call: Any, app: App, loop_guard: object
    ) -> None:
        waiting = threading.Event()

        def slow(token: str) -> bool:
            waiting.wait(0.2)
            return True

        policy = build_auth_policy(route_modes={}, default_mode=AuthMode.USER)
        reply = await call(gate(app, policy, verify_token=slow), headers=cookie("t"))
        assert reply.status == 204


async def test_a_credential_that_nothing_can_check_is_not_good(call: Any, app: App) -> None:
    policy = build_auth_policy(route_modes={}, default_mode=AuthMode.AUTHENTICATED)
    middleware = gate(app, policy, verify_service=CALLBACKS["verify_service"])
    reply = await call(middleware, "GET", "/x", headers=cookie("ada"))
    assert (reply.status, reply.json()["code"]) == (401, "auth.invalid_credentials")
    both = [*cookie("ada"), *SERVICE]
    assert (await call(middleware, "GET", "/x", headers=both)).status == 204


async def test_a_decision_that_is_not_positive_lets_nobody_in(call: Any, app: App) -> None:
    class Undecided(AuthGateMiddleware):
        """A gate that never can tell."""

        async def judge(self, scope: Any, context: Any, mode: AuthMode) -> AuthDecision:
            return AuthDecision("missing_credentials", mode, "no_verifier")

    middleware = Undecided(app, policy=POLICY, **CALLBACKS)
    reply = await call(middleware, "GET", "/user", headers=cookie("ada"))
    assert (reply.status, reply.json()["code"]) == (401, "auth.missing_credentials")
    assert app.principals == []


class TestAnswers:
    async def test_a_responder_answers_refusals(self, call: Any, app: App) -> None:
        seen: list[Any] = []

        async def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            seen.append(decision)
            return HttpResponseSpec.redirect("/login")

        middleware = gate(app, responder=responder, **CALLBACKS)
        assert (await call(middleware, "GET", "/user")).header("location") == "/login"
        await call(middleware, "GET", "/user", headers=cookie("bad"))
        await call(middleware, "GET", "/user", headers=cookie("old"))
        await call(middleware, "GET", "/admin/x", headers=cookie("ada"))
        assert seen == [
            AuthDecision("missing_credentials", AuthMode.USER, "no_credentials"),
            AuthDecision("missing_credentials", AuthMode.USER, "invalid_credentials"),
            AuthDecision("missing_credentials", AuthMode.USER, "tokens.expired"),
            AuthDecision("forbidden", AuthMode.ADMIN, "role"),
        ]

    async def test_a_failure_is_no_refusal(self, call: Any, app: App) -> None:
        def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            raise AssertionError

        middleware = gate(app, responder=responder, **CALLBACKS)
        assert (await call(middleware, "GET", "/user", headers=cookie("down"))).status == 503

    @pytest.mark.parametrize(
        ("details", "reason"), [({"reason": "locked"}, "locked"), ({"reason": 5}, "own.no")]
    )
    async def test_a_403_of_an_authenticator_is_forbidden(
        self, call: Any, app: App, details: dict[str, Any], reason: str
    ) -> None:
        seen: list[Any] = []

        def locked(token: str) -> Principal:
            raise ForbiddenError(code="own.no", message="locked", details=details)

        def responder(context: HttpRequestContext, decision: Any) -> HttpResponseSpec:
            seen.append(decision)
            return HttpResponseSpec.no_content()

        middleware = gate(app, authenticator=bearer_authenticator(locked), responder=responder)
        await call(middleware, "GET", "/user", headers=bearer("x"))
        assert seen == [AuthDecision("forbidden", AuthMode.USER, reason)]

    async def test_a_host_can_answer_in_its_own_way(self, call: Any, app: App) -> None:
        class HostGate(AuthGateMiddleware):
            """What an adapter does for its published callbacks."""

            refusals: list[Refusal] = []  # noqa: RUF012 - the test reads it

            async def _refuse(self, scope: Any, receive: Any, send: Any, refusal: Refusal) -> None:
                self.refusals.append(refusal)
                if refusal.decision.outcome == "forbidden":
                    await super()._refuse(scope, receive, send, refusal)
                    return
                await send({"type": "http.response.start", "status": 418, "headers": []})
                await send({"type": "http.response.body"})

        middleware = HostGate(app, policy=POLICY, **CALLBACKS)
        assert (await call(middleware, "GET", "/user", headers=cookie("old"))).status == 418
        assert (await call(middleware, "GET", "/admin/x", headers=cookie("ada"))).status == 403
        assert [refusal.error.code for refusal in HostGate.refusals] == [
            "tokens.expired",
            "auth.forbidden",
        ]


class TestRoutes:
    """The gate behind compiled routes."""

    @pytest.fixture
    def service(self, make_route: Any) -> Any:
        def make(policy: Any = POLICY, auth: AuthMode = AuthMode.USER, **options: Any) -> Any:
            async def handler(context: HttpRequestContext) -> dict[str, Any]:
                return {"who": context.subject_id}

            routes = [
                make_route(handler, "GET", path, name=f"r{index}", auth=auth, **options)
                for index, path in enumerate(("/user", "/unlisted", "/admin/{name}"))
            ]
            stack = MicStack(inner=(lambda app: gate(app, policy),))
            return build_asgi_app(routes=routes, stack=stack)

        return make

    async def test_the_gate_decides_for_a_route_that_the_policy_does_not_name(
        self, call: Any, service: Any
    ) -> None:
        app = service()
        assert (await call(app, "GET", "/unlisted")).status == 401
        reply = await call(app, "GET", "/unlisted", headers=cookie("ada"))
        assert (reply.status, reply.json()) == (200, {"who": "ada"})
        reply = await call(app, "GET", "/unlisted", headers=cookie("plain"))
        assert (reply.status, reply.json()) == (200, {"who": None})

    async def test_the_stricter_of_policy_and_route_wins(self, call: Any, service: Any) -> None:
        app = service(auth=AuthMode.ADMIN)
        assert (await call(app, "GET", "/user", headers=cookie("ada"))).status == 403
        assert (await call(app, "GET", "/user", headers=cookie("root"))).status == 200
        assert (await call(app, "GET", "/user", headers=cookie("plain"))).status == 200
        app = service(auth=AuthMode.USER)
        assert (await call(app, "GET", "/admin/x", headers=cookie("ada"))).status == 403
        app = service(CLOSED, auth=AuthMode.PUBLIC)
        assert (await call(app, "GET", "/user")).status == 401

    async def test_a_role_found_by_the_gate_is_enough_for_the_route(
        self, call: Any, make_route: Any
    ) -> None:
        async def handler(name: str) -> str:
            return name

        roles: dict[str, Any] = {**CALLBACKS, "resolve_role": lambda token: "admin"}
        app = build_asgi_app(
            routes=[
                make_route(
                    handler, "GET", "/admin/{name}", auth=AuthMode.ADMIN, roles=("admin", "boss")
                )
            ],
            stack=MicStack(inner=(lambda app: gate(app, **roles),)),
        )
        assert (await call(app, "GET", "/admin/x", headers=cookie("ada"))).status == 200
        assert (await call(app, "GET", "/admin/x", headers=cookie("plain"))).status == 403

    async def test_scopes_need_a_principal(self, call: Any, service: Any) -> None:
        app = service(scopes=("read",))
        reply = await call(app, "GET", "/unlisted", headers=cookie("plain"))
        assert (reply.status, reply.json()["code"]) == (403, "auth.insufficient_scope")

    async def test_a_kind_that_the_gate_can_not_check_is_a_500(
        self, call: Any, make_route: Any
    ) -> None:
        async def handler() -> str:
            return "in"

        policy = build_auth_policy(route_modes={})
        app = build_asgi_app(
            routes=[make_route(handler, auth=AuthMode.SERVICE)],
            stack=MicStack(inner=(lambda app: gate(app, policy, verify_token=verify),)),
        )
        reply = await call(app, headers=[*cookie("ada"), *SERVICE])
        assert (reply.status, reply.json()["code"]) == (500, "http.auth_not_configured")

    async def test_a_credential_is_verified_once_a_mode(self, call: Any, make_route: Any) -> None:
        tokens: list[str] = []

        def once(token: str) -> bool:
            tokens.append(token)
            return True

        async def handler() -> str:
            return "in"

        policy = build_auth_policy(route_modes={("GET", "/"): AuthMode.USER})
        app = build_asgi_app(
            routes=[make_route(handler, auth=AuthMode.USER)],
            stack=MicStack(inner=(lambda app: gate(app, policy, verify_token=once),)),
        )
        assert (await call(app, headers=cookie("t"))).status == 200
        assert tokens == ["t"]

    async def test_the_gate_is_gone_after_the_request(self, call: Any) -> None:
        seen: list[Any] = []

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            state = request_state(scope)
            with pytest.raises(RuntimeError, match="broken"):
                await gate(broken)(scope, receive, send)
            seen.append(state.gates)

        async def broken(scope: Any, receive: Any, send: Any) -> None:
            assert len(request_state(scope).gates) == 1
            raise RuntimeError("broken")

        await call(outer, "GET", "/other")
        assert seen == [()]


async def test_judges_a_mode_that_nothing_can_check(app: App) -> None:
    middleware = gate(app, build_auth_policy(route_modes={}), verify_token=verify)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    decision = await middleware.judge(scope, context_of(scope), AuthMode.SERVICE)
    assert decision == AuthDecision("missing_credentials", AuthMode.SERVICE, "no_verifier")
