from __future__ import annotations

import pickle

from mic.client import UpstreamResponseError
from mic.model import DomainError


def test_an_answer_that_cannot_be_used_is_a_bad_gateway() -> None:
    error = UpstreamResponseError(message="no JSON")
    assert isinstance(error, DomainError)
    assert (error.code, error.http_status_code, error.retryable) == (
        "upstream.invalid_response",
        502,
        False,
    )
    assert pickle.loads(pickle.dumps(error)).code == error.code
