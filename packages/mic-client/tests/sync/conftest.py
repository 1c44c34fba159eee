# Generated from async/conftest.py by "make unasync"; edit that file.
"""How the tests of this folder make a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from mic.client import ServiceHttpClient
from mic.testing import FakeSigner, ManualClock


class Sleeper:
    """Sleeps by moving the clock."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)


@pytest.fixture
def sleeper(clock: ManualClock) -> Sleeper:
    return Sleeper(clock)


@pytest.fixture
def make(
    upstream: Any, signer: FakeSigner, clock: ManualClock, sleeper: Sleeper
) -> Callable[..., ServiceHttpClient]:
    """Makes a client of `upstream` whose time only the test moves."""

    def made(**options: Any) -> ServiceHttpClient:
        usual: dict[str, Any] = {
            "base_url": "http://stock.example/v1",
            "audience": "stock",
            "signer": signer,
            "client": httpx.Client(transport=httpx.MockTransport(upstream)),
            "time_fn": clock,
            "sleep_fn": sleeper,
            "random_fn": lambda: 1.0,
            "propagate": lambda headers: None,
        }
        return ServiceHttpClient(**{**usual, **options})

    return made


@pytest.fixture
def opened(signer: FakeSigner) -> Iterator[Callable[..., Any]]:
    """Makes clients that use the network, and closes them when the test is over."""
    with ExitStack() as stack:

        def made(base_url: str, *, ours: bool = True, **options: Any) -> ServiceHttpClient:
            if not ours:  # which reads no certificates
                options["client"] = stack.enter_context(httpx.Client(verify=False))
            options.setdefault("propagate", lambda headers: None)
            client = ServiceHttpClient(
                base_url=base_url, audience="stock", signer=signer, **options
            )
            # opened now, so that the time of a test is that of its calls
            assert not client.native.is_closed
            return stack.enter_context(client)

        yield made
