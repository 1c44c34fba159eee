"""What the whole stack costs a server: CPU time a request, under uvicorn on loopback.

`python -m tools.bench.served_suite bare|stack h11|httptools` is the server; it prints its port.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from tools.bench.asgi import JSON_BODY
from tools.bench.harness import Benchmark, Result
from tools.bench.middleware_suite import TOKEN, bare, whole_stack
from tools.workspace import ROOT

REQUESTS = 300
"""Requests of one candidate in one round."""

LOOPS = {"h11": "asyncio", "httptools": "uvloop"}
"""What goes together: the parser and loop of a plain install, and those of `uvicorn[standard]`."""

PROCESSORS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
"""Where this process may run; empty where the system does not tell."""

CPU = "/cpu"
_POST = (
    f"POST /items HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(JSON_BODY)}\r\n\r\n"
).encode() + JSON_BODY
_ASK = f"GET {CPU} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def telling_cpu(app: Any) -> Any:
    """Add a path that answers the CPU time of the process, in nanoseconds."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != CPU:
            await app(scope, receive, send)
            return
        body = str(time.process_time_ns()).encode()
        length = str(len(body)).encode()
        start = {"type": "http.response.start", "status": 200}
        await send({**start, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    return answer


def serve(kind: str, parser: str) -> None:
    """Serve until the process is ended."""
    # with its protocol named, because asyncio turns Nagle's delay off for sockets that say TCP
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    app = telling_cpu(whole_stack() if kind == "stack" else bare())
    how: dict[str, Any] = {"http": parser, "loop": LOOPS[parser], "timeout_keep_alive": 60}
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, **how))
    print(listener.getsockname()[1], flush=True)
    server.run(sockets=[listener])


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, count: int) -> None:
        """Send requests one after the other."""
        for _ in range(count):
            self._ask(_POST)

    def cpu(self) -> int:
        """Give the CPU time of the server, in nanoseconds."""
        return int(self._ask(_ASK))

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _ask(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the server answered {head[:60]!r}")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return body

    def _more(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("the server closed the connection")
        return received


@contextmanager
def apart() -> Iterator[None]:
    """Keep this process on another processor than the servers that it starts meanwhile.

    Where the system puts a server says more about its CPU time than what it serves: to be woken up
    by a client on the same processor costs half of what it costs from another one.
    """
    if not PROCESSORS:
        yield
        return
    os.sched_setaffinity(0, {max(PROCESSORS)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, PROCESSORS)


@contextmanager
def client_of(kind: str, parser: str) -> Iterator[Client]:
    """Start a server and connect to it."""
    command = [sys.executable, "-m", "tools.bench.served_suite", kind, parser]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        if PROCESSORS:
            os.sched_setaffinity(server.pid, {min(PROCESSORS)})
        if server.stdout is None:
            raise RuntimeError("the server has no output")
        client = Client(int(server.stdout.readline()))
        try:
            yield client
        finally:
            client.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
        if server.stdout is not None:
            server.stdout.close()


@dataclass(frozen=True, slots=True)
class Served:
    """The CPU time of a request through the whole stack, against that of the bare route."""

    parser: str
    must: float = 1.15

    @property
    def name(self) -> str:
        """What is compared."""
        return f"whole stack under uvicorn with {self.parser}, server CPU a request"

    def run(self, *, rounds: int) -> Result:
        """Measure both servers, in turn."""
        with (
            apart(),
            client_of("stack", self.parser) as stack,
            client_of("bare", self.parser) as base,
        ):
            clients = (stack, base)
            costs: tuple[list[float], list[float]] = ([], [])
            for each in clients:
                each.post(REQUESTS)
            for number in range(rounds):
                for index in (0, 1) if number % 2 else (1, 0):
                    costs[index].append(_cpu_of_a_request(clients[index]))
        ratio = statistics.median(ours / theirs for ours, theirs in zip(*costs, strict=True))
        ours, theirs = (statistics.median(each) for each in costs)
        shown = Benchmark(
            self.name,
            stack.post,
            base.post,
            "the bare route under uvicorn",
            self.must,
            faster=False,
        )
        return Result(shown, ratio, ours / 1e3, theirs / 1e3)


def _cpu_of_a_request(client: Client) -> float:
    before = client.cpu()
    client.post(REQUESTS)
    return (client.cpu() - before) / REQUESTS


def benchmarks() -> list[Served]:
    """The comparisons that need servers."""
    return [Served(parser) for parser in LOOPS]


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
