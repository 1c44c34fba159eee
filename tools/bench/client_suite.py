"""What a call to another service costs, against bare httpx that sends the same headers.

`python -m tools.bench.client_suite` is the server that is called over loopback; it prints its port.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from mic.auth import ServiceAuthSigner
from mic.client import AsyncServiceHttpClient, HttpRetryPolicy, ServiceHttpClient
from mic.http import CorrelationStart
from mic.http.context import bind
from mic.model import DomainError, NotFoundError
from tools.bench.harness import Benchmark, Comparison, Result, Work, nothing, side_by_side
from tools.workspace import ROOT

BASE = "http://stock.example/v1"
ITEM = "items/1"
PROBLEM = NotFoundError(
    code="items.not_found", message="there is no such item", details={"pad": "x" * 700}
).to_problem()
_TRACE = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
_CORRELATION = CorrelationStart("c" * 32, "d" * 32, 0.0)
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n" + b'{"a": 1}'
)
# A line of log for each call would cost more than the call.
logging.getLogger("httpx").setLevel(logging.WARNING)

_LOOP = asyncio.new_event_loop()


class _Observer:
    def attempt(self, **facts: Any) -> None:
        """Hear of an attempt."""


class _Breaker:
    def call(self, fn: Callable[[], Any], /) -> Any:
        return fn()

    async def async_call(self, coro_fn: Callable[[], Coroutine[Any, Any, Any]], /) -> Any:
        return await coro_fn()


def _sleepless(_seconds: float) -> None:
    """Wait for nothing."""


def _propagate(headers: Any) -> None:
    headers.update(_TRACE)


def features(base_url: str, signer: ServiceAuthSigner) -> dict[str, Any]:
    """Every feature that a call can use."""
    return {
        "base_url": base_url,
        "audience": "stock",
        "signer": signer,
        "retry": HttpRetryPolicy(),
        "circuit_breaker": _Breaker(),
        "propagate": _propagate,
        "observer": _Observer(),
        "idempotency_key_factory": lambda: "k",
    }


def answered(request: httpx.Request) -> httpx.Response:
    """What the mock transport answers."""
    if request.url.path.endswith("gone"):
        return httpx.Response(
            404, json=PROBLEM, headers={"content-type": "application/problem+json"}
        )
    return httpx.Response(200, json={"a": 1})


@dataclass(frozen=True, slots=True)
class Pair:
    """Our client and the bare one, on one transport, and what the bare one has to send."""

    ours: Any
    bare: Any
    base: str
    headers: dict[str, str]

    def works(self, path: str, *, is_error: bool = False) -> tuple[Work, Work]:
        """The same GET with either."""
        url, headers, bare, ours = f"{self.base}/{path}", self.headers, self.bare, self.ours

        def subject(count: int) -> None:
            with _serving():
                for _ in range(count):
                    with suppress(DomainError):
                        ours.get(path, subject="user-1")

        def reference(count: int) -> None:
            for _ in range(count):
                answer = bare.get(url, headers=headers)
                if is_error:
                    answer.json()

        async def asubject(count: int) -> None:
            for _ in range(count):
                with suppress(DomainError):
                    await ours.get(path, subject="user-1")

        async def areference(count: int) -> None:
            for _ in range(count):
                answer = await bare.get(url, headers=headers)
                if is_error:
                    answer.json()

        if isinstance(ours, ServiceHttpClient):
            return subject, reference
        return _on_the_loop(asubject), _on_the_loop(areference)

    def works_with_new_urls(self) -> tuple[Work, Work]:
        """GETs none of which is like another."""
        numbers = iter(range(10**9))
        base, headers, bare, ours = self.base, self.headers, self.bare, self.ours

        async def asubject(count: int) -> None:
            for _ in range(count):
                await ours.get(f"items/{next(numbers)}", subject="user-1")

        async def areference(count: int) -> None:
            for _ in range(count):
                await bare.get(f"{base}/items/{next(numbers)}", headers=headers)

        return _on_the_loop(asubject), _on_the_loop(areference)


def _serving() -> Any:
    """As within a request that has an id and a deadline."""
    return bind(correlation=_CORRELATION, deadline=time.monotonic() + 3_600)


def _on_the_loop(work: Callable[[int], Coroutine[Any, Any, None]]) -> Work:
    def run(count: int) -> None:
        with _serving():
            _LOOP.run_until_complete(work(count))

    return run


def pair(
    *, is_async: bool, base: str = BASE, over_network: bool = False, everything: bool = True
) -> Pair:
    """Our client, by default with everything on, and the bare one."""
    signer = ServiceAuthSigner(secret="a secret of at least thirty-two bytes", issuer="orders")
    token = signer.token(audience="stock", subject="user-1")
    headers = {
        "authorization": f"Bearer {token}",
        "x-correlation-id": _CORRELATION.correlation_id,
        "x-request-timeout-ms": "29999",
        **_TRACE,
    }
    options = features(base, signer)
    if not everything:
        options = {name: options[name] for name in ("base_url", "audience", "signer", "propagate")}
    transport = None if over_network else httpx.MockTransport(answered)
    if is_async:
        bare = httpx.AsyncClient(transport=transport)
        ours = AsyncServiceHttpClient(client=bare, **options)
        return Pair(ours, bare, base, headers)
    plain = httpx.Client(transport=transport)
    return Pair(ServiceHttpClient(client=plain, **options), plain, base, headers)


@dataclass(frozen=True, slots=True)
class OverLoopback:
    """The same over HTTP on loopback, with connections that are kept.

    Attributes:
        name: What is compared.
        is_async: Which of the clients.
        must: The largest ratio.
    """

    name: str
    is_async: bool
    must: float = 1.05

    def run(self, *, rounds: int) -> Result:
        """Start the server, and measure."""
        command = [sys.executable, "-m", "tools.bench.client_suite"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no output")
            base = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
            made = pair(is_async=self.is_async, base=base, over_network=True)
            subject, reference = made.works(ITEM)
            costs = side_by_side((subject, reference), rounds)
            if self.is_async:
                _LOOP.run_until_complete(made.bare.aclose())
            else:
                made.bare.close()
        finally:
            server.kill()
            server.communicate()  # which closes the pipe
        ratio = statistics.median(ours / theirs for ours, theirs in zip(*costs, strict=True))
        shown = Benchmark(
            self.name, nothing, nothing, "httpx with the same headers", self.must, faster=False
        )
        ours, theirs = (statistics.median(each) for each in costs)
        return Result(shown, ratio, ours * 1e6, theirs * 1e6)


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a service that always fails is called by a thousand calls."""

    name: str
    must: int = 1_110
    calls: int = 1_000

    def run(self, *, rounds: int) -> Result:
        """Count; the rounds do not matter."""
        del rounds
        count = 0

        def failing(request: httpx.Request) -> httpx.Response:
            nonlocal count
            count += request.method == "GET"
            return httpx.Response(503)

        signer = ServiceAuthSigner(secret="a secret of at least thirty-two bytes", issuer="orders")
        client = ServiceHttpClient(
            base_url=BASE,
            audience="stock",
            signer=signer,
            client=httpx.Client(transport=httpx.MockTransport(failing)),
            retry=HttpRetryPolicy(),
            propagate=_propagate,
            sleep_fn=_sleepless,
        )
        for _ in range(self.calls):
            with suppress(DomainError):
                client.get(ITEM)
        shown = Benchmark(
            self.name,
            nothing,
            nothing,
            f"{self.calls} calls",
            self.must / self.calls,
            faster=False,
        )
        return Result(shown, count / self.calls, float(count), float(self.calls))


