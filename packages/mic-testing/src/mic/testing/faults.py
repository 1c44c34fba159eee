"""A proxy before a server that makes the network fail: `FaultProxy`."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

from mic.testing._fault_rules import CutAfter, CutAt, Verdict

if TYPE_CHECKING:
    from types import TracebackType

    from mic.testing.servers.server import Server

Toward = Literal["server", "client"]
"""The direction of bytes: what a client sends goes toward the server."""

_BOTH: tuple[Toward, Toward] = ("server", "client")
_CHUNK_BYTES = 65_536
_CONNECT_SECONDS = 5.0
_MOST_CONNECTIONS = 256
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class _Way:
    """What is wrong with one direction."""

    seconds: float = 0.0
    rule: CutAfter | CutAt | None = None
    held: bool = False
    passed: int = 0


@dataclass(eq=False, slots=True)
class _Link:
    """A connection and its continuation."""

    client: socket.socket
    server: socket.socket
    ended: int = 0
    cut: bool = False


class FaultProxy:
    """A TCP proxy on 127.0.0.1 in front of a server, that a test makes fail.

    Guarantees: nothing fails until a method says so; bytes are never altered, and never reordered
    within a direction. It runs in threads of its own, so that synchronous and asynchronous tests
    use it alike; it may be told anything at any time, from any thread. Leaving the `with` block
    ends every connection. At most 256 connections are open at once; more are refused.

    What it cannot do: a server that tells its clients another address (a Redis Cluster, Kafka)
    leads them past it; the fixture `kafka_proxy` is the proxy that its broker advertises.

    ```python
    def test_a_lost_answer_to_commit(postgres_server, postgres_database):
        with FaultProxy(postgres_server) as proxy:
            store = open_store(proxy.url_of(postgres_database))
            proxy.cut_at(b"COMMIT", toward="server", deliver=True)  # done, and nobody is told
            ...
    ```

    Args:
        target: The server, or its host and port.
        scheme: Of `url`, where the target is only an address.
    """

    def __init__(self, target: Server | tuple[str, int], *, scheme: str = "") -> None:
        self._url = target.url if not isinstance(target, tuple) else f"{scheme}://" * bool(scheme)
        self._target = target if isinstance(target, tuple) else (target.host, target.port)
        self._changed = threading.Condition()
        self._ways: dict[Toward, _Way] = {each: _Way() for each in _BOTH}
        self._links: set[_Link] = set()
        self._refusing = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept, name="fault-proxy", daemon=True)
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self._accepting.start()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """`host:port`, as clients take it that want no URL."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The server's URL with the proxy's address; empty for a mere address without a scheme."""
        parts = urlsplit(self._url)
        if not self._url:
            return ""
        login, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{login}{at}{self.address}"))

    def url_of(self, database: str) -> str:
        """As `Server.url_of`, with the proxy's address."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        with self._changed:
            return len(self._links)

    def passed(self, toward: Toward) -> int:
        """Bytes that have gone on in a direction since the start."""
        with self._changed:
            return self._ways[toward].passed

    def delay(self, seconds: float, *, toward: Toward | None = None) -> None:
        """Let every chunk wait so long before it goes on; 0 ends it.

        Args:
            seconds: 0 or more.
            toward: One direction; `None`: both.
        """
        for each in _BOTH if toward is None else (toward,):
            self._set(each, "seconds", seconds)

    def hold(self, *, toward: Toward | None = None) -> None:
        """Keep back whatever comes: connections stay open and nothing arrives, until `restore`."""
        for each in _BOTH if toward is None else (toward,):
            self._set(each, "held", True)

    def cut(self) -> None:
        """Reset every connection and refuse new ones, until `restore`."""
        with self._changed:
            self._refusing = True
            self._changed.notify_all()
        self.reset()

    def reset(self) -> None:
        """Reset every connection; new ones are taken."""
        with self._changed:
            links = list(self._links)
        for link in links:
            _break(link.client)
            _break(link.server)

    def cut_after(self, count: int, *, toward: Toward) -> None:
        """Once: reset the connection on which the next `count` bytes have gone on.

        Args:
            count: 0 or more, counted from now: with 0 the very next byte does not arrive.
            toward: Which bytes are counted.
        """
        self._set(toward, "rule", CutAfter(count))

    def cut_at(self, marker: bytes, *, toward: Toward, deliver: bool) -> None:
        """Once: reset the connection on which a marker passes, such as `COMMIT`.

        Args:
            marker: Its bytes, one or more, as they are on the wire.
            toward: The direction in which it is looked for.
            deliver: Whether the marker and what came with it still go on, so that the other side
                acts, and its answer is what is lost.
        """
        if not marker:
            msg = "the marker must have a byte"
            raise ValueError(msg)
        self._set(toward, "rule", CutAt(marker, deliver=deliver))

    def restore(self) -> None:
        """Nothing fails from here on; what was held goes on."""
        with self._changed:
            self._refusing = False
            for way in self._ways.values():
                way.seconds, way.rule, way.held = 0.0, None, False
            self._changed.notify_all()

    def close(self) -> None:
        """End every connection and the proxy; twice is as good as once."""
        # a thread that waits in accept is woken by this, and not by close
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()  # from here on there are no new connections
        self.cut()
        for thread in self._threads:
            thread.join()

    def _set(self, toward: Toward, name: str, value: object) -> None:
        with self._changed:
            setattr(self._ways[toward], name, value)
            self._changed.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with self._changed:
                refused = self._refusing or len(self._links) >= _MOST_CONNECTIONS
                self._threads = [each for each in self._threads if each.is_alive()]
            server = None if refused else self._connect()
            if server is None:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
            else:
                self._join(_Link(client, server))

    def _connect(self) -> socket.socket | None:
        try:
            server = socket.create_connection(self._target, _CONNECT_SECONDS)
        except OSError:
            return None
        server.settimeout(None)
        return server

    def _join(self, link: _Link) -> None:
        for end in (link.client, link.server):
            # what comes in pieces goes on in pieces: a piece that waited for the answer to the one
            # before it would wait for 40 ms that are nobody's fault
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            self._links.add(link)
            for toward in _BOTH:
                thread = threading.Thread(
                    target=self._pump, args=(link, toward), name="fault-proxy", daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _pump(self, link: _Link, toward: Toward) -> None:
        source, sink = link.client, link.server
        if toward == "client":
            source, sink = sink, source
        with suppress(OSError):
            while chunk := source.recv(_CHUNK_BYTES):
                verdict = self._judge(link, toward, chunk)
                # what is to pass has to be on its way before anybody learns of the cut: who learns
                # may close the proxy
                sink.sendall(verdict.passed)
                if verdict.cut:
                    _break(source)
                    # not broken as well: that could take back what has passed
                    sink.shutdown(socket.SHUT_RDWR)
                    break
            sink.shutdown(socket.SHUT_WR)
        self._leave(link)

    def _judge(self, link: _Link, toward: Toward, chunk: bytes) -> Verdict:
        with self._changed:
            way = self._ways[toward]
            if way.seconds:
                # told otherwise meanwhile, it goes on at once
                self._changed.wait_for(lambda: not way.seconds or self._refusing, way.seconds)
            self._changed.wait_for(lambda: not way.held or self._refusing)
            if link.cut or self._refusing:
                return Verdict(b"", cut=True)
            verdict = Verdict(chunk) if way.rule is None else way.rule.judge(chunk)
            if verdict.cut:
                way.rule, link.cut = None, True
            way.passed += len(verdict.passed)
            return verdict

    def _leave(self, link: _Link) -> None:
        with self._changed:
            link.ended += 1
            if link.ended < len(_BOTH):
                return
            self._links.discard(link)
        for each in (link.client, link.server):
            each.close()


def _break(end: socket.socket) -> None:
    """Break one end; its threads, woken by it, close it."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.shutdown(socket.SHUT_RDWR)
