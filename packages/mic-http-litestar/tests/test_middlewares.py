from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.middleware import DefineMiddleware

import mic.http.middleware
import mic.litestar
from mic.http.auth_gate import AuthMode, build_auth_policy
from mic.http.responses import HttpResponseSpec
from mic.http.route_spec import HttpRouteSpec
from mic.litestar import AuthGateMiddleware, CsrfMiddleware, MicStack, build_litestar_app
from mic.litestar import middlewares as published
from mic.testing.route_client import AsyncRouteClient, ClientOptions

Spec = Callable[..., HttpRouteSpec]
POLICY = build_auth_policy(
    route_modes={("GET", "/user"): AuthMode.USER, ("GET", "/admin"): AuthMode.ADMIN}
)
COOKIE = {"cookie": "access_token=t"}


def client(app: Any, **settings: Any) -> AsyncRouteClient:
    """A client of an app; Litestar's types of scope and messages are stricter than ASGI's."""
    return AsyncRouteClient.for_app(app, settings=ClientOptions(**settings))


async def answer_with(send: Any, status: int, text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


async def on_missing(scope: Any, send: Any, reason: str, mode: AuthMode) -> None:
    await answer_with(send, 401, f"{scope['path']} {reason} {mode}")


async def on_forbidden(scope: Any, send: Any, reason: str, mode: AuthMode) -> None:
    await answer_with(send, 403, f"{scope['path']} {reason} {mode}")


async def on_reject(scope: Any, send: Any, reason: str) -> None:
    await answer_with(send, 403, f"{scope['path']} {reason}")


async def ok(scope: Any, receive: Any, send: Any) -> None:
    await answer_with(send, 200, "ok")


def gate(**options: Any) -> AsyncRouteClient:
    app = AuthGateMiddleware(
        ok,
        policy=POLICY,
        verify_token=lambda token: token == "t",
        resolve_role=lambda token: "user",
        **options,
    )
    return client(app, raise_errors=False)


async def test_the_gate_calls_responders_in_the_published_shape() -> None:
    asked = gate(on_missing_credentials=on_missing, on_forbidden=on_forbidden)
    missing = await asked.get("/user")
    assert (missing.status_code, missing.body) == (401, b"/user no_credentials user")
    forbidden = await asked.get("/admin", headers=COOKIE)
    assert forbidden.status_code == 403
    assert forbidden.body.startswith(b"/admin ")
    assert forbidden.body.endswith(b" admin")
    assert (await asked.get("/user", headers=COOKIE)).body == b"ok"


async def test_without_responders_the_gate_answers_with_problems() -> None:
    assert (await gate().get("/user")).json()["code"] == "auth.missing_credentials"
    assert (await gate().get("/admin", headers=COOKIE)).json()["code"] == "auth.forbidden"


async def test_one_responder_leaves_the_other_answer_alone() -> None:
    asked = gate(on_forbidden=on_forbidden)
    assert (await asked.get("/user")).json()["code"] == "auth.missing_credentials"
    asked = gate(
        on_missing_credentials=on_missing, responder=lambda *_: HttpResponseSpec.text("other")
    )
    assert (await asked.get("/admin", headers=COOKIE)).body == b"other"


async def test_a_responder_may_be_synchronous_and_send_nothing_itself() -> None:
    called: list[tuple[str, AuthMode]] = []

    def note(scope: Any, send: Any, reason: str, mode: AuthMode) -> None:
        called.append((reason, mode))

    app = AuthGateMiddleware(
        ok, policy=POLICY, verify_token=bool, resolve_role=str, on_missing_credentials=note
    )
    await app({"type": "http", "method": "GET", "path": "/user", "headers": []}, ok, ok)  # type: ignore[arg-type]  # neither is called
    assert called == [("no_credentials", AuthMode.USER)]


async def test_a_websocket_is_refused_without_a_responder() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    app = AuthGateMiddleware(
        ok, policy=POLICY, verify_token=bool, resolve_role=str, on_missing_credentials=on_missing
    )
    await app({"type": "websocket", "path": "/user", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 4401}]


async def test_csrf_calls_its_responder_in_the_published_shape() -> None:
    headers = {"cookie": "access_token=x"}
    asked = client(CsrfMiddleware(ok, on_reject=on_reject))
    rejected = await asked.post("/write", headers=headers)
    assert (rejected.status_code, rejected.body) == (403, b"/write missing_token")
    assert (await asked.post("/write")).body == b"ok"
    plain = client(CsrfMiddleware(ok))
    assert (await plain.post("/write", headers=headers)).json()["code"] == "csrf.missing_token"


async def test_the_gate_stands_in_a_stack_in_front_of_our_routes(spec: Spec) -> None:
    def gated(app: Any) -> Any:
        return AuthGateMiddleware(
            app, policy=build_auth_policy(route_modes={}), verify_token=lambda token: token == "t"
        )

    app = build_litestar_app(
        routes=[spec("GET", "/user", "r", auth=AuthMode.USER)], stack=MicStack(inner=(gated,))
    )
    asked = client(app, raise_errors=False)
    assert (await asked.get("/user")).status_code == 401
    assert (await asked.get("/user", headers=COOKIE)).status_code == 200


async def test_litestar_takes_the_classes_as_middleware() -> None:
    @get("/user")
    async def native() -> str:
        return "native"

    @post("/user")
    async def write() -> str:
        return "written"

    define: Any = DefineMiddleware  # it wants Litestar's own types of scope and messages
    app = Litestar(
        [native, write],
        middleware=[
            define(
                AuthGateMiddleware,
                policy=POLICY,
                verify_token=lambda token: token == "t",
                resolve_role=lambda token: "user",
                on_missing_credentials=on_missing,
            ),
            define(CsrfMiddleware, on_reject=on_reject),
        ],
        logging_config=None,
    )
    asked = client(app, raise_errors=False)
    assert (await asked.get("/user")).body == b"/user no_credentials user"
    assert (await asked.get("/user", headers=COOKIE)).body == b"native"
    assert (await asked.post("/user", headers=COOKIE)).body == b"/user missing_token"


@pytest.mark.parametrize("name", published.__all__)
def test_every_name_is_published_in_both_places(name: str) -> None:
    assert getattr(mic.litestar, name) is getattr(published, name)


@pytest.mark.parametrize("name", sorted(set(published.__all__) & set(mic.http.middleware.__all__)))
def test_a_class_is_the_familys_own_or_a_subclass_of_it(name: str) -> None:
    ours, base = getattr(published, name), getattr(mic.http.middleware, name)
    assert ours is base or issubclass(ours, base)
