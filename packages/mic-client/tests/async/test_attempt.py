"""An attempt that is stopped."""

import asyncio
from typing import Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient
from mic.testing import FakeSigner


async def test_an_interruption_is_observed_and_passed_on(signer: FakeSigner) -> None:
    seen: list[str] = []

    class Observer:
        def attempt(self, *, outcome: str, **facts: Any) -> None:
            seen.append(outcome)

    def interrupted(request: httpx.Request) -> httpx.Response:
        raise asyncio.CancelledError("interrupted")

    client = AsyncServiceHttpClient(
        base_url="http://stock.example",
        audience="stock",
        signer=signer,
        client=httpx.AsyncClient(transport=httpx.MockTransport(interrupted)),
        observer=Observer(),
    )
    with pytest.raises(asyncio.CancelledError, match="interrupted"):
        await client.get("/items")
    assert seen == ["cancelled"]
