from __future__ import annotations

from typing import Any

import httpx
import pytest

from mic.client import ServiceHttpClient
from mic.model import DomainError
from mic.testing import FakeSigner


def test_a_client_whose_parts_cannot_be_sent(signer: FakeSigner) -> None:
    """Only the httpx client itself can refuse it: the token has been made then."""

    class Refusing(httpx.Client):
        def build_request(self, *args: Any, **options: Any) -> httpx.Request:
            raise httpx.InvalidURL("secret")

    client = ServiceHttpClient(
        base_url="http://stock.example", audience="stock", signer=signer, client=Refusing()
    )
    with pytest.raises(DomainError, match="the request has a malformed part") as caught:
        client.get("/items")
    assert caught.value.code == "client.invalid_request"
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_token_that_cannot_be_sent() -> None:
    class Signer:
        def sign(self, *, audience: str, subject: str | None = None) -> str:
            return "\u2603"

    client = ServiceHttpClient(
        base_url="http://stock.example",
        audience="stock",
        signer=Signer(),
        client=httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))),
    )
    with pytest.raises(DomainError, match="the request has a malformed part"):
        client.get("/items")
