import copy
import pickle
import sys
from typing import Any, Literal

import jwt
import pytest

from mic.auth import MIN_SECRET_BYTES, ServiceKey
from mic.auth.keys import material_of, secret_key

SECRET = "a-canary-that-must-not-be-seen-anywhere"
ASYMMETRIC: tuple[Literal["EdDSA", "ES256"], ...] = ("EdDSA", "ES256")


def test_a_shared_secret() -> None:
    key = ServiceKey.hs256(SECRET, kid="k1")
    assert (key.kid, key.algorithm, key.can_sign) == ("k1", "HS256", True)
    assert not key.accept_without_kid
    assert ServiceKey.hs256(SECRET, kid="k1", accept_without_kid=True).accept_without_kid
    assert MIN_SECRET_BYTES == 32
    with pytest.raises(ValueError, match=r"ServiceKey\.hs256: secret must have at least 32"):
        ServiceKey.hs256("short", kid="k1")
    ServiceKey.hs256("short", kid="k1", allow_weak_secret=True)
    assert secret_key(SECRET, "X: y", allow_weak=False).algorithm == "HS256"


@pytest.mark.parametrize("kid", ["", "a b", "x" * 129, 1])
def test_a_name_that_is_none(kid: Any) -> None:
    with pytest.raises(ValueError, match="ServiceKey: kid must be 1 to 128 characters"):
        ServiceKey.hs256(SECRET, kid=kid)


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_a_new_key(algorithm: Literal["EdDSA", "ES256"]) -> None:
    key = ServiceKey.generate(algorithm)
    assert (key.algorithm, key.can_sign) == (algorithm, True)
    public = key.public()
    assert (public.kid, public.algorithm, public.can_sign) == (key.kid, algorithm, False)
    assert ServiceKey.from_pem(key.to_pem()).kid == key.kid
    assert ServiceKey.from_pem(key.to_pem().decode(), kid="mine").kid == "mine"
    assert ServiceKey.from_pem(key.to_pem(password=b"p"), password=b"p").can_sign
    assert ServiceKey.from_jwk(key.to_jwk()).kid == key.kid
    assert jwt.PyJWK(key.to_jwk()).algorithm_name == algorithm


def test_the_default_is_eddsa() -> None:
    assert ServiceKey.generate().algorithm == "EdDSA"


def test_the_name_is_the_thumbprint() -> None:
    # RFC 8037, appendix A.3
    key = ServiceKey.from_jwk(
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    )
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_public_members() -> None:
    assert set(ServiceKey.generate("EdDSA").to_jwk()) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert set(ServiceKey.generate("ES256").to_jwk()) == {
        *("kty", "crv", "x", "y", "kid", "use", "alg")
    }


@pytest.mark.parametrize("change", [{"alg": "ES256"}, {"alg": "HS256"}, {"use": "enc"}])
def test_a_jwk_for_something_else(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="alg or use of the jwk is for something else"):
        ServiceKey.from_jwk({**ServiceKey.generate().to_jwk(), **change})


def test_it_is_made_by_its_class_methods_only() -> None:
    with pytest.raises(TypeError, match="is made by hs256, generate, from_pem or from_jwk"):
        ServiceKey()


def test_it_can_not_be_changed() -> None:
    key = ServiceKey.hs256(SECRET, kid="k1")
    with pytest.raises(AttributeError, match="can not be changed"):
        key.algorithm = "EdDSA"
    with pytest.raises(AttributeError, match="can not be changed"):
        del key.kid
    assert copy.copy(key) is copy.deepcopy(key) is key


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_can_not_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="can not be pickled"):
        pickle.dumps(ServiceKey.hs256(SECRET, kid="k1"), protocol)


def test_it_does_not_show_itself() -> None:
    key = ServiceKey.hs256(SECRET, kid="k1")
    assert repr(key) == "ServiceKey(kid='k1', algorithm='HS256')"
    assert SECRET not in repr(material_of(key))
    for leak in (key.public, key.to_jwk, key.to_pem):
        with pytest.raises(ValueError, match="a shared secret") as caught:
            leak()
        assert SECRET not in str(caught.value)
    private = ServiceKey.generate()
    assert "d" not in private.to_jwk()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mic.auth._asymmetric", raising=False)
    monkeypatch.delattr("mic.auth._asymmetric", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ImportError, match=r"ServiceKey\.generate needs mic-auth\[oidc\]"):
        ServiceKey.generate()
    with pytest.raises(ImportError, match=r"ServiceKey\.from_pem needs mic-auth\[oidc\]"):
        ServiceKey.from_pem("x")
    with pytest.raises(ImportError, match=r"ServiceKey\.from_jwk needs mic-auth\[oidc\]"):
        ServiceKey.from_jwk({})
    assert ServiceKey.hs256(SECRET, kid="k1").can_sign
