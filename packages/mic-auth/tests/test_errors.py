import pickle

import pytest

from mic.auth import ServiceAuthError
from mic.auth.errors import (
    jwks_unavailable,
    refusal,
    replay_unavailable,
    revocation_unavailable,
)
from mic.model import TransientError, UnauthorizedError


def test_a_refusal_says_the_same_for_every_reason() -> None:
    error = refusal("expired")
    assert isinstance(error, ServiceAuthError)
    assert isinstance(error, UnauthorizedError)
    assert error.http_status_code == 401
    assert error.code == "service_auth.expired"
    assert error.message == refusal("malformed").message == "Token verification failed"
    assert error.details == {}
    assert error.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    assert pickle.loads(pickle.dumps(error)).code == "service_auth.expired"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (jwks_unavailable(), "transient.jwks_unavailable"),
        (revocation_unavailable(), "transient.revocation_unavailable"),
        (replay_unavailable(), "transient.replay_unavailable"),
    ],
)
def test_what_can_not_be_told_is_503(error: TransientError, code: str) -> None:
    assert (error.code, error.http_status_code, error.retryable) == (code, 503, True)
