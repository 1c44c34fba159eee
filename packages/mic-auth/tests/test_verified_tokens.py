from collections.abc import Callable
from typing import Any

import pytest

from mic.auth import KeyRing, ServiceAuthClaims, ServiceKey
from mic.auth._claim_rules import Checked, Rules
from mic.auth._policy import Given, Policy, make_policy
from mic.auth._verified_tokens import VerifiedTokens

RULES = Rules(audience="stock", leeway=0, max_age=None, needs_subject=False, needs_id=False)


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing([ServiceKey.hs256("s" * 32, kid="k")])


@pytest.fixture
def policy(ring: KeyRing) -> Policy:
    given = Given(secrets=(), keys={"orders": ring}, rules=RULES, allowed_issuers=None)
    return make_policy("V", given)


def test_what_an_entry_depends_on(
    ring: KeyRing, policy: Policy, claims_of: Callable[..., ServiceAuthClaims]
) -> None:
    kept = VerifiedTokens(10)
    claims = claims_of()
    kept.keep(b"t", Checked(claims, 10, 20), policy=policy, source=ring, version=ring.version)
    kept.keep(b"s", Checked(claims, 10, 20), policy=policy, source=None, version=0)
    for digest in (b"t", b"s"):
        assert kept.find(digest, policy, 10) is claims
        assert kept.find(digest, policy, 19.999) is claims
        assert kept.find(digest, policy, 9.999) is None
        assert kept.find(digest, policy, 20) is None
        assert kept.find(digest, policy, float("nan")) is None
        other = make_policy("V", policy.given)
        assert kept.find(digest, other, 15) is None
    assert kept.find(b"x", policy, 15) is None
    ring.add(ServiceKey.hs256("t" * 32, kid="k2"))
    assert kept.find(b"t", policy, 15) is None
    assert kept.find(b"s", policy, 15) is claims
    kept.clear()
    assert kept.find(b"s", policy, 15) is None


def test_the_bound(policy: Policy, claims_of: Callable[..., ServiceAuthClaims]) -> None:
    kept = VerifiedTokens(2)
    checked = Checked(claims_of(), 0, 100)
    keep: dict[str, Any] = {"policy": policy, "source": None, "version": 0}
    for digest in (b"a", b"b", b"a", b"c"):
        kept.keep(digest, checked, **keep)
        assert len(kept) <= 2
    assert kept.find(b"b", policy, 1) is None
    assert kept.find(b"a", policy, 1) is not None
    assert kept.find(b"c", policy, 1) is not None


def test_nothing_is_kept(policy: Policy, claims_of: Callable[..., ServiceAuthClaims]) -> None:
    kept = VerifiedTokens(0)
    kept.keep(b"a", Checked(claims_of(), 0, 9), policy=policy, source=None, version=0)
    assert len(kept) == 0
