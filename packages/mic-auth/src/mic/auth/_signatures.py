"""Whether one of the keys signed a token."""

from collections.abc import Sequence

from mic.auth._compact import Compact
from mic.auth._refusals import RefusalError
from mic.auth.keys import ServiceKey, material_of

_ALGORITHMS = frozenset({"HS256", "EdDSA", "ES256"})


def check_algorithm(compact: Compact) -> None:
    """Stop at an algorithm that no key has, before anybody is asked for keys.

    Raises:
        RefusalError: `invalid_algorithm`.
    """
    # Anything may stand there: a list, which no set can be asked for.
    if not isinstance(compact.algorithm, str) or compact.algorithm not in _ALGORITHMS:
        raise RefusalError("invalid_algorithm")


def check_signature(compact: Compact, keys: Sequence[ServiceKey]) -> None:
    """Check that one of the keys signed the token.

    Raises:
        RefusalError: `unknown_key`: there are no keys; `invalid_algorithm`: none is for the
            algorithm that the token names; `invalid_signature`: none of those signed it.
    """
    if not keys:
        raise RefusalError("unknown_key")
    reason = "invalid_algorithm"
    for key in keys:
        if key.algorithm == compact.algorithm:
            if material_of(key).verify(compact.message, compact.signature):
                return
            reason = "invalid_signature"
    raise RefusalError(reason)
