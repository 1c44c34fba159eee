"""`mic.http.auth_gate`: which mode guards which path, and the decision for values at hand."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http import auth_gate
from mic.http.auth_gate import (
    AuthDecision,
    AuthMode,
    AuthPolicy,
    build_auth_policy,
    evaluate_auth,
)
from mic.http.principal import Principal
from mic.model import TransientError, UnauthorizedError

MODES = {
    ("GET", "/me"): AuthMode.USER,
    ("POST", "/admin/{name}"): AuthMode.ADMIN,
    ("GET", "/admin/{name}/log"): AuthMode.SERVICE,
    ("GET", "/files/{rest:path}"): AuthMode.AUTHENTICATED,
    ("GET", "/items/{id:int}"): AuthMode.OPTIONAL,
    ("GET", "/items/{id:uuid}"): AuthMode.USER,
    ("GET", "/items/{id}"): AuthMode.ADMIN,
    ("GET", "/prices/{price:float}"): AuthMode.USER,
    ("HEAD", "/headed"): AuthMode.SERVICE,
    ("GET", "/headed"): AuthMode.USER,
    ("GET", "/a.b/{x}"): AuthMode.USER,
}
POLICY = build_auth_policy(route_modes=MODES)


def test_the_published_defaults() -> None:
    assert (POLICY.access_cookie, POLICY.service_auth_header) == ("access_token", "x-service-auth")
    assert (POLICY.admin_role, POLICY.default_mode) == ("admin", AuthMode.PUBLIC)
    assert auth_gate.DEFAULT_ACCESS_COOKIE == "access_token"
    assert auth_gate.DEFAULT_SERVICE_AUTH_HEADER == "x-service-auth"
    assert auth_gate.DEFAULT_ADMIN_ROLE == "admin"


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("GET", "/me", AuthMode.USER),
        ("HEAD", "/me", AuthMode.USER),
        ("POST", "/me", AuthMode.PUBLIC),
        ("GET", "/me/", AuthMode.PUBLIC),
        ("POST", "/admin/ada", AuthMode.ADMIN),
        ("POST", "/admin/", AuthMode.PUBLIC),
        ("POST", "/admin/ada/log", AuthMode.PUBLIC),
        ("GET", "/admin/ada/log", AuthMode.SERVICE),
        ("GET", "/files/a/b//c", AuthMode.AUTHENTICATED),
        ("GET", "/files//a", AuthMode.PUBLIC),
        ("GET", "/files/a\nb", AuthMode.AUTHENTICATED),
        ("GET", "/items/7", AuthMode.OPTIONAL),
        ("GET", "/items/seven", AuthMode.ADMIN),
        ("GET", "/items/{id:int}", AuthMode.OPTIONAL),
        ("GET", "/prices/1.5", AuthMode.USER),
        ("GET", "/prices/x", AuthMode.PUBLIC),
        ("GET", "/items/0b6f7a0e-0d5f-4b0e-9b0a-0f6f7a0e0d5f", AuthMode.USER),
        ("HEAD", "/headed", AuthMode.SERVICE),
        ("GET", "/headed", AuthMode.USER),
        ("GET", "/a.b/1", AuthMode.USER),
        ("GET", "/axb/1", AuthMode.PUBLIC),
        ("GET", "", AuthMode.PUBLIC),
    ],
)
def test_finds_the_mode(method: str, path: str, mode: AuthMode) -> None:
    assert POLICY.mode_for(method, path) is mode


def test_the_first_template_that_fits_wins() -> None:
    one, two = ("GET", "/x/{a}"), ("GET", "/x/{b:path}")
    first = build_auth_policy(route_modes={one: AuthMode.USER, two: AuthMode.ADMIN})
    assert first.mode_for("GET", "/x/1") is AuthMode.USER
    assert first.mode_for("GET", "/x/1/2") is AuthMode.ADMIN
    second = build_auth_policy(route_modes={two: AuthMode.ADMIN, one: AuthMode.USER})
    assert second.mode_for("GET", "/x/1") is AuthMode.ADMIN


@given(path=st.text(alphabet="abc/{}.", max_size=12).map(lambda text: "/" + text))
def test_the_default_guards_every_other_path(path: str) -> None:
    policy = build_auth_policy(
        route_modes={("GET", "/a/{b}"): AuthMode.PUBLIC}, default_mode=AuthMode.ADMIN
    )
    fits = path.startswith("/a/") and len(path) > 3 and "/" not in path[3:]
    assert policy.mode_for("GET", path) is (AuthMode.PUBLIC if fits else AuthMode.ADMIN)


def test_knows_its_own_entries_and_modes() -> None:
    policy = build_auth_policy(
        route_modes={("options", "/x/{a}"): AuthMode.USER}, default_mode=AuthMode.SERVICE
    )
    assert policy.names("OPTIONS", "/x/1")
    assert not policy.names("GET", "/x/1")
    assert policy.modes() == {AuthMode.USER, AuthMode.SERVICE}


def test_a_policy_can_be_a_key_and_takes_modes_as_text() -> None:
    text: Any = {("get", "/me"): "user"}
    policy = build_auth_policy(route_modes=text, default_mode="admin")  # type: ignore[arg-type]  # from a configuration file
    assert policy == AuthPolicy({("GET", "/me"): AuthMode.USER}, default_mode=AuthMode.ADMIN)
    assert hash(policy) == hash(policy)
    with pytest.raises(TypeError, match="does not support item assignment"):
        policy.route_modes["GET", "/"] = AuthMode.PUBLIC  # type: ignore[index]  # the mistake under test


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"route_modes": {("FETCH", "/x"): AuthMode.USER}}, "unknown methods FETCH"),
        ({"route_modes": {("GET", "x"): AuthMode.USER}}, "must begin with '/'"),
        ({"route_modes": {("GET", "/x/{a}b"): AuthMode.USER}}, "fills its whole segment"),
        ({"route_modes": {("GET", "/x"): "root"}}, "'root' is not a valid AuthMode"),
        ({"route_modes": {}, "access_cookie": "a b"}, "is not a cookie or header name"),
        ({"route_modes": {}, "service_auth_header": ""}, "is not a cookie or header name"),
        ({"route_modes": {}, "default_mode": "all"}, "'all' is not a valid AuthMode"),
    ],
)
def test_refuses_a_policy_that_means_nothing(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_auth_policy(**options)


def evaluate(path: str = "/me", method: str = "GET", **options: Any) -> AuthDecision:
    return evaluate_auth(
        **{
            "method": method,
            "path": path,
            "cookies": {},
            "headers": {},
            "policy": POLICY,
            **options,
        }
    )


def test_presence_is_no_proof() -> None:
    for cookie in ("garbage", "true", "null"):
        decision = evaluate(cookies={"access_token": cookie})
        assert decision == AuthDecision("missing_credentials", AuthMode.USER, "no_verifier")
    decision = evaluate("/admin/ada/log", headers={"x-service-auth": "x"})
    assert decision == AuthDecision("missing_credentials", AuthMode.SERVICE, "no_verifier")
    decision = evaluate("/admin/ada", "post", cookies={"access_token": "x"})
    assert decision == AuthDecision("missing_credentials", AuthMode.ADMIN, "no_verifier")
    assert evaluate(cookies={"access_token": "x"}, presence_only=True).outcome == "proceed"


def test_asks_its_callbacks() -> None:
    ada = Principal("ada")
    good = {"access_token": "good"}
    verify: Any = {"good": ada, "plain": True}.get
    assert evaluate(cookies=good, verify_token=verify).principal is ada
    decision = evaluate(cookies={"access_token": "bad"}, verify_token=verify)
    assert decision == AuthDecision("missing_credentials", AuthMode.USER, "invalid_credentials")
    plain = {"access_token": "plain"}
    admin = ("/admin/ada", "POST")
    roles: dict[str, Any] = {"verify_token": verify, "resolve_role": lambda token: "admin"}
    assert evaluate(*admin, cookies=plain, **roles).outcome == "proceed"
    roles["resolve_role"] = lambda token: "clerk"
    assert evaluate(*admin, cookies=plain, **roles) == AuthDecision(
        "forbidden", AuthMode.ADMIN, "role"
    )
    decision = evaluate(
        "/admin/ada/log",
        headers={"X-Service-Auth": "s"},
        verify_service=lambda token: {"iss": "billing"} if token == "s" else None,
    )
    assert decision.principal is not None
    assert decision.principal.subject == "billing"


def test_a_public_path_proceeds_whatever_is_sent() -> None:
    decision = evaluate("/other", cookies={"access_token": "x"})
    assert decision == AuthDecision("proceed", AuthMode.PUBLIC)
    assert AuthDecision("proceed") == decision


def test_what_a_callback_raises() -> None:
    def verify(token: str) -> bool:
        raise {
            "old": UnauthorizedError(code="tokens.expired", message="expired"),
            "down": TransientError(message="down"),
            "stop": StopIteration("odd"),
        }[token]

    old = evaluate(cookies={"access_token": "old"}, verify_token=verify)
    assert old == AuthDecision("missing_credentials", AuthMode.USER, "tokens.expired")
    with pytest.raises(TransientError, match="down"):
        evaluate(cookies={"access_token": "down"}, verify_token=verify)
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        evaluate(cookies={"access_token": "stop"}, verify_token=verify)


def test_an_asynchronous_callback_lets_nobody_in() -> None:
    async def verify(token: str) -> bool:
        return False

    class Promise:
        """Awaitable, and true as every object."""

        def __await__(self) -> Any:
            raise AssertionError

    for callback in (verify, lambda token: Promise()):
        with pytest.raises(TypeError, match="takes synchronous callbacks"):
            evaluate(cookies={"access_token": "x"}, verify_token=callback)


def test_a_decision_travels() -> None:
    decision = AuthDecision("forbidden", AuthMode.ADMIN, "role", Principal("ada"))
    assert pickle.loads(pickle.dumps(decision)) == decision
