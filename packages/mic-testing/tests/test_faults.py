from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis

from mic.testing import FaultProxy, Server, eventually
from mic.testing import faults as module


class Echo:
    """Sends back what it gets, after a colon."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.got: list[bytes] = []
        self.target: tuple[str, int] = self.listening.getsockname()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    self.got.append(data)
                    connection.sendall(b":" + data)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.listening.shutdown(socket.SHUT_RDWR)
    made.listening.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(echo.target) as made:
        yield made


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as made:
        yield made


def _ask(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(1000)


def _is_broken(client: socket.socket) -> bool:
    try:
        return client.recv(1000) == b""
    except ConnectionResetError:
        return True


def _is_refused(proxy: FaultProxy) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
            return _is_broken(client)
    except ConnectionResetError:
        return True


def test_without_a_fault_everything_passes(proxy: FaultProxy, client: socket.socket) -> None:
    assert _ask(client, b"abc") == b":abc"
    assert (proxy.passed("server"), proxy.passed("client")) == (3, 4)
    assert proxy.connections == 1
    assert (proxy.url, proxy.address) == ("", f"127.0.0.1:{proxy.port}")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(10) == b""
    assert eventually(lambda: proxy.connections == 0)


def test_a_delay_holds_each_chunk(proxy: FaultProxy, client: socket.socket) -> None:
    proxy.delay(0.2, toward="client")
    began = time.monotonic()
    assert _ask(client, b"abc") == b":abc"
    assert 0.2 <= time.monotonic() - began < 2
    proxy.delay(60)
    client.sendall(b"abc")
    proxy.restore()  # whoever waits goes on at once
    assert client.recv(1000) == b":abc"


def test_what_is_held_arrives_later(proxy: FaultProxy, client: socket.socket) -> None:
    proxy.hold()
    client.settimeout(0.2)
    with pytest.raises(TimeoutError, match="timed out"):
        _ask(client, b"abc")
    client.settimeout(5)
    proxy.restore()
    assert client.recv(1000) == b":abc"


def test_a_held_answer_was_asked_for(proxy: FaultProxy, client: socket.socket, echo: Echo) -> None:
    proxy.hold(toward="client")
    client.sendall(b"abc")
    assert eventually(lambda: echo.got == [b"abc"])
    assert proxy.passed("client") == 0


def test_a_cut_breaks_all_and_refuses(proxy: FaultProxy, client: socket.socket) -> None:
    assert _ask(client, b"a") == b":a"
    proxy.hold()
    proxy.cut()
    assert _is_broken(client)
    assert _is_refused(proxy)
    proxy.restore()
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as again:
        assert _ask(again, b"b") == b":b"


def test_a_reset_breaks_only_what_is_open(proxy: FaultProxy, client: socket.socket) -> None:
    assert _ask(client, b"a") == b":a"
    proxy.reset()
    assert _is_broken(client)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as again:
        assert _ask(again, b"b") == b":b"


def test_it_cuts_after_so_many_bytes(proxy: FaultProxy, client: socket.socket, echo: Echo) -> None:
    assert _ask(client, b"abc") == b":abc"
    proxy.cut_after(2, toward="server")
    client.sendall(b"defg")
    assert _is_broken(client)
    assert eventually(lambda: b"".join(echo.got) == b"abcde")
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as again:
        assert _ask(again, b"once only") == b":once only"


def test_the_answer_is_lost_and_the_request_is_not(
    proxy: FaultProxy, client: socket.socket, echo: Echo
) -> None:
    proxy.cut_after(0, toward="client")
    client.sendall(b"abc")
    assert _is_broken(client)
    assert echo.got == [b"abc"]


def test_on_a_connection_that_is_cut_nothing_passes_the_other_way(
    proxy: FaultProxy, client: socket.socket, echo: Echo
) -> None:
    assert _ask(client, b"a") == b":a"
    [link] = proxy._links
    link.cut = True  # as the thread of one direction leaves it for that of the other
    client.sendall(b"b")
    assert _is_broken(client)
    assert echo.got == [b"a"]


@pytest.mark.parametrize(("deliver", "arrived"), [(True, b"xCOMMITy"), (False, b"x")])
def test_it_cuts_at_a_marker(
    deliver: bool, arrived: bytes, proxy: FaultProxy, client: socket.socket, echo: Echo
) -> None:
    proxy.cut_at(b"COMMIT", toward="server", deliver=deliver)
    client.sendall(b"xCOMMITy")
    assert _is_broken(client)
    assert eventually(lambda: b"".join(echo.got) == arrived)


def test_a_marker_has_a_byte(proxy: FaultProxy) -> None:
    with pytest.raises(ValueError, match="the marker must have a byte"):
        proxy.cut_at(b"", toward="server", deliver=True)


def test_a_server_that_is_down_is_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        target = gone.getsockname()
    with FaultProxy(target) as proxy:
        assert _is_refused(proxy)


def test_connections_are_bounded(
    proxy: FaultProxy, client: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _ask(client, b"a") == b":a"
    monkeypatch.setattr(module, "_MOST_CONNECTIONS", 1)
    assert _is_refused(proxy)


def test_closed_it_leaves_nothing(echo: Echo) -> None:
    before = set(threading.enumerate())  # a proxy of the session may be there
    proxy = FaultProxy(echo.target)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
        assert _ask(client, b"a") == b":a"
        proxy.hold()
        client.sendall(b"b")
        proxy.close()
        proxy.close()
        assert _is_broken(client)
    new = set(threading.enumerate()) - before
    assert not [each for each in new if each.name == "fault-proxy"]


def test_a_commit_whose_answer_is_lost_was_committed(
    postgres_server: Server, postgres_database: str
) -> None:
    with FaultProxy(postgres_server) as proxy:
        assert proxy.url.startswith(f"postgresql://postgres@{proxy.address}/")
        with psycopg.connect(proxy.url_of(postgres_database)) as connection:
            connection.execute("CREATE TABLE things (id int)")
            proxy.cut_at(b"COMMIT", toward="server", deliver=True)
            with pytest.raises(psycopg.OperationalError, match="connection"):
                connection.commit()
    # a transaction would go on not seeing the table that it once did not see
    url = postgres_server.url_of(postgres_database)
    with psycopg.connect(url, autocommit=True) as connection:
        eventually(lambda: connection.execute("SELECT to_regclass('things')").fetchone() != (None,))


def test_one_redis_command_is_lost(redis_server: Server, redis_namespace: str) -> None:
    with FaultProxy(redis_server) as proxy:
        client: Any = redis.Redis.from_url(proxy.url, socket_timeout=1, retry=None)
        client.ping()
        proxy.cut_at(b"INCR", toward="server", deliver=False)
        with pytest.raises(redis.ConnectionError, match=r"."):
            client.incr(f"{redis_namespace}:n")
        assert client.incr(f"{redis_namespace}:n") == 1
        client.close()
