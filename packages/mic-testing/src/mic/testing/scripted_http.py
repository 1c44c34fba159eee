"""A real HTTP server that answers byte by byte from a script: `ScriptedHttpServer`."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from types import TracebackType

_MOST_REQUESTS = 1_000
_MOST_SCRIPTS = 1_000
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes as they are."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for so many seconds; `None`: until the server is closed."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the connection; with `reset` as a crash does, without as a server does in good order."""

    reset: bool = False


Step = Send | Wait | Hangup


@dataclass(frozen=True, slots=True)
class ScriptedRequest:
    """A request as it came.

    Attributes:
        method: As sent.
        target: Path and query, as sent.
        headers: Names in lower case; of a repeated one, the last.
        body: Whole.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def reply(
    status: int = 200, body: bytes = b"", *, headers: Mapping[str, str] | None = None
) -> Send:
    """An ordinary answer, with its `content-length` unless `headers` has another."""
    fields = {"content-length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in fields.items()
    )
    return Send(head.encode("latin-1") + b"\r\n" + body)


def drip(data: bytes, *, every: float) -> list[Step]:
    """The same bytes one by one, `every` seconds apart."""
    steps: list[Step] = []
    for at in range(len(data)):
        steps += [Send(data[at : at + 1]), Wait(every)]
    return steps


class ScriptedHttpServer:
    r"""An HTTP server on 127.0.0.1 whose answers are written down beforehand, wrong ones above all.

    Each request takes the next script and plays it: bytes, pauses, a hang-up, in any order, so that
    a client, a key set, an exporter or a policy engine's backend meets what servers do when they
    are ill. When no script is left, the last one is played again; before there is any, the answer
    is an empty 200. A connection stays open after a script unless that hangs up.

    Guarantees: nothing is sent that no script holds. It runs in threads of its own. The last 1,000
    requests are kept, and at most 1,000 scripts wait.

    ```python
    with ScriptedHttpServer() as server:
        server.script(reply(503), reply(200, b"{}"))  # one request each
        server.script([Send(b"HTTP/1.1 200 OK\r\ncontent-le"), Hangup(reset=True)])
        client.fetch(server.url)
    ```
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._scripts: deque[Sequence[Step]] = deque()
        self._last: Sequence[Step] = [reply()]
        self._requests: deque[ScriptedRequest] = deque(maxlen=_MOST_REQUESTS)
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, name="scripted-http", daemon=True)
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self._accepting.start()

    def __enter__(self) -> ScriptedHttpServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Plain HTTP, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[ScriptedRequest]:
        """What came, oldest first."""
        with self._lock:
            return list(self._requests)

    def script(self, *scripts: Step | Iterable[Step]) -> None:
        """Add a script for each of the next requests.

        Raises:
            ValueError: More than 1,000 would wait.
        """
        with self._lock:
            if len(self._scripts) + len(scripts) > _MOST_SCRIPTS:
                msg = f"at most {_MOST_SCRIPTS} scripts may wait"
                raise ValueError(msg)
            for each in scripts:
                self._scripts.append([each] if isinstance(each, Step) else list(each))

    def close(self) -> None:
        """End every connection and the server; twice is as good as once."""
        self._closed.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()
        self._accepting.join()  # from here on there are no new connections
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            # an answer in pieces must not wait for its client between them
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="scripted-http", daemon=True
            )
            with self._lock:
                self._open.add(connection)
                self._threads = [each for each in self._threads if each.is_alive()]
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as reader:
            while (request := read_request(reader)) is not None:
                with self._lock:
                    self._requests.append(request)
                    if self._scripts:
                        self._last = self._scripts.popleft()
                    script = self._last
                if not self._play(connection, script):
                    break
        with self._lock:
            self._open.discard(connection)

    def _play(self, connection: socket.socket, script: Sequence[Step]) -> bool:
        """Play a script; whether the connection goes on."""
        for step in script:
            if isinstance(step, Send):
                connection.sendall(step.data)
            elif isinstance(step, Wait):
                if self._closed.wait(step.seconds):
                    return False
            else:
                if step.reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return False
        return True


def read_request(reader: BinaryIO) -> ScriptedRequest | None:
    """Read one request (RFC 9112), its body by `content-length` or in chunks; `None`: no more."""
    first = reader.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _read_chunks(reader)
    else:
        body = reader.read(int(headers.get("content-length", 0)))
    return ScriptedRequest(first[0], first[1], headers, body)


def _read_chunks(reader: BinaryIO) -> bytes:
    body = bytearray()
    while size := int(reader.readline().partition(b";")[0] or b"0", 16):
        body += reader.read(size)
        reader.readline()
    while reader.readline().strip():
        pass  # trailers
    return bytes(body)
