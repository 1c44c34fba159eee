# Generated from async/test_attempt.py by "make unasync"; edit that file.
"""An attempt that is stopped."""

import asyncio
from typing import Any

import httpx
import pytest

from mic.client import ServiceHttpClient
from mic.testing import FakeSigner


def test_an_interruption_is_observed_and_passed_on(signer: FakeSigner) -> None:
    seen: list[str] = []

    class Observer:
        def attempt(self, *, outcome: str, **facts: Any) -> None:
            seen.append(outcome)

    def interrupted(request: httpx.Request) -> httpx.Response:
        raise asyncio.CancelledError("interrupted")

    client = ServiceHttpClient(
        base_url="http://stock.example",
        audience="stock",
        signer=signer,
        client=httpx.Client(transport=httpx.MockTransport(interrupted)),
        observer=Observer(),
    )
    with pytest.raises(asyncio.CancelledError, match="interrupted"):
        client.get("/items")
    assert seen == ["cancelled"]
