"""`mic.http._auth_steps`: every rule of a gate, without I/O."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._auth_mode import AuthMode
from mic.http._auth_steps import WANTED, AuthDecision, Rules, Topic, decide
from mic.http._calls import without_waiting
from mic.http.principal import Principal
from mic.model import UnauthorizedError

ALL: frozenset[Topic] = frozenset({"token", "role", "service"})
REFUSED = UnauthorizedError(code="tokens.expired", message="expired")
USER = Principal("ada")
ADMIN = Principal("root", roles=frozenset({"admin"}))
SERVICE = Principal("billing", kind="service")


def run(
    mode: AuthMode,
    *,
    token: str | None = None,
    service: str | None = None,
    answers: dict[Topic, Any] | None = None,
    presence_only: bool = False,
) -> tuple[AuthDecision, list[tuple[Topic, str]]]:
    """Decide; a topic that `answers` does not have has no callback."""
    answers = answers or {}
    asked: list[tuple[Topic, str]] = []

    def ask(topic: Topic, credential: str) -> Any:
        asked.append((topic, credential))
        if isinstance(answers[topic], Exception):
            raise answers[topic]
        return answers[topic]

    texts: dict[Topic, str | None] = {"token": token, "service": service}
    presented = [(topic, text) for topic in WANTED[mode] if (text := texts[topic])]
    rules = Rules(frozenset(answers), "admin", presence_only)
    decision, error = without_waiting(decide(mode, presented, rules, ask))
    refusals = [answers[topic] for topic, _ in asked if isinstance(answers[topic], Exception)]
    assert error is next(iter(refusals), None)
    return decision, asked


def outcome(*args: Any, **kwargs: Any) -> tuple[str, str | None, Principal | None]:
    decision, _ = run(*args, **kwargs)
    return decision.outcome, decision.reason, decision.principal


def test_a_public_path_asks_nobody() -> None:
    decision, asked = run(AuthMode.PUBLIC, token="t", answers={"token": False})
    assert decision == AuthDecision("proceed", AuthMode.PUBLIC)
    assert asked == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (True, ("proceed", None, None)),
        (USER, ("proceed", None, USER)),
        (SERVICE, ("forbidden", "kind", None)),
        (False, ("missing_credentials", "invalid_credentials", None)),
        (None, ("missing_credentials", "invalid_credentials", None)),
        ({"sub": "ada"}, ("proceed", None, None)),
        (REFUSED, ("missing_credentials", "tokens.expired", None)),
    ],
)
def test_user(answer: Any, expected: tuple[Any, ...]) -> None:
    assert outcome(AuthMode.USER, token="t", answers={"token": answer}) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (True, ("proceed", None, None)),
        (SERVICE, ("proceed", None, SERVICE)),
        (USER, ("forbidden", "kind", None)),
        (False, ("missing_credentials", "invalid_credentials", None)),
        ({"name": "x"}, ("proceed", None, None)),
        (REFUSED, ("missing_credentials", "tokens.expired", None)),
    ],
)
def test_service(answer: Any, expected: tuple[Any, ...]) -> None:
    assert outcome(AuthMode.SERVICE, service="s", answers={"service": answer}) == expected


def test_the_claims_of_a_service_name_it() -> None:
    _, _, principal = outcome(
        AuthMode.SERVICE, service="s", answers={"service": {"sub": "billing"}}
    )
    assert principal is not None
    assert (principal.subject, principal.kind) == ("billing", "service")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"token": True, "role": "admin"}, ("proceed", None, None)),
        ({"token": True, "role": "clerk"}, ("forbidden", "role", None)),
        ({"token": True, "role": None}, ("forbidden", "role", None)),
        ({"token": True, "role": REFUSED}, ("missing_credentials", "tokens.expired", None)),
        ({"token": True}, ("missing_credentials", "no_verifier", None)),
        ({"token": False, "role": "admin"}, ("missing_credentials", "invalid_credentials", None)),
        ({"role": "admin"}, ("missing_credentials", "no_verifier", None)),
        ({"token": ADMIN}, ("proceed", None, ADMIN)),
        ({"token": ADMIN, "role": "clerk"}, ("proceed", None, ADMIN)),
        ({"token": USER}, ("forbidden", "role", None)),
        ({"token": USER, "role": "clerk"}, ("forbidden", "role", None)),
        ({"token": SERVICE, "role": "admin"}, ("forbidden", "kind", None)),
    ],
)
def test_admin(answers: dict[Topic, Any], expected: tuple[Any, ...]) -> None:
    assert outcome(AuthMode.ADMIN, token="t", answers=answers) == expected


def test_the_role_that_was_found_goes_with_the_principal() -> None:
    _, _, principal = outcome(AuthMode.ADMIN, token="t", answers={"token": USER, "role": "admin"})
    assert principal == Principal("ada", roles=frozenset({"admin"}))


@pytest.mark.parametrize("mode", [AuthMode.AUTHENTICATED, AuthMode.OPTIONAL])
def test_either_credential_is_enough(mode: AuthMode) -> None:
    answers: dict[Topic, Any] = {"token": USER, "service": SERVICE}
    assert outcome(mode, token="t", answers=answers) == ("proceed", None, USER)
    assert outcome(mode, service="s", answers=answers) == ("proceed", None, SERVICE)
    answers = {"token": False, "service": SERVICE}
    assert outcome(mode, token="t", service="s", answers=answers) == ("proceed", None, SERVICE)
    answers = {"token": REFUSED, "service": False}
    assert outcome(mode, token="t", service="s", answers=answers) == (
        "missing_credentials",
        "tokens.expired",
        None,
    )
    answers = {"token": False}
    assert outcome(mode, token="t", answers=answers)[1] == "invalid_credentials"
    assert outcome(mode, service="s", answers=answers)[1] == "invalid_credentials"
    assert outcome(mode, service="s", answers={"role": "admin"})[1] == "no_verifier"


def test_nothing_sent() -> None:
    answers: dict[Topic, Any] = {"token": True, "role": "admin", "service": True}
    assert outcome(AuthMode.OPTIONAL, answers=answers) == ("proceed", None, None)
    assert outcome(AuthMode.OPTIONAL) == ("proceed", None, None)
    for mode in (AuthMode.USER, AuthMode.ADMIN, AuthMode.SERVICE, AuthMode.AUTHENTICATED):
        assert outcome(mode, answers=answers) == ("missing_credentials", "no_credentials", None)
        assert outcome(mode) == ("missing_credentials", "no_verifier", None)


def test_credentials_of_the_other_kind_do_not_count() -> None:
    answers: dict[Topic, Any] = {"token": True, "service": True}
    assert outcome(AuthMode.USER, service="s", answers=answers)[1] == "no_credentials"
    assert outcome(AuthMode.SERVICE, token="t", answers=answers)[1] == "no_credentials"


def test_presence_only_lets_any_text_pass_but_no_role() -> None:
    assert outcome(AuthMode.USER, token="?", presence_only=True) == ("proceed", None, None)
    assert outcome(AuthMode.SERVICE, service="?", presence_only=True) == ("proceed", None, None)
    assert outcome(AuthMode.USER, presence_only=True)[1] == "no_credentials"
    assert outcome(AuthMode.ADMIN, token="?", presence_only=True)[:2] == ("forbidden", "role")
    answers: dict[Topic, Any] = {"role": "admin"}
    assert outcome(AuthMode.ADMIN, token="?", answers=answers, presence_only=True)[0] == "proceed"
    answers = {"token": False}
    assert outcome(AuthMode.USER, token="?", answers=answers, presence_only=True)[1] == (
        "invalid_credentials"
    )


def test_asks_about_the_credential_that_was_sent() -> None:
    _, asked = run(AuthMode.ADMIN, token="t", answers={"token": True, "role": "admin"})
    assert asked == [("token", "t"), ("role", "t")]
    _, asked = run(AuthMode.SERVICE, token="t", service="s", answers={"service": True})
    assert asked == [("service", "s")]


async def test_waits_for_answers_that_take_time() -> None:
    async def later(answer: Any) -> Any:
        await asyncio.sleep(0)
        return answer

    answers: dict[Topic, Any] = {"token": USER, "role": "admin"}
    rules = Rules(frozenset(answers), "admin")
    decision, _ = await decide(
        AuthMode.ADMIN, [("token", "t")], rules, lambda topic, _: later(answers[topic])
    )
    assert decision.outcome == "proceed"
    assert decision.principal == Principal("ada", roles=frozenset({"admin"}))


ANSWERS = st.sampled_from([True, False, None, USER, ADMIN, SERVICE, REFUSED])


@given(
    mode=st.sampled_from(AuthMode),
    token=st.sampled_from([None, "t"]),
    service=st.sampled_from([None, "s"]),
    answers=st.fixed_dictionaries(
        {},
        optional={
            "token": ANSWERS,
            "service": ANSWERS,
            "role": st.sampled_from(["admin", None]),
        },
    ),
)
def test_only_a_positive_answer_lets_a_request_pass(
    mode: AuthMode, token: str | None, service: str | None, answers: dict[Topic, Any]
) -> None:
    decision, asked = run(mode, token=token, service=service, answers=answers)
    assert decision.mode is mode
    if decision.outcome == "proceed":
        positive = [answers[topic] for topic, _ in asked]
        anonymous = mode is AuthMode.OPTIONAL and not token and not service
        assert mode is AuthMode.PUBLIC or anonymous or positive[-1] not in (None, False, REFUSED)
    else:
        assert decision.reason is not None
        assert decision.principal is None
