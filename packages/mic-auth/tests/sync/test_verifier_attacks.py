# Generated from async/test_verifier_attacks.py by "make unasync"; edit that file.
"""What a token may try: the list of RFC 8725, and whatever else claims can hold."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic.auth import (
    KeyRing,
    ServiceAuthError,
    ServiceAuthSigner,
    ServiceAuthVerifier,
    ServiceKey,
)
from mic.auth.keys import material_of
from mic.testing import ManualClock

SECRET = b"s" * 32
PRIVATE = ServiceKey.generate("EdDSA")
CURVE = ServiceKey.generate("ES256")
SHARED = ServiceKey.hs256("h" * 32, kid="shared")
MIGRATING = ServiceKey.hs256("m" * 32, kid="old", accept_without_kid=True)
NOW = 1_700_000_000
PAYLOAD = {"aud": "stock", "iat": NOW, "exp": NOW + 600}
Forge = Callable[..., str]


@pytest.fixture
def verifier(clock: ManualClock) -> ServiceAuthVerifier:
    """`shared` falls to the secrets; `a` and `b` have keys of their own."""
    return ServiceAuthVerifier(
        secrets=(SECRET.decode(),),
        audience="stock",
        allowed_issuers=("shared", "a", "b"),
        keys={
            "a": KeyRing([PRIVATE.public(), SHARED, MIGRATING]),
            "b": KeyRing([CURVE.public()]),
        },
        time_fn=clock,
    )


def code_of(verifier: ServiceAuthVerifier, token: str) -> str:
    with pytest.raises(ServiceAuthError, match="Token verification failed") as caught:
        verifier.verify(token)
    return caught.value.code.removeprefix("service_auth.")


def _signed(forge: Forge, key: ServiceKey, issuer: str, **header: Any) -> str:
    payload = {**PAYLOAD, "iss": issuer}
    head = {"alg": key.algorithm, "kid": key.kid, **header}
    message = forge(payload, header=head).rpartition(".")[0].encode()
    return forge(payload, header=head, signature=material_of(key).sign(message))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, "HS512", ["x"]])
@pytest.mark.parametrize("issuer", ["shared", "a", "b"])
def test_no_algorithm(
    verifier: ServiceAuthVerifier, forge: Forge, algorithm: Any, issuer: str
) -> None:
    token = forge({**PAYLOAD, "iss": issuer}, header={"alg": algorithm}, secret=SECRET)
    assert code_of(verifier, token) == "invalid_algorithm"
    unsigned = forge({**PAYLOAD, "iss": issuer}, header={"alg": algorithm}, signature=b"x")
    assert code_of(verifier, unsigned) == "invalid_algorithm"
    assert code_of(verifier, token.rpartition(".")[0] + ".") == "malformed"


@pytest.mark.parametrize(
    "confused",
    [
        PRIVATE.public().to_pem(),
        PRIVATE.public().to_pem().strip(),
        json.dumps(PRIVATE.to_jwk()).encode(),
        base64.urlsafe_b64decode(PRIVATE.to_jwk()["x"] + "="),
        b"",
    ],
    # not their own text: keys are new in every process
    ids=["pem", "stripped pem", "jwk", "raw", "empty"],
)
def test_a_public_key_as_secret(
    verifier: ServiceAuthVerifier, forge: Forge, confused: bytes
) -> None:
    header = {"alg": "HS256", "kid": PRIVATE.kid}
    token = forge({**PAYLOAD, "iss": "a"}, header=header, secret=confused)
    assert code_of(verifier, token) == "invalid_algorithm"


def test_the_algorithm_is_that_of_the_key(verifier: ServiceAuthVerifier, forge: Forge) -> None:
    assert (verifier.verify(_signed(forge, PRIVATE, "a"))).iss == "a"
    assert (verifier.verify(_signed(forge, CURVE, "b"))).iss == "b"
    swapped = _signed(forge, PRIVATE, "a", alg="ES256")
    assert code_of(verifier, swapped) == "invalid_algorithm"
    assert code_of(verifier, _signed(forge, SHARED, "a", alg="EdDSA")) == "invalid_algorithm"
    own = ServiceKey.generate("EdDSA")
    stolen_name = _signed(forge, own, "a", kid=PRIVATE.kid)
    assert code_of(verifier, stolen_name) == "invalid_signature"
    assert code_of(verifier, _signed(forge, own, "a")) == "unknown_key"
    assert code_of(verifier, _signed(forge, own, "a", jwk=own.to_jwk())) == "malformed"


def test_a_key_is_bound_to_its_issuer(verifier: ServiceAuthVerifier, forge: Forge) -> None:
    assert code_of(verifier, _signed(forge, PRIVATE, "b")) == "unknown_key"
    assert code_of(verifier, _signed(forge, CURVE, "a")) == "unknown_key"
    assert code_of(verifier, _signed(forge, PRIVATE, "b", kid=CURVE.kid)) == "invalid_algorithm"
    # The secrets are not for those who have keys, and keys are not for those who have secrets.
    for issuer in ("a", "b"):
        token = forge({**PAYLOAD, "iss": issuer}, secret=SECRET)
        assert code_of(verifier, token) in {"unknown_key", "invalid_signature"}
    assert code_of(verifier, _signed(forge, PRIVATE, "shared")) == "invalid_algorithm"
    assert code_of(verifier, _signed(forge, SHARED, "shared")) == "invalid_signature"
    assert code_of(verifier, _signed(forge, PRIVATE, "c")) == "invalid_issuer"


def test_a_token_without_a_name(verifier: ServiceAuthVerifier, forge: Forge) -> None:
    # Only a secret that was made for it takes such a token.
    good = forge({**PAYLOAD, "iss": "a"}, secret=b"m" * 32)
    assert (verifier.verify(good)).iss == "a"
    other = forge({**PAYLOAD, "iss": "a"}, secret=b"h" * 32)
    assert code_of(verifier, other) == "invalid_signature"
    assert code_of(verifier, forge({**PAYLOAD, "iss": "b"}, secret=b"m" * 32)) == ("unknown_key")
    nameless = {**PAYLOAD, "iss": "a"}
    message = forge(nameless, header={"alg": "EdDSA"}).rpartition(".")[0].encode()
    signed = forge(nameless, header={"alg": "EdDSA"}, signature=material_of(PRIVATE).sign(message))
    assert code_of(verifier, signed) == "invalid_algorithm"


def test_every_part_is_covered_by_the_signature(
    verifier: ServiceAuthVerifier, clock: ManualClock
) -> None:
    signer = ServiceAuthSigner(secret=SECRET.decode(), issuer="shared", time_fn=clock)
    token = signer.sign(audience="stock", subject="user-1")
    verifier.verify(token)
    head, payload, signature = token.split(".")
    other = signer.sign(audience="stock", subject="admin").split(".")
    for forged in (
        f"{head}.{other[1]}.{signature}",
        f"{head}.{payload}.{other[2]}",
        f"{other[0]}.{other[1]}.{signature}",
    ):
        assert code_of(verifier, forged) == "invalid_signature"
    for place in range(0, len(token), 7):
        if token[place] != ".":
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            code_of(verifier, changed)


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["stock", "shared", "a", NOW, NOW + 600, 2**53, -1, "a b", "x" * 300])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_NAMES = st.sampled_from(["iss", "aud", "iat", "exp", "nbf", "sub", "jti", "scope", "x"])
_CODES = {
    *("malformed", "missing_claim", "invalid_issuer", "invalid_audience", "expired"),
    *("not_yet_valid", "invalid_scope", "missing_subject", "unknown_key", "invalid_signature"),
}


def _verifiers(require_subject: bool) -> ServiceAuthVerifier:
    return ServiceAuthVerifier(
        secrets=(SECRET.decode(),),
        audience="stock",
        allowed_issuers=("shared", "a"),
        keys={"a": KeyRing([MIGRATING])},
        require_subject=require_subject,
        time_fn=ManualClock(float(NOW)),
    )


@settings(deadline=None, max_examples=100)
@given(changes=st.dictionaries(_NAMES, _VALUES, max_size=4), require_subject=st.booleans())
def test_whatever_claims_hold(changes: dict[str, Any], require_subject: bool) -> None:
    payload = {**PAYLOAD, "iss": "shared", **changes}
    text = json.dumps(payload).encode()
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=")
    message = head + b"." + base64.urlsafe_b64encode(text).rstrip(b"=")
    signature = material_of(ServiceKey.hs256(SECRET, kid="k")).sign(message)
    token = (message + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()
    try:
        claims = _verifiers(require_subject).verify(token)
    except ServiceAuthError as error:
        refused: ServiceAuthError | None = error
    else:
        refused = None
        assert json.loads(claims.model_dump_json())["iss"] == "shared"
        assert claims.sub == payload.get("sub")
    assert refused is None or refused.code.removeprefix("service_auth.") in _CODES
