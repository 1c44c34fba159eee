"""Revocation and replay among processes, on a store that is a server of its own."""

import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SECRET = "s" * 32

PRELUDE = f"""
import json, socket, sys
from mic.auth import *
from mic.auth import CacheReplayGuard, RevocationList

class Store:
    def __init__(self, port):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.connection.settimeout(float(sys.argv[2]))
        self.lines = self.connection.makefile("rb")
    def ask(self, *request):
        self.connection.sendall(json.dumps(request).encode() + b"\\n")
        return json.loads(self.lines.readline())
    def get(self, key):
        value = self.ask("get", key)
        return None if value is None else value.encode()
    def set(self, key, value, *, ttl_seconds):
        self.ask("set", key, value.decode())
    def set_if_absent(self, key, value, *, ttl_seconds):
        return self.ask("add", key, value.decode())

store = Store(int(sys.argv[1]))
revocations = RevocationList(cache=store)
common = dict(secrets=({SECRET!r},), audience="stock", allowed_issuers=("orders",))
signer = ServiceAuthSigner(secret={SECRET!r}, issuer="orders")
def answer(verifier, token):
    try:
        return verifier.verify(token).iss
    except Exception as error:
        return error.code
def tell(value):
    print(json.dumps(value), flush=True)
def told():
    return json.loads(sys.stdin.readline())
"""


class Server(socketserver.ThreadingTCPServer):
    """An atomic store behind a socket; it can be paused."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.values: dict[str, str] = {}
        self.one_at_a_time = threading.Lock()
        self.runs = threading.Event()
        self.runs.set()

    def do(self, what: str, key: str, value: str = "") -> Any:
        self.runs.wait(60)
        with self.one_at_a_time:
            if what == "get":
                return self.values.get(key)
            absent = key not in self.values
            if what == "set" or absent:
                self.values[key] = value
            return absent


class Connection(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(json.dumps(self.server.do(*json.loads(line))).encode() + b"\n")


class Worker:
    """A process that runs a program on the store."""

    def __init__(self, port: int, program: str, *, timeout: float = 60) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + program, str(port), str(timeout)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent,
        )

    def tell(self, value: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def told(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def ask(self, value: Any) -> Any:
        self.tell(value)
        return self.told()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.runs.set()
        server.shutdown()
        thread.join(30)


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    started: list[Worker] = []
    yield started
    for worker in started:
        worker.close()


VERIFYING = """
verifier = ServiceAuthVerifier(**common, revocations=revocations)
tell("ready")
for line in sys.stdin:
    tell(answer(verifier, json.loads(line)))
"""

REVOKING = """
verifier = ServiceAuthVerifier(**common)
tell([signer.sign(audience="stock", subject="user-1"), signer.sign(audience="stock")])
told()
revocations.revoke_all_for_subject("user-1", ttl_seconds=3600)
tell("done")
revocations.revoke(verifier.verify(told()))
tell("done")
"""


def test_a_revocation_is_seen_by_the_next_call_in_another_process(
    server: Server, workers: list[Worker]
) -> None:
    port = server.server_address[1]
    workers += [Worker(port, VERIFYING), Worker(port, REVOKING)]
    verifying, revoking = workers
    assert verifying.told() == "ready"
    of_subject, single = revoking.told()
    for token in (of_subject, single):
        assert [verifying.ask(token) for _ in range(2)] == ["orders", "orders"]
    assert revoking.ask("go") == "done"
    assert verifying.ask(of_subject) == "service_auth.revoked"
    assert verifying.ask(single) == "orders"
    assert revoking.ask(single) == "done"
    assert verifying.ask(single) == "service_auth.revoked"


def test_a_paused_store_lets_nobody_pass(server: Server, workers: list[Worker]) -> None:
    port = server.server_address[1]
    workers += [Worker(port, VERIFYING, timeout=1), Worker(port, REVOKING)]
    verifying, revoking = workers
    assert verifying.told() == "ready"
    token, _ = revoking.told()
    assert verifying.ask(token) == "orders"
    server.runs.clear()
    assert verifying.ask(token) == "transient.revocation_unavailable"
    server.runs.set()
    revoking.tell("go")
    assert revoking.told() == "done"
    revoking.tell(token)
    assert revoking.told() == "done"


PRESENTING = """
import threading
token = told()
tell("ready")
told()
answers = []
def present():
    verifier = ServiceAuthVerifier(
        **common, replay_guard=CacheReplayGuard(cache=Store(int(sys.argv[1])))
    )
    answers.append(answer(verifier, token))
threads = [threading.Thread(target=present) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tell(answers)
"""


def test_of_32_presentations_in_two_processes_one_passes(
    server: Server, workers: list[Worker]
) -> None:
    from mic.auth import ServiceAuthSigner

    token = ServiceAuthSigner(secret=SECRET, issuer="orders").sign(audience="stock")
    workers += [Worker(server.server_address[1], PRESENTING) for _ in range(2)]
    for worker in workers:
        worker.tell(token)
        assert worker.told() == "ready"
    for worker in workers:
        worker.tell("go")
    answers = sorted(each for worker in workers for each in worker.told())
    assert answers == ["orders"] + ["service_auth.replayed"] * 31
