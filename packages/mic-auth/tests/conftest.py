"""What the tests of this distribution share."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mic.auth import ServiceAuthClaims
from mic.testing import ManualClock

NOW = 1_700_000_000
Forge = Callable[..., str]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _document(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def forge_token(
    payload: object,
    *,
    secret: bytes = b"",
    header: object = None,
    signature: bytes | None = None,
) -> str:
    """A token as somebody else may write it: HS256, or with any signature at all."""
    head = {"alg": "HS256", "typ": "JWT"} if header is None else header
    message = f"{_encode(_document(head))}.{_encode(_document(payload))}"
    if signature is None:
        signature = hmac.digest(secret, message.encode(), hashlib.sha256)
    return f"{message}.{_encode(signature)}"


@pytest.fixture
def forge() -> Forge:
    return forge_token


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(float(NOW))


@pytest.fixture
def claims_of() -> Callable[..., ServiceAuthClaims]:
    """Claims of a token that was made at `NOW` and ends an hour later."""

    def make(**changes: Any) -> ServiceAuthClaims:
        usual: Mapping[str, Any] = {
            "iss": "orders",
            "aud": "stock",
            "iat": NOW,
            "exp": NOW + 3600,
            "sub": "user-1",
            "jti": "token-1",
        }
        return ServiceAuthClaims(**{**usual, **changes})

    return make
