"""What the tests of this distribution share."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from mic.testing import FakeSigner, ManualClock, ScriptedHttpServer

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Upstream:
    """The other service, as a handler of `httpx.MockTransport`: answers from a list, the last one
    again and again, and counts.
    """

    def __init__(self) -> None:
        self.answers: list[Any] = [httpx.Response(200, json={"ok": True})]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        # a copy: a later attempt brings the request up to date
        self.requests.append(
            httpx.Request(
                request.method,
                request.url,
                headers=request.headers.raw,
                stream=request.stream,
                extensions=request.extensions,
            )
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
        assert isinstance(answer, httpx.Response)
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
        )

    @property
    def count(self) -> int:
        return len(self.requests)

    def sent(self, name: str) -> list[str]:
        """The values of a header in each request; one that was sent twice stands there joined."""
        return [",".join(each.headers.get_list(name)) for each in self.requests]


class RawServer:
    """Answers every connection with one 200, and keeps the heads of requests as they came."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.heads: list[list[tuple[str, str]]] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as reader, suppress(OSError):
                reader.readline()
                lines: list[tuple[str, str]] = []
                while line := reader.readline().decode("latin-1").strip():
                    name, _, value = line.partition(":")
                    lines.append((name.lower(), value.strip()))
                reader.read(int(dict(lines).get("content-length", "0")))
                self.heads.append(lines)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                )

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def signer() -> FakeSigner:
    return FakeSigner()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000.0)


@pytest.fixture
def server() -> Iterator[ScriptedHttpServer]:
    with ScriptedHttpServer() as scripted:
        yield scripted


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    raw = RawServer()
    yield raw
    raw.close()


@pytest.fixture
def problem() -> Callable[..., httpx.Response]:
    """Makes an error answer as the family writes it."""

    def make(status: int, code: str, *, headers: Any = None, **members: Any) -> httpx.Response:
        body = {
            "type": f"urn:mic:error:{code}",
            "title": "title",
            "status": status,
            "detail": "said the other service",
            "success": False,
            "code": code,
            "message": "said the other service",
            "details": {},
            **members,
        }
        fields = {"content-type": "application/problem+json", **(headers or {})}
        return httpx.Response(status, content=json.dumps(body).encode(), headers=fields)

    return make
