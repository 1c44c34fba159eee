import base64
import json
import pickle
from typing import Any

import jwt
import pytest

from mic.auth import KeyRing, ServiceAuthSigner, ServiceKey
from mic.testing import ManualClock

SECRET = "a-canary-that-must-not-be-seen-anywhere"


def signer(clock: ManualClock, **options: Any) -> ServiceAuthSigner:
    usual: dict[str, Any] = {"secret": SECRET, "issuer": "orders", "time_fn": clock}
    return ServiceAuthSigner(**{**usual, **options})


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]
    return found[0], found[1]


def test_a_token_on_the_wire(clock: ManualClock) -> None:
    clock.advance(0.9)
    token = signer(clock).sign(audience="stock")
    header, claims = parts(token)
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert list(claims) == ["iss", "aud", "iat", "exp", "jti"]
    assert (claims["iss"], claims["aud"]) == ("orders", "stock")
    assert (claims["iat"], claims["exp"]) == (1_700_000_000, 1_700_003_600)
    assert len(claims["jti"]) == 32
    assert int(claims["jti"], 16)
    assert "=" not in token


def test_everything_that_can_be_said(clock: ManualClock) -> None:
    token = signer(clock, token_ttl_seconds=60).sign(
        audience=" stock ",
        subject=" Ünïcode ",
        jti="mine",
        extra_claims={"tenant_id": "t", "deep": {"a": [1, None]}},
        scopes=["items:read", "items:write"],
        ttl_seconds=5,
    )
    _, claims = parts(token)
    assert list(claims) == [
        *("iss", "aud", "iat", "exp", "jti", "sub", "scope", "tenant_id", "deep")
    ]
    assert (claims["aud"], claims["sub"], claims["jti"]) == (" stock ", " Ünïcode ", "mine")
    assert claims["scope"] == "items:read items:write"
    assert claims["exp"] - claims["iat"] == 5


@pytest.mark.parametrize("scope", ["a b", ["a", "b"], ("a", "b")])
def test_scope_among_the_further_claims_means_scopes(clock: ManualClock, scope: object) -> None:
    _, claims = parts(signer(clock).sign(audience="stock", extra_claims={"scope": scope}))
    assert claims["scope"] == "a b"


def test_no_scopes_no_claim(clock: ManualClock) -> None:
    assert "scope" not in parts(signer(clock).sign(audience="stock", scopes=[]))[1]


def test_a_ring_names_its_key(clock: ManualClock) -> None:
    eddsa, es256 = ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")
    ring = KeyRing([ServiceKey.hs256(SECRET, kid="k1"), eddsa, es256])
    mine = signer(clock, secret=None, keys=ring)
    for kid, algorithm in (("k1", "HS256"), (eddsa.kid, "EdDSA"), (es256.kid, "ES256")):
        ring.promote(kid)
        header, _ = parts(mine.sign(audience="stock"))
        assert header == {"alg": algorithm, "kid": kid, "typ": "JWT"}
        assert list(header) == ["alg", "kid", "typ"]


def test_plain_pyjwt_reads_it(clock: ManualClock) -> None:
    quiet: Any = {"verify_exp": False, "verify_iat": False}
    token = signer(clock).sign(audience="stock")
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="stock", options=quiet)
    assert claims["iss"] == "orders"
    for key in (ServiceKey.generate("EdDSA"), ServiceKey.generate("ES256")):
        token = signer(clock, secret=None, keys=KeyRing([key])).sign(audience="stock")
        public = jwt.PyJWK(key.to_jwk())
        claims = jwt.decode(
            token, public, algorithms=[key.algorithm], audience="stock", options=quiet
        )
        assert claims["iss"] == "orders"


def test_sign_is_always_new_and_token_is_not(clock: ManualClock) -> None:
    mine = signer(clock, token_ttl_seconds=100, reuse_fraction=0.5)
    assert mine.sign(audience="a") != mine.sign(audience="a")
    first = mine.token(audience="a", scopes=["x", "y"])
    assert mine.token(audience="a", scopes=("x", "y")) == first
    for other in (
        mine.token(audience="a"),
        mine.token(audience="b", scopes=["x", "y"]),
        mine.token(audience="a", subject="s", scopes=["x", "y"]),
        mine.token(audience="a", scopes=["y", "x"]),
    ):
        assert other != first
    clock.advance(49.9)
    assert mine.token(audience="a", scopes=["x", "y"]) == first
    clock.advance(0.1)
    assert mine.token(audience="a", scopes=["x", "y"]) != first


def test_a_clock_that_is_set_back_makes_a_new_token(clock: ManualClock) -> None:
    mine = signer(clock)
    first = mine.token(audience="a")
    clock.jump(-10)
    again = mine.token(audience="a")
    assert again != first
    assert parts(again)[1]["iat"] == 1_700_000_000 - 10


