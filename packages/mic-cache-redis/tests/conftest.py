"""What the tests of this distribution share."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

Answer = Callable[[list[bytes]], bytes | None]


class _Connection(socketserver.StreamRequestHandler):
    """Reads commands and answers as the server's script says."""

    server: "RedisLike"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while (command := self._command()) is not None:
                if command[0] == b"CLIENT":
                    self.wfile.write(b"+OK\r\n")
                    continue
                self.server.seen.append(command)
                answer = self.server.answer(command)
                if answer is None:
                    return
                self.wfile.write(answer)

    def _command(self) -> list[bytes] | None:
        head = self.rfile.readline()
        if not head.startswith(b"*"):
            return None
        parts = []
        for _ in range(int(head[1:])):
            length = int(self.rfile.readline()[1:])
            parts.append(self.rfile.read(length + 2)[:-2])
        return parts


class RedisLike(socketserver.ThreadingTCPServer):
    """A port that speaks just enough of RESP2 to answer as a test says.

    `answer` is given each command and returns the bytes to send, or `None` to hang up.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.answer: Answer = lambda command: b"+OK\r\n"
        self.seen: list[list[bytes]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.server_address[1]}/0?protocol=2&health_check_interval=0"

    def names(self) -> list[str]:
        """The names of the commands that came, in order."""
        return [command[0].decode() for command in self.seen]

    def hang(self, command: list[bytes]) -> None:
        """Answers nothing until the test is over."""
        self.released.wait(60)


@pytest.fixture
def redis_like() -> Iterator[RedisLike]:
    """A server that answers as the test says."""
    with RedisLike() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def unused_url() -> str:
    """Where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{free.getsockname()[1]}/0"
