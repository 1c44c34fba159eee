from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from mic.testing.servers import Server, ServerStartError, ServerUnavailableError
from mic.testing.servers import _supervisor as module
from mic.testing.servers._managed import Launch, PortTakenError
from mic.testing.servers._ports import free_ports
from mic.testing.servers._processes import is_running, wait_until_gone
from mic.testing.servers._recipe import Recipe
from mic.testing.servers._supervisor import Supervisor

SERVES = """
import socket, sys
print("line one", flush=True)
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listening:
    while True:
        connection, _ = listening.accept()
        with connection:
            print("served", flush=True)
            connection.sendall(b"v1")
"""


class Fake(Recipe):
    name = "fake"
    variable = "MIC_TEST_FAKE_URL"
    advice = "a fake"
    installed = True
    made = 0
    let_go = 0
    closed: ClassVar[list[tuple[Server, str]]] = []

    def find(self) -> None:
        if not self.installed:
            self.missing()
        type(self).made += 1

    def install(self, folder: Path) -> None:
        (folder / "data").write_text("x")

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        return Launch(
            command=[sys.executable, "-c", SERVES, str(ports[0])],
            port=ports[0],
            probe=self.probe(self.url(ports)),
        )

    def url(self, ports: Sequence[int]) -> str:
        return f"fake://127.0.0.1:{ports[0]}"

    def ask(self, url: str) -> str:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 0.3) as connection:
            return connection.recv(10).decode()

    def close_space(self, server: Server, space: str) -> None:
        self.closed.append((server, space))

    def close(self) -> None:
        type(self).let_go += 1


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> type[Fake]:
    kind = type("Fake", (Fake,), {})
    monkeypatch.setattr(module, "recipe_of", lambda name: kind())
    return kind


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor({})
    yield made
    made.close()


def _folder(supervisor: Supervisor) -> Path:
    assert supervisor._session is not None
    return supervisor._session[0]


def test_nothing_is_started_before_it_is_asked_for(supervisor: Supervisor) -> None:
    assert supervisor._session is None
    supervisor.heal()
    supervisor.mark_logs()
    assert list(supervisor.logs()) == []


def test_a_server_is_started_once(supervisor: Supervisor, fake: type[Fake]) -> None:
    server = supervisor.server("fake")
    assert supervisor.server("fake") is server
    assert fake.made == 1
    assert (server.kind, server.version) == ("fake", "v1")
    assert (_folder(supervisor) / "fake" / "data").read_text() == "x"


def test_close_ends_everything_and_leaves_nothing(supervisor: Supervisor, fake: type[Fake]) -> None:
    server = supervisor.server("fake")
    folder, pid = _folder(supervisor), server.pid
    assert supervisor._session is not None
    watchdog = supervisor._session[1]
    assert pid is not None
    server.pause()
    supervisor.close()
    assert wait_until_gone([pid, watchdog.pid], 0)
    assert not folder.exists()
    assert fake.let_go == 1
    supervisor.close()


def test_a_clients_folder_goes_with_the_session(supervisor: Supervisor) -> None:
    folder = supervisor.scratch("client")
    (folder / "file").write_text("x")
    assert supervisor.scratch("client") == folder
    assert (folder.parent, folder.stat().st_mode & 0o777) == (_folder(supervisor), 0o700)
    supervisor.close()
    assert not folder.parent.exists()


def test_a_session_may_begin_anew(supervisor: Supervisor) -> None:
    first = supervisor.server("fake")
    supervisor.close()
    second = supervisor.server("fake")
    assert second is not first
    assert second.pid is not None


def test_what_is_not_installed_is_looked_for_once(supervisor: Supervisor, fake: type[Fake]) -> None:
    fake.installed = False
    for _ in range(2):
        with pytest.raises(ServerUnavailableError, match="no fake server here: install a fake"):
            supervisor.server("fake")
        fake.installed = True
    assert fake.made == 0
    assert supervisor._session is None


def test_a_taken_port_is_tried_again_with_another(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        given = iter([[taken], [taken]])
        monkeypatch.setattr(
            module, "free_ports", lambda count: next(given, None) or free_ports(count)
        )
        server = supervisor.server("fake")
    assert server.port not in {taken, 0}


def test_ports_that_are_always_taken_are_given_up(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        monkeypatch.setattr(module, "free_ports", lambda count: [taken])
        monkeypatch.setattr(module, "_ATTEMPTS", 2)
        with pytest.raises(PortTakenError, match="fake ended with code 1"):
            supervisor.server("fake")


def test_what_was_killed_or_paused_is_put_right(supervisor: Supervisor) -> None:
    server = supervisor.server("fake")
    server.kill()
    supervisor.heal()
    assert server.pid is not None
    assert is_running(server.pid)


def test_only_what_a_test_caused_is_told(supervisor: Supervisor) -> None:
    server = supervisor.server("fake")
    assert dict(supervisor.logs())["fake"].startswith("line one\nserved")
    supervisor.mark_logs()
    assert list(supervisor.logs()) == []
    for _ in range(100):
        Fake().ask(server.url)
    supervisor.server("fake")
    [(name, text)] = supervisor.logs()
    assert (name, set(text.splitlines())) == ("fake", {"served"})
    assert len(text.splitlines()) <= 60


def test_the_environment_comes_first(fake: type[Fake], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setattr(fake, "ask", lambda self, url: f"asked {url}")
        supervisor = Supervisor({"MIC_TEST_FAKE_URL": f"fake://127.0.0.1:{port}"})
        server = supervisor.server("fake")
    assert (server.pid, server.version) == (None, f"asked fake://127.0.0.1:{port}")
    assert fake.made == 0
    supervisor.close()


def test_one_of_the_environment_that_is_not_there_is_an_error_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    supervisor = Supervisor({"MIC_TEST_FAKE_URL": f"fake://ada:secret@127.0.0.1:{port}"})
    with pytest.raises(
        ServerStartError,
        match=rf"^the fake server that \$MIC_TEST_FAKE_URL names, fake://127\.0\.0\.1:{port}, does"
        r" not answer \(ConnectionRefusedError\)$",
    ):
        supervisor.server("fake")


def test_a_kind_that_no_variable_names_is_started(fake: type[Fake]) -> None:
    fake.variable = ""
    supervisor = Supervisor({"": "nonsense"})
    assert supervisor.server("fake").pid is not None
    supervisor.close()