def test_a_changed_ring_makes_a_new_token(clock: ManualClock) -> None:
    ring = KeyRing([ServiceKey.hs256(SECRET, kid="k1")])
    mine = signer(clock, secret=None, keys=ring)
    first = mine.token(audience="a")
    assert mine.token(audience="a") == first
    ring.add(ServiceKey.hs256(SECRET[::-1], kid="k2"))
    ring.promote("k2")
    assert parts(mine.token(audience="a"))[0]["kid"] == "k2"


def test_the_least_recently_used_token_goes_first(clock: ManualClock) -> None:
    mine = signer(clock, cache_size=2)
    first, second = mine.token(audience="a"), mine.token(audience="b")
    assert mine.token(audience="a") == first
    mine.token(audience="c")
    assert mine.token(audience="a") == first
    assert mine.token(audience="b") != second


def test_no_cache(clock: ManualClock) -> None:
    mine = signer(clock, cache_size=0)
    assert mine.token(audience="a") != mine.token(audience="a")
    never = signer(clock, reuse_fraction=0)
    assert never.token(audience="a") != never.token(audience="a")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"secret": None}, "secret or keys must be given"),
        ({"secret": ""}, "secret must not be empty"),
        ({"secret": "weak"}, "secret must have at least 32 bytes"),
        ({"issuer": " "}, "issuer must not be empty or blank"),
        ({"token_ttl_seconds": 0}, "token_ttl_seconds must be at least 1"),
        ({"keys": KeyRing([])}, "secret and keys must not both be given"),
        ({"keys": KeyRing([]), "secret": None}, "keys has no key that can sign"),
        ({"reuse_fraction": 1}, "reuse_fraction must be from 0 up to below 1"),
        ({"reuse_fraction": -0.1}, "reuse_fraction must be from 0"),
        ({"reuse_fraction": float("nan")}, "reuse_fraction must be from 0"),
        ({"cache_size": -1}, "cache_size must be at least 0"),
    ],
)
def test_the_constructor_refuses(clock: ManualClock, options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=f"ServiceAuthSigner: {match}"):
        signer(clock, **options)


def test_a_weak_secret_for_tests(clock: ManualClock) -> None:
    assert signer(clock, secret="weak", allow_weak_secret=True).sign(audience="a")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"audience": ""}, "audience must not be empty"),
        ({"subject": ""}, "subject must not be empty"),
        ({"subject": "  "}, "subject must not be empty"),
        ({"subject": "a\n"}, "subject must have at most 256"),
        ({"jti": ""}, "jti must not be empty"),
        ({"jti": "x" * 257}, "jti must have at most 256"),
        ({"ttl_seconds": 0}, "ttl_seconds must be at least 1"),
        ({"scopes": ["a b"]}, "scopes must be at most 64"),
        ({"extra_claims": {"scope": "a  b"}}, "scope of extra_claims must be at most 64"),
        ({"extra_claims": {"scope": "a"}, "scopes": ["a"]}, "both give scopes"),
        *(
            ({"extra_claims": {name: 1}}, "extra_claims must not hold any of aud, exp, iat")
            for name in ("iss", "aud", "iat", "exp", "sub", "jti", "nbf")
        ),
        ({"extra_claims": {"x": float("nan")}}, "extra_claims must be JSON"),
        ({"extra_claims": {"x": "\ud800"}}, "extra_claims must be JSON"),
        ({"extra_claims": {"x": object()}}, "extra_claims must be JSON"),
    ],
)
def test_sign_refuses(clock: ManualClock, options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        signer(clock).sign(**{"audience": "stock", **options})
    assert caught.value.__context__ is None


def test_types_that_are_refused(clock: ManualClock) -> None:
    mine = signer(clock)
    wrong: Any = "read"
    with pytest.raises(TypeError, match="scopes must be a collection of scopes, not one string"):
        mine.sign(audience="a", scopes=wrong)
    with pytest.raises(TypeError, match="scopes must be a collection of scopes, not one string"):
        mine.token(audience="a", scopes=wrong)
    names: Any = {1: 2}
    with pytest.raises(TypeError, match="extra_claims must have names of text"):
        mine.sign(audience="a", extra_claims=names)


def test_a_ring_that_lost_its_key(clock: ManualClock) -> None:
    class Losing(KeyRing):
        lost = False

        @property
        def current(self) -> ServiceKey | None:
            return None if self.lost else super().current

    ring = Losing([ServiceKey.hs256(SECRET, kid="k1")])
    mine = signer(clock, secret=None, keys=ring)
    ring.lost = True
    with pytest.raises(ValueError, match="keys has no key that can sign"):
        mine.sign(audience="a")


def test_it_does_not_show_its_secret(clock: ManualClock) -> None:
    mine = signer(clock)
    assert repr(mine) == "ServiceAuthSigner(issuer='orders')"
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(mine)
