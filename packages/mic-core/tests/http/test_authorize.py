"""`mic.http._authorize`: no handler without a positive decision for exactly its route."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from mic.http._auth_mode import AuthMode
from mic.http._auth_steps import AuthDecision
from mic.http._authorize import Authorization, compile_authorization
from mic.http.authenticators import (
    basic_authenticator,
    bearer_authenticator,
    composite_authenticator,
)
from mic.http.context import RequestState
from mic.http.options import HttpOptions
from mic.http.principal import Principal
from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError
from mic.model import DomainError, ForbiddenError, TransientError, UnauthorizedError

USER = Principal("ada", scopes=frozenset({"read"}), roles=frozenset({"clerk"}))
ADMIN = Principal("root", roles=frozenset({"admin"}))
SERVICE = Principal("billing", kind="service")
PEOPLE = {"user": USER, "admin": ADMIN, "service": SERVICE}

MakeGate = Callable[..., Authorization]


def spec(auth: AuthMode = AuthMode.USER, **options: Any) -> HttpRouteSpec:
    return HttpRouteSpec("GET", "/x", "things.get", "things", lambda: None, auth=auth, **options)


def by_token(token: str) -> Principal | None:
    if token == "down":
        raise TransientError(message="the verifier is down")
    if token == "crash":
        raise KeyError("bug")
    return PEOPLE.get(token)


def compiled(
    auth: AuthMode = AuthMode.USER, *, authenticator: Any = None, **options: Any
) -> Authorization:
    gate = compile_authorization(spec(auth, **options), HttpOptions(authenticator=authenticator))
    assert gate is not None
    return gate


def request(token: str | None = None, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    raw = list(headers)
    if token is not None:
        raw.append((b"authorization", f"Bearer {token}".encode()))
    return {"type": "http", "method": "GET", "path": "/x", "headers": raw}


async def admit(gate: Authorization, token: str | None = None) -> Principal | None:
    state = RequestState()
    await gate(request(token), state)
    return state.principal


def known(principal: Principal) -> RequestState:
    state = RequestState()
    state.principal = principal
    return state


class Gate:
    """A gate around the route."""

    def __init__(self, outcome: AuthDecision | DomainError) -> None:
        self.outcome = outcome
        self.modes: list[AuthMode] = []

    async def decide(self, context: HttpRequestContext, mode: AuthMode) -> AuthDecision:
        self.modes.append(mode)
        if isinstance(self.outcome, DomainError):
            raise self.outcome
        return self.outcome


def proceed(principal: Principal | None = None) -> AuthDecision:
    return AuthDecision("proceed", AuthMode.USER, None, principal)


BY_TOKEN = bearer_authenticator(by_token)


def test_a_public_route_needs_no_gate() -> None:
    assert compile_authorization(spec(AuthMode.PUBLIC), HttpOptions()) is None


@pytest.mark.parametrize("auth", [AuthMode.PUBLIC, AuthMode.OPTIONAL])
@pytest.mark.parametrize("grants", [{"scopes": ("read",)}, {"roles": ("clerk",)}])
async def test_an_open_route_with_grants_has_to_know_its_caller(
    auth: AuthMode, grants: dict[str, Any]
) -> None:
    gate = compiled(auth, authenticator=BY_TOKEN, **grants)
    assert await admit(gate, "user") is USER
    with pytest.raises(UnauthorizedError, match="authentication is required"):
        await admit(gate)
    with pytest.raises(ForbiddenError, match=r"not allowed|scope that is needed"):
        await admit(gate, "service")


@pytest.mark.parametrize("scope", ["", "a b", 'a"b', "a\\b", "\u00e9"])
def test_a_scope_is_a_scope_token(scope: str) -> None:
    with pytest.raises(RouteDefinitionError, match=r"'things.get'.*is not a scope"):
        compile_authorization(spec(scopes=(scope,)), HttpOptions())


@pytest.mark.parametrize(
    ("mode", "who", "reason"),
    [
        (AuthMode.USER, "service", "kind"),
        (AuthMode.SERVICE, "user", "kind"),
        (AuthMode.SERVICE, "admin", "kind"),
        (AuthMode.ADMIN, "user", "role"),
        (AuthMode.ADMIN, "service", "kind"),
    ],
)
async def test_the_wrong_caller_is_forbidden(mode: AuthMode, who: str, reason: str) -> None:
    with pytest.raises(ForbiddenError, match="not allowed") as caught:
        await admit(compiled(mode, authenticator=BY_TOKEN), who)
    assert caught.value.code == "auth.forbidden"
    assert caught.value.details == {"reason": reason}


@pytest.mark.parametrize(
    ("mode", "who"),
    [
        (AuthMode.USER, "user"),
        (AuthMode.USER, "admin"),
        (AuthMode.ADMIN, "admin"),
        (AuthMode.SERVICE, "service"),
        (AuthMode.AUTHENTICATED, "user"),
        (AuthMode.AUTHENTICATED, "service"),
        (AuthMode.OPTIONAL, "user"),
    ],
)
async def test_the_right_caller_passes(mode: AuthMode, who: str) -> None:
    assert await admit(compiled(mode, authenticator=BY_TOKEN), who) is PEOPLE[who]


async def test_the_administrator_s_role_is_that_of_the_options() -> None:
    options = HttpOptions(authenticator=BY_TOKEN, admin_role="clerk")
    gate = compile_authorization(spec(AuthMode.ADMIN), options)
    assert gate is not None
    assert await admit(gate, "user") is USER
    with pytest.raises(ForbiddenError, match="not allowed"):
        await admit(gate, "admin")


@pytest.mark.parametrize("mode", [mode for mode in AuthMode if mode is not AuthMode.PUBLIC])
async def test_a_bad_credential_is_a_401_in_every_mode(mode: AuthMode) -> None:
    gate = compiled(mode, authenticator=BY_TOKEN)
    with pytest.raises(UnauthorizedError, match="not valid") as caught:
        await admit(gate, "bad")
    assert caught.value.code == "auth.invalid_credentials"
    assert caught.value.headers == {"WWW-Authenticate": "Bearer"}


async def test_no_credential() -> None:
    assert await admit(compiled(AuthMode.OPTIONAL, authenticator=BY_TOKEN)) is None
    for mode in (AuthMode.USER, AuthMode.ADMIN, AuthMode.SERVICE, AuthMode.AUTHENTICATED):
        with pytest.raises(UnauthorizedError, match="required") as caught:
            await admit(compiled(mode, authenticator=BY_TOKEN))
        assert caught.value.code == "auth.missing_credentials"


async def test_a_verifier_that_can_not_tell_is_a_503_and_a_fault_stays_one() -> None:
    with pytest.raises(TransientError, match="down"):
        await admit(compiled(authenticator=BY_TOKEN), "down")
    with pytest.raises(KeyError, match="bug"):
        await admit(compiled(authenticator=BY_TOKEN), "crash")


async def test_two_authorization_lines_are_refused_whoever_is_known() -> None:
    state = RequestState()
    state.principal = USER
    with pytest.raises(UnauthorizedError, match="more than once") as caught:
        await compiled()(request("user", (b"authorization", b"Bearer user")), state)
    assert caught.value.code == "auth.ambiguous_credentials"
    assert caught.value.headers["WWW-Authenticate"] == "Bearer"


async def test_the_challenge_is_the_authenticator_s_unless_the_error_has_one() -> None:
    basic = basic_authenticator(lambda user, password: True, realm="r")
    gate = compiled(authenticator=composite_authenticator(BY_TOKEN, basic))
    assert gate.challenge == 'Bearer, Basic realm="r", charset="UTF-8"'
    with pytest.raises(UnauthorizedError, match="required") as caught:
        await admit(gate)
    assert caught.value.headers == {"WWW-Authenticate": gate.challenge}

    def verify(token: str) -> Principal:
        raise UnauthorizedError(message="expired", headers={"www-authenticate": "Own"})

    with pytest.raises(UnauthorizedError, match="expired") as caught:
        await admit(compiled(authenticator=bearer_authenticator(verify)), "x")
    assert caught.value.headers == {"www-authenticate": "Own"}
    assert compiled().challenge == "Bearer"


async def test_any_role_and_every_scope() -> None:
    gate = compiled(authenticator=BY_TOKEN, roles=("boss", "clerk"), scopes=("read",))
    assert await admit(gate, "user") is USER
    with pytest.raises(ForbiddenError, match="not allowed") as caught:
        await admit(gate, "admin")
    assert caught.value.details == {"reason": "role"}
    gate = compiled(authenticator=BY_TOKEN, scopes=("read", "write"))
    with pytest.raises(ForbiddenError, match="scope that is needed") as caught:
        await admit(gate, "user")
    assert caught.value.code == "auth.insufficient_scope"
    assert caught.value.headers == {
        "WWW-Authenticate": 'Bearer error="insufficient_scope", scope="read write"'
    }


class TestOrder:
    async def test_who_is_known_already_is_not_asked_again(self) -> None:
        state = RequestState()
        state.principal = USER
        await compiled(authenticator=BY_TOKEN)(request("crash"), state)
        assert state.principal is USER

    async def test_who_is_known_as_another_kind_may_still_be_a_user(self) -> None:
        state = RequestState()
        state.principal = SERVICE
        await compiled(authenticator=BY_TOKEN)(request("user"), state)
        assert state.principal is USER
        state.principal = SERVICE
        with pytest.raises(ForbiddenError, match="not allowed"):
            await compiled()(request(), state)

    async def test_the_gates_are_asked_last_for_the_route_s_mode(self) -> None:
        state = RequestState()
        first = Gate(AuthDecision("missing_credentials", AuthMode.ADMIN, "no_credentials"))
        second = Gate(proceed(ADMIN))
        state.gates = (first, second)
        await compiled(AuthMode.ADMIN, authenticator=BY_TOKEN)(request("bad"), state)
        assert state.principal is ADMIN
        assert first.modes == second.modes == [AuthMode.ADMIN]

    async def test_a_gate_is_not_asked_when_the_authenticator_knows(self) -> None:
        state = RequestState()
        gate = Gate(proceed())
        state.gates = (gate,)
        await compiled(authenticator=BY_TOKEN)(request("user"), state)
        assert gate.modes == []

    async def test_a_positive_gate_without_principal_is_enough_for_the_mode_only(self) -> None:
        state = known(SERVICE)
        state.gates = (Gate(proceed()),)
        await compiled()(request(), state)
        assert state.principal is None
        with pytest.raises(ForbiddenError, match="not allowed") as caught:
            await compiled(roles=("clerk",))(request(), state)
        assert caught.value.details == {"reason": "role"}
        with pytest.raises(ForbiddenError, match="scope that is needed"):
            await compiled(scopes=("read",))(request(), state)

    async def test_an_anonymous_gate_does_not_excuse_a_bad_credential(self) -> None:
        state = RequestState()
        state.gates = (Gate(AuthDecision("proceed", AuthMode.OPTIONAL)),)
        gate = compiled(AuthMode.OPTIONAL, authenticator=BY_TOKEN)
        with pytest.raises(UnauthorizedError, match="not valid"):
            await gate(request("bad"), state)
        await gate(request(), state)
        assert state.principal is None

    @pytest.mark.parametrize(
        ("outcome", "expected", "code"),
        [
            (TransientError(message="down"), TransientError, "transient.unavailable"),
            (
                UnauthorizedError(code="tokens.old", message="down"),
                UnauthorizedError,
                "tokens.old",
            ),
            (AuthDecision("forbidden", AuthMode.USER, "role"), ForbiddenError, "auth.forbidden"),
            (
                AuthDecision("missing_credentials", AuthMode.USER, "no_credentials"),
                UnauthorizedError,
                "auth.missing_credentials",
            ),
            (
                AuthDecision("missing_credentials", AuthMode.USER, "tokens.old"),
                UnauthorizedError,
                "auth.invalid_credentials",
            ),
        ],
    )
    async def test_a_gate_that_refuses(
        self, outcome: AuthDecision | DomainError, expected: type[DomainError], code: str
    ) -> None:
        state = RequestState()
        state.gates = (Gate(outcome),)
        with pytest.raises(expected, match=r"down|not allowed|required|not valid") as caught:
            await compiled()(request(), state)
        assert caught.value.code == code
        assert state.principal is None


@pytest.mark.parametrize("mode", [mode for mode in AuthMode if mode is not AuthMode.PUBLIC])
async def test_nobody_to_ask_is_a_500_and_one_line_in_the_log(
    mode: AuthMode, caplog: pytest.LogCaptureFixture
) -> None:
    state = RequestState()
    state.gates = (Gate(AuthDecision("missing_credentials", mode, "no_verifier")),)
    for around in (RequestState(), state):
        caplog.clear()
        with pytest.raises(DomainError, match="Internal server error") as caught:
            await compiled(mode)(request("user"), around)
        assert caught.value.code == "http.auth_not_configured"
        assert caught.value.http_status_code == 500
        (record,) = caplog.records
        assert (record.name, record.levelno) == ("mic.http", logging.ERROR)
        assert "things.get" in record.getMessage()


async def test_the_context_knows_the_route_and_a_synchronous_authenticator_a_thread() -> None:
    class Spy:
        """Remembers what it was asked with."""

        challenge = "Spy"
        seen: HttpRequestContext | None = None
        thread: int | None = None

        def authenticate(self, context: HttpRequestContext) -> Principal:
            self.seen, self.thread = context, threading.get_ident()
            return USER

    spy = Spy()
    state = RequestState()
    state.route = spec()
    await compiled(authenticator=spy)(request("user"), state)
    assert spy.seen is not None
    assert spy.seen.route is state.route
    assert spy.seen.header("Authorization") == "Bearer user"
    assert spy.thread != threading.get_ident()


async def test_what_is_no_principal_lets_nobody_in() -> None:
    class Yes:
        """Says yes to everybody, and to nobody by name."""

        challenge = "Yes"

        async def authenticate(self, context: HttpRequestContext) -> Any:
            return True

    with pytest.raises(TypeError, match="must give a Principal or None"):
        await admit(compiled(authenticator=Yes()))
