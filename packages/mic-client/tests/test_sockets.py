from __future__ import annotations

from typing import Any

import httpx
import pytest

from mic.client._sockets import BoundBackend, BoundSocket, bound
from mic.client._timeouts import PhaseTimeouts
from mic.testing import ManualClock


class Stream:
    """What httpcore would give: keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def read(self, max_bytes: int, timeout: float | None) -> bytes:
        self.asked.append(("read", max_bytes, timeout))
        return b"x"

    def write(self, buffer: bytes, timeout: float | None) -> None:
        self.asked.append(("write", len(buffer), timeout))

    def close(self) -> None:
        self.asked.append("close")

    def start_tls(self, *args: Any, **kwargs: Any) -> Stream:
        self.asked.append(("tls", args, kwargs))
        return self

    def get_extra_info(self, info: str) -> str:
        return info + "!"


class Backend:
    """Opens such streams."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def connect_tcp(self, host: str, *, port: int) -> Stream:
        return Stream()

    def connect_unix_socket(self, path: str) -> Stream:
        return Stream()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def timeouts(clock: ManualClock) -> PhaseTimeouts:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + 10
    return timeouts


def test_every_piece_has_what_is_left(clock: ManualClock, timeouts: PhaseTimeouts) -> None:
    stream = Stream()
    bounded, seconds = BoundSocket(stream), timeouts.get("read")
    assert bounded.read(5, seconds) == b"x"
    clock.advance(9)
    bounded.read(5, seconds)
    assert stream.asked == [("read", 5, 10), ("read", 5, 1)]
    clock.advance(1)
    with pytest.raises(httpx.ReadTimeout, match="over"):
        bounded.read(5, seconds)
    assert len(stream.asked) == 2


def test_a_large_body_goes_out_in_pieces(clock: ManualClock, timeouts: PhaseTimeouts) -> None:
    stream = Stream()
    bounded, seconds = BoundSocket(stream), timeouts.get("write")
    bounded.write(b"x" * 65_537, seconds)
    assert stream.asked == [("write", 65_536, 10), ("write", 1, 10)]
    bounded.write(b"", seconds)
    clock.advance(10)
    with pytest.raises(httpx.WriteTimeout, match="over"):
        bounded.write(b"x", seconds)
    assert len(stream.asked) == 2


def test_the_times_of_others_are_taken_as_they_are() -> None:
    stream = Stream()
    BoundSocket(stream).read(1, 3.0)
    BoundSocket(stream).read(1)
    BoundSocket(stream).write(b"x", 2.0)
    BoundSocket(stream).write(b"x")
    times = [timeout for _, _, timeout in stream.asked]
    assert times == [3.0, None, 2.0, None]


def test_whatever_it_opens_is_bound() -> None:
    inner = Backend()
    backend = BoundBackend(inner)
    assert isinstance(backend.connect_tcp("x", port=1), BoundSocket)
    assert isinstance(backend.connect_unix_socket("/x"), BoundSocket)
    backend.sleep(2)
    assert inner.slept == [2]
    stream = Stream()
    assert isinstance(BoundSocket(stream).start_tls("context", timeout=1), BoundSocket)
    BoundSocket(stream).close()
    assert stream.asked == [("tls", ("context",), {"timeout": 1}), "close"]
    assert BoundSocket(stream).get_extra_info("socket") == "socket!"


def test_proxies_are_bound_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with bound(httpx.Client()) as client:
        transports = [client._transport, *filter(None, client._mounts.values())]
        assert len(transports) == 2
        for transport in transports:
            assert isinstance(transport._pool._network_backend, BoundBackend)  # type: ignore[attr-defined]


def test_a_transport_without_sockets_is_left_alone() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(204))
    with bound(httpx.Client(transport=transport)) as client:
        assert client.get("http://x/").status_code == 204