def serve() -> None:
    """Answer every request with the same bytes, until the process is ended."""
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while more := connection.recv(65_536):
        received += more
        if received.endswith(b"\r\n\r\n"):
            connection.sendall(_ANSWER)
            received = b""


def benchmarks() -> list[Comparison]:
    """Every comparison, in the order in which they are shown."""
    kinds = {"async": pair(is_async=True), "sync": pair(is_async=False)}
    plain = {
        "async": pair(is_async=True, everything=False),
        "sync": pair(is_async=False, everything=False),
    }
    return [
        *(
            Benchmark(
                f"client: {kind} get, everything on",
                *made.works(ITEM),
                "httpx with the same headers",
                1.15,
                faster=False,
            )
            for kind, made in kinds.items()
        ),
        *(
            Benchmark(
                f"client: {kind} get, an error of 1 KiB",
                *made.works("gone", is_error=True),
                "httpx, and response.json()",
                1.25,
                faster=False,
            )
            for kind, made in plain.items()
        ),
        Benchmark(
            "client: async get, each URL a new one",
            *kinds["async"].works_with_new_urls(),
            "httpx with the same headers",
            1.4,
            faster=False,
        ),
        OverLoopback("client: async get over loopback", is_async=True),
        OverLoopback("client: sync get over loopback", is_async=False),
        Attempts("client: attempts at what always fails"),
    ]


if __name__ == "__main__":
    serve()
