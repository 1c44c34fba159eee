from __future__ import annotations

from typing import Any

import pytest

from mic.client import AsyncServiceHttpClient, HttpRetryPolicy, ServiceHttpClient
from mic.model import DomainError
from mic.testing import FakeSigner

CLIENTS: list[Any] = [ServiceHttpClient, AsyncServiceHttpClient]
USUAL = {"base_url": "http://stock.example", "audience": "stock", "signer": FakeSigner()}


class NoCodeError(DomainError):
    pass


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"base_url": ""}, "base_url must not be empty"),
        ({"base_url": "/v1"}, "base_url must be an absolute"),
        ({"base_url": "http://u:p@stock.example"}, "base_url must not hold a user name"),
        ({"audience": ""}, "audience must be a text"),
        ({"audience": " "}, "audience must be a text"),
        ({"timeout_seconds": 0}, "timeout_seconds must be above 0"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds must be above 0"),
        ({"timeout_seconds": float("inf")}, "timeout_seconds must be above 0"),
        ({"total_timeout_seconds": -1}, "total_timeout_seconds must be above 0"),
        ({"max_connections": 0}, "max_connections must be at least 1"),
        ({"timeout_header": "a b"}, "timeout_header must be a header name"),
        ({"errors": [NoCodeError]}, "needs a default_code"),
    ],
)
def test_values_are_checked(kind: Any, wrong: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        kind(**{**USUAL, **wrong})


@pytest.mark.parametrize("kind", CLIENTS)
def test_types_are_checked(kind: Any) -> None:
    with pytest.raises(TypeError, match="signer must have a method sign"):
        kind(**{**USUAL, "signer": object()})
    with pytest.raises(TypeError, match="an error registry holds"):
        kind(**{**USUAL, "errors": [ValueError]})
    with pytest.raises(TypeError, match="base_url must be a text"):
        kind(**{**USUAL, "base_url": None})


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_smallest_client(kind: Any) -> None:
    assert "stock.example" in repr(kind(**USUAL))
    assert "stock.example" in repr(kind(**USUAL, retry=HttpRetryPolicy()))
