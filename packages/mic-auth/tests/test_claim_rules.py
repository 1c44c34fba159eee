from dataclasses import replace
from typing import Any

import pytest

from mic.auth._claim_rules import Checked, Rules, check_claims
from mic.auth._frozen import EMPTY
from mic.auth._refusals import RefusalError

NOW = 1_000_000
RULES = Rules(audience="stock", leeway=30, max_age=None, needs_subject=False, needs_id=False)
GOOD = {"iss": "orders", "aud": "stock", "iat": NOW, "exp": NOW + 100}
ABSENT: Any = object()


def check(changes: dict[str, Any] | None = None, *, now: float = NOW, **rules: Any) -> Checked:
    payload = {**GOOD, **(changes or {})}
    payload = {name: value for name, value in payload.items() if value is not ABSENT}
    return check_claims(payload, "orders", replace(RULES, **rules), now)


def reason(changes: dict[str, Any] | None = None, *, now: float = NOW, **rules: Any) -> str:
    with pytest.raises(RefusalError, match=r"^[a-z_]+$") as caught:
        check(changes, now=now, **rules)
    return caught.value.reason


def test_good_claims() -> None:
    claims, first, until = check()
    assert (claims.iss, claims.aud, claims.iat, claims.exp) == ("orders", "stock", NOW, NOW + 100)
    assert (claims.sub, claims.jti, claims.scopes) == (None, None, ())
    assert claims.extra is EMPTY
    assert (first, until) == (NOW - 30, NOW + 130)


def test_everything_that_can_be_there() -> None:
    claims = check(
        {"sub": " é ", "jti": "j", "scope": "a b", "nbf": NOW, "roles": ["r"], "x": {"y": 1}}
    ).claims
    assert (claims.sub, claims.jti, claims.scopes) == (" é ", "j", ("a", "b"))
    assert claims.extra == {"scope": "a b", "roles": ["r"], "x": {"y": 1}}


@pytest.mark.parametrize("name", ["aud", "iat", "exp"])
def test_missing_claims(name: str) -> None:
    assert reason({name: ABSENT}) == "missing_claim"


def test_a_missing_id() -> None:
    assert reason(needs_id=True) == "missing_claim"
    assert check({"jti": "j"}, needs_id=True).claims.jti == "j"


@pytest.mark.parametrize("name", ["iat", "exp", "nbf"])
@pytest.mark.parametrize(
    "value",
    [None, True, "1", [1], {}, -1, -0.5, 2**53, 1e300, float("nan"), float("inf")],
)
def test_numbers_that_are_none(name: str, value: object) -> None:
    assert reason({name: value}) == "malformed"


@pytest.mark.parametrize("name", ["sub", "jti"])
@pytest.mark.parametrize("value", [None, 1, ["a"], "x" * 257, "a\x00", "a\n", "\x85"])
def test_names_that_are_none(name: str, value: object) -> None:
    assert reason({name: value}) == "malformed"


def test_an_empty_id() -> None:
    assert reason({"jti": ""}) == "malformed"


@pytest.mark.parametrize("value", [None, 1, {}, ["stock", 1], [None], ["a"] * 9])
def test_audiences_that_are_none(value: object) -> None:
    assert reason({"aud": value}) == "malformed"


@pytest.mark.parametrize("value", ["", "Stock", "stock ", [], ["a", "b"], ["a"] * 8])
def test_other_audiences(value: object) -> None:
    assert reason({"aud": value}) == "invalid_audience"


def test_ours_among_audiences() -> None:
    assert check({"aud": ["a", "stock"]}).claims.aud == "stock"


def test_floats_are_floored() -> None:
    claims, first, until = check({"iat": NOW - 0.5, "exp": NOW + 9.9, "nbf": NOW - 0.1})
    assert (claims.iat, claims.exp, first, until) == (NOW - 1, NOW + 9, NOW - 31, NOW + 39)


def test_the_edges_of_time() -> None:
    check(now=NOW + 129.999)
    assert reason(now=NOW + 130) == "expired"
    check(now=NOW - 30)
    assert reason(now=NOW - 30.001) == "not_yet_valid"
    check({"nbf": NOW + 50}, now=NOW + 20)
    assert reason({"nbf": NOW + 50}, now=NOW + 19.9) == "not_yet_valid"
    check({"exp": NOW + 9999}, max_age=60, now=NOW + 89.9)
    assert reason({"exp": NOW + 9999}, max_age=60, now=NOW + 90) == "expired"
    assert check(max_age=60).until == NOW + 90
    assert check(max_age=600).until == NOW + 130


def test_a_clock_without_a_reading_lets_nobody_in() -> None:
    assert reason(now=float("nan")) == "expired"


@pytest.mark.parametrize("subject", [ABSENT, "", " ", "\u2003"])
def test_a_subject_that_is_needed(subject: object) -> None:
    assert reason({"sub": subject}, needs_subject=True) == "missing_subject"
    check({"sub": subject})


def test_a_subject_that_is_there() -> None:
    assert check({"sub": " admin "}, needs_subject=True).claims.sub == " admin "


@pytest.mark.parametrize("scope", ["", "a  b", "*", ["a"], None, 1])
def test_malformed_scopes(scope: object) -> None:
    assert reason({"scope": scope}) == "invalid_scope"


def test_the_order() -> None:
    everything = {"exp": 1, "aud": "x", "scope": "*"}
    assert reason({**everything, "iat": ABSENT}) == "missing_claim"
    assert reason({**everything, "iat": "x"}) == "malformed"
    assert reason(everything) == "invalid_audience"
    assert reason({**everything, "aud": "stock"}, needs_subject=True) == "expired"
    assert reason({"scope": "*"}, needs_subject=True) == "missing_subject"
