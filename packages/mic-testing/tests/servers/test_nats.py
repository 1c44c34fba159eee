from __future__ import annotations

import importlib.metadata
import socket
import threading
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import StorageType, StreamConfig

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers._nats import NatsRecipe
from mic.testing.servers._supervisor import Supervisor


async def _connect(server: Server) -> Client:
    return await nats.connect(server.url, allow_reconnect=False, connect_timeout=2)


async def _streams(server: Server) -> list[str]:
    client = await _connect(server)
    try:
        infos = await client.jetstream().streams_info()
        return [info.config.name or "" for info in infos]
    finally:
        await client.close()


async def _make_stream(server: Server, name: str) -> None:
    client = await _connect(server)
    context = client.jetstream()
    await context.add_stream(
        StreamConfig(name=name, subjects=[f"{name}.>"], storage=StorageType.FILE)
    )
    await context.publish(f"{name}.a", b"kept")
    await client.close()


def test_it_is_on_a_port_of_its_own(nats_server: Server) -> None:
    assert nats_server.version.startswith("NATS 2.15")
    assert nats_server.port != 4222


async def test_what_was_acknowledged_survives_a_restart_and_a_kill(
    nats_server: Server, nats_prefix: str
) -> None:
    await _make_stream(nats_server, nats_prefix)
    nats_server.restart()
    client = await _connect(nats_server)
    await client.jetstream().publish(f"{nats_prefix}.b", b"kept too")
    await client.close()
    nats_server.kill()
    with pytest.raises(OSError, match=r"refused"):
        socket.create_connection((nats_server.host, nats_server.port), 1)
    nats_server.restart()
    client = await _connect(nats_server)
    info = await client.jetstream().stream_info(nats_prefix)
    assert info.state.messages == 2
    await client.close()


async def test_paused_it_times_out(nats_server: Server) -> None:
    client = await _connect(nats_server)
    await client.flush(timeout=1)
    nats_server.pause()
    with pytest.raises(nats.errors.TimeoutError, match="timeout"):
        await client.flush(timeout=1)
    nats_server.resume()
    await client.close()


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
async def test_one_test_does_not_see_what_another_made(
    turn: int, nats_server: Server, nats_prefix: str
) -> None:
    assert not [name for name in await _streams(nats_server) if name.lower() in _FOUND]
    await _make_stream(nats_server, nats_prefix.upper())
    _FOUND.append(nats_prefix)


async def test_other_streams_stay(nats_server: Server, mic_servers: Supervisor) -> None:
    await _make_stream(nats_server, "other")
    recipe = NatsRecipe()

    def remove() -> None:
        recipe.close_space(nats_server, "t0")

    thread = threading.Thread(target=remove)  # a loop of its own
    thread.start()
    thread.join()
    assert "other" in await _streams(nats_server)


def test_what_speaks_something_else_is_not_nats() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"220 mail\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(ConnectionError, match="it does not speak NATS"):
            NatsRecipe().ask(f"nats://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()


def test_without_the_wheel_it_is_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", files)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerUnavailableError, match=r"install mic-testing\[nats\], or put nats-"):
        NatsRecipe().find()
    (tmp_path / "nats-server").touch(0o755)
    recipe = NatsRecipe()
    recipe.find()
    assert recipe.launch(tmp_path, [1]).command[0] == str(tmp_path / "nats-server")
