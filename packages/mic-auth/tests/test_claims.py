import copy
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from mic.auth import ServiceAuthClaims
from mic.auth._frozen import EMPTY, FrozenDict
from mic.http import principal_of
from mic.model import ForbiddenError

Make = Callable[..., ServiceAuthClaims]


def test_what_is_not_given(claims_of: Make) -> None:
    claims = ServiceAuthClaims(iss="a", aud="b", iat=1, exp=2)
    assert (claims.sub, claims.jti, claims.scopes) == (None, None, ())
    assert claims.extra is EMPTY


def test_texts_are_kept_as_they_are(claims_of: Make) -> None:
    assert claims_of(sub=" admin ").sub == " admin "


def test_nothing_can_be_set(claims_of: Make) -> None:
    claims = claims_of(extra={"a": {"b": [1]}})
    with pytest.raises(ValidationError, match="frozen"):
        claims.sub = "x"
    with pytest.raises(TypeError, match="read-only"):
        claims.extra["a"]["b"].append(2)
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        claims_of(unknown=1)


def test_further_members_are_copied_and_dumped(claims_of: Make) -> None:
    given = {"a": {"b": [1]}}
    claims = claims_of(extra=given)
    given["a"]["b"].append(2)
    assert claims.extra == {"a": {"b": [1]}}
    assert type(claims.extra) is FrozenDict
    assert claims.model_dump()["extra"] == {"a": {"b": [1]}}
    assert ServiceAuthClaims.model_validate_json(claims.model_dump_json()) == claims
    assert copy.deepcopy(claims) == claims


def test_a_scope_that_is_held(claims_of: Make) -> None:
    claims_of(scopes=("items:read",)).require("items:read")


@pytest.mark.parametrize("scope", ["items:write", "items", "ITEMS:READ", "items:read:all"])
def test_a_scope_that_is_not_held(claims_of: Make, scope: str) -> None:
    with pytest.raises(ForbiddenError, match="does not have the scope") as caught:
        claims_of(scopes=("items:read",)).require(scope)
    assert caught.value.code == "service_auth.insufficient_scope"
    assert caught.value.http_status_code == 403
    assert caught.value.headers == {
        "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'
    }


def test_what_is_no_scope_is_a_mistake(claims_of: Make) -> None:
    with pytest.raises(ValueError, match="scope must be one scope"):
        claims_of().require('a" injected')


def test_a_principal_is_made_of_it(claims_of: Make) -> None:
    principal = principal_of(claims_of(scopes=("a",), extra={"scope": "a", "roles": ["r"]}))
    assert (principal.subject, principal.issuer) == ("user-1", "orders")
    assert principal.scopes == frozenset({"a"})
    assert principal.roles == frozenset({"r"})
