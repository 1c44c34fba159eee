"""`mic.http.principal`: who calls, and what claims say about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mic.http.principal import Principal, principal_of


@dataclass(frozen=True)
class Claims:
    """What a verifier of tokens gives."""

    iss: str = "orders"
    sub: str | None = None
    exp: int = 1_700_000_000
    scopes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def test_takes_any_collection_of_names_as_a_set() -> None:
    principal = Principal("ada", roles=["a", "b"], scopes=("x",))  # type: ignore[arg-type]  # what callers do
    assert principal.roles == frozenset({"a", "b"})
    assert principal.scopes == frozenset({"x"})
    assert (principal.kind, principal.issuer, principal.tenant_id) == ("user", None, None)


@pytest.mark.parametrize("names", ["admin", {"admin": True}, None, 5])
def test_refuses_what_is_no_collection_of_names(names: Any) -> None:
    with pytest.raises(TypeError, match="roles of a principal must be a collection"):
        Principal("ada", roles=names)


def test_refuses_names_that_are_none() -> None:
    with pytest.raises(TypeError, match="scopes of a principal must hold strings only"):
        Principal("ada", scopes=frozenset([1]))  # type: ignore[list-item]  # the mistake under test


@pytest.mark.parametrize("subject", [None, 7, b"ada"])
def test_refuses_a_subject_that_is_no_text(subject: Any) -> None:
    with pytest.raises(TypeError, match="subject of a principal must be a string"):
        Principal(subject)


def test_refuses_an_empty_subject_and_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Principal("")
    with pytest.raises(ValueError, match="'user' or 'service'"):
        Principal("ada", kind="robot")  # type: ignore[arg-type]  # the mistake under test


def test_can_be_a_key_and_does_not_show_its_claims() -> None:
    principal = Principal("ada", claims={"password": "canary"})
    assert {principal: 1}[principal] == 1
    assert "canary" not in repr(principal)


def test_reads_an_object_of_claims() -> None:
    claims = Claims(sub="billing", scopes=("read", "write"))
    principal = principal_of(claims)
    assert principal == Principal(
        "billing",
        kind="service",
        issuer="orders",
        scopes=frozenset({"read", "write"}),
        expires_at=1_700_000_000.0,
        claims=claims,
    )
    assert principal.claims is claims


def test_the_issuer_is_the_subject_where_there_is_none() -> None:
    assert principal_of(Claims()).subject == "orders"
    assert principal_of({"iss": "orders", "sub": " "}).subject == "orders"


def test_reads_a_mapping_of_claims() -> None:
    principal = principal_of(
        {"sub": "s", "roles": ["ops", 5], "scope": "a b", "scopes": {"c"}, "tenant_id": "t"}
    )
    assert principal.roles == frozenset({"ops"})
    assert principal.scopes == frozenset({"a", "b", "c"})
    assert principal.tenant_id == "t"
    assert principal.issuer is None
    assert principal.expires_at is None


def test_looks_into_the_extra_claims_of_an_object() -> None:
    claims = Claims(extra={"roles": ["ops"], "tenant_id": "t", "scope": "x y"})
    principal = principal_of(claims)
    assert principal.roles == frozenset({"ops"})
    assert principal.tenant_id == "t"
    assert principal.scopes == frozenset({"x", "y"})


@pytest.mark.parametrize("exp", [True, "5", None, float("nan"), float("inf"), 2**53, 10**400, -1])
def test_guesses_no_time(exp: Any) -> None:
    assert principal_of({"sub": "s", "exp": exp, "roles": 5}).expires_at is None


@pytest.mark.parametrize("exp", [0, 1, 2**53 - 1, 1.5])
def test_takes_a_time(exp: float) -> None:
    assert principal_of({"sub": "s", "exp": exp}).expires_at == exp


@pytest.mark.parametrize("claims", [{}, {"sub": 5}, {"sub": ""}, None, True, "ada", object()])
def test_refuses_claims_that_name_nobody(claims: Any) -> None:
    with pytest.raises(TypeError, match="'sub' or an 'iss'"):
        principal_of(claims)
