"""`mic.http._inquiry`: what follows from everything that was found out."""

import pytest

from mic.http._auth_mode import AuthMode
from mic.http._auth_steps import AuthDecision
from mic.http._inquiry import Inquiry, forbidden
from mic.http.principal import Principal
from mic.model import ConfigurationError, ForbiddenError, TransientError, UnauthorizedError

USER = Principal("ada")
SERVICE = Principal("billing", kind="service")


def inquiry(mode: AuthMode = AuthMode.USER) -> Inquiry:
    return Inquiry(mode, "admin")


def test_takes_only_a_principal_that_satisfies_the_mode() -> None:
    assert inquiry().accepts(USER)
    asked = inquiry()
    assert not asked.accepts(SERVICE)
    assert asked.answered
    with pytest.raises(ForbiddenError, match="not allowed") as caught:
        asked.conclude()
    assert caught.value.code == "auth.forbidden"
    assert caught.value.details == {"reason": "kind"}


def test_nothing_found_is_missing_credentials() -> None:
    with pytest.raises(UnauthorizedError, match="authentication is required") as caught:
        inquiry().conclude()
    assert caught.value.code == "auth.missing_credentials"


def test_an_optional_route_is_content_with_nobody_but_not_with_a_bad_credential() -> None:
    asked = inquiry(AuthMode.OPTIONAL)
    asked.conclude()
    asked.refusals.append(UnauthorizedError(message="bad"))
    with pytest.raises(UnauthorizedError, match="bad"):
        asked.conclude()


def test_an_anonymous_pass_of_a_gate_does_not_excuse_a_bad_credential() -> None:
    assert not inquiry(AuthMode.OPTIONAL).takes(AuthDecision("proceed", AuthMode.OPTIONAL))
    assert inquiry(AuthMode.OPTIONAL).takes(
        AuthDecision("proceed", AuthMode.OPTIONAL, principal=USER)
    )
    assert inquiry().takes(AuthDecision("proceed", AuthMode.USER))


def test_knows_whether_anybody_could_tell() -> None:
    for reason, answered in (("no_verifier", False), ("no_credentials", True)):
        asked = inquiry()
        assert not asked.takes(AuthDecision("missing_credentials", AuthMode.USER, reason))
        assert asked.answered is answered
        assert asked.refusals == []


def test_a_refusal_keeps_its_error_or_gets_one() -> None:
    asked = inquiry()
    error = UnauthorizedError(code="tokens.expired", message="expired")
    asked.takes(AuthDecision("missing_credentials", AuthMode.USER, "tokens.expired"), error)
    asked.takes(AuthDecision("missing_credentials", AuthMode.USER, "invalid_credentials"))
    assert [refusal.code for refusal in asked.refusals] == [
        "tokens.expired",
        "auth.invalid_credentials",
    ]
    with pytest.raises(UnauthorizedError, match="expired"):
        asked.conclude()


@pytest.mark.parametrize(
    ("reason", "expected"), [("role", "role"), (None, "role"), ("kind", "kind")]
)
def test_forbidden_keeps_its_reason(reason: str | None, expected: str) -> None:
    asked = inquiry()
    asked.takes(AuthDecision("forbidden", AuthMode.USER, reason))
    with pytest.raises(ForbiddenError, match="not allowed") as caught:
        asked.conclude()
    assert caught.value.details == {"reason": expected}


def test_who_could_not_tell_comes_first_and_who_is_known_second() -> None:
    asked = inquiry()
    asked.refusals.append(UnauthorizedError(message="bad"))
    asked.accepts(SERVICE)
    with pytest.raises(ForbiddenError, match="not allowed"):
        asked.conclude()
    for error in (ConfigurationError(message="down"), TransientError(message="later")):
        asked.refusals.append(error)
        with pytest.raises(ConfigurationError, match="down"):
            asked.conclude()


def test_forbidden_is_a_403() -> None:
    assert forbidden("kind").http_status_code == 403
