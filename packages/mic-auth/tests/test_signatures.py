from typing import Any

import pytest

from mic.auth import ServiceKey
from mic.auth._compact import Compact
from mic.auth._refusals import RefusalError
from mic.auth._signatures import check_algorithm, check_signature
from mic.auth.keys import material_of

ONE = ServiceKey.hs256("1" * 32, kid="one")
TWO = ServiceKey.hs256("2" * 32, kid="two")
EDDSA = ServiceKey.generate("EdDSA")


def compact(key: ServiceKey, algorithm: object = None) -> Compact:
    signature = material_of(key).sign(b"message")
    return Compact(algorithm or key.algorithm, None, {}, b"message", signature)


@pytest.mark.parametrize(
    "algorithm",
    [None, "none", "None", "NONE", "nOnE", "", "hs256", "HS384", "RS256", 1, ["HS256"], {}],
)
def test_algorithms_that_no_key_has(algorithm: Any) -> None:
    with pytest.raises(RefusalError, match="invalid_algorithm"):
        check_algorithm(Compact(algorithm, None, {}, b"", b""))


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA", "ES256"])
def test_algorithms(algorithm: str) -> None:
    check_algorithm(Compact(algorithm, None, {}, b"", b""))


def test_any_of_the_keys_will_do() -> None:
    for key in (ONE, TWO, EDDSA):
        check_signature(compact(key), (ONE, TWO, EDDSA))


@pytest.mark.parametrize(
    ("given", "keys", "reason"),
    [
        (compact(ONE), (), "unknown_key"),
        (compact(ONE), (EDDSA,), "invalid_algorithm"),
        (compact(ONE, "EdDSA"), (ONE,), "invalid_algorithm"),
        (compact(ONE), (TWO,), "invalid_signature"),
        (compact(ONE), (TWO, EDDSA), "invalid_signature"),
        (compact(ONE, "EdDSA"), (ONE, EDDSA), "invalid_signature"),
    ],
)
def test_keys_that_did_not_sign(given: Compact, keys: tuple[ServiceKey, ...], reason: str) -> None:
    with pytest.raises(RefusalError, match=reason):
        check_signature(given, keys)
