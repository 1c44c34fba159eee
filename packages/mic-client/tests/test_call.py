from __future__ import annotations

from typing import Any

import httpx
import pytest

from mic.client import ServiceHttpClient
from mic.client._call import CALL_OPTIONS, Call
from mic.model import TransientError
from mic.testing import FakeSigner, ManualClock


@pytest.fixture
def call(signer: FakeSigner, clock: ManualClock) -> Call:
    client = ServiceHttpClient(
        base_url="http://stock.example",
        audience="stock",
        signer=signer,
        time_fn=clock,
        propagate=lambda headers: None,
    )
    return Call(client._settings, "get", "/items", {})


def test_its_options_are_those_of_a_request() -> None:
    import inspect

    parameters = inspect.signature(ServiceHttpClient.request).parameters
    taken = [name for name in parameters if name not in {"self", "method", "url", "kwargs"}]
    assert tuple(taken) == CALL_OPTIONS


def test_how_attempts_follow_each_other(call: Call) -> None:
    build: Any = httpx.Client().build_request
    first = call.next_request(build)
    call.broke(httpx.ConnectError("x"))
    assert isinstance(call.error, TransientError)
    assert (call.failed, call.response) == (True, None)
    assert call.next_request(build) is first
    call.answered(httpx.Response(204))
    assert call.delay() is None
    with pytest.raises(RuntimeError, match="neither called nor raised"):
        call.final_error()


def test_a_body_is_kept_within_bounds(call: Call) -> None:
    call.next_request(httpx.Client().build_request)
    call.read(b"x" * 65_537)
    call.answered(httpx.Response(404))
    assert call.error is not None
    assert call.error.code == "upstream.error"
    call.read(b'{"code": "a.b", "message": "m"}')
    call.answered(httpx.Response(404))
    assert call.error.code == "a.b"
