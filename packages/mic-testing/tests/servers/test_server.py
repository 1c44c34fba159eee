from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mic.testing.servers import Server
from mic.testing.servers.server import safe_url


class Recorder:
    """A control that remembers what it was asked."""

    pid = 7

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda: self.asked.append(name)


def _server(url: str, control: Any = None) -> Server:
    return Server(url=url, kind="redis", version="Valkey 9", control=control or Recorder())


def test_it_tells_where_it_is() -> None:
    server = _server("redis://:pw@127.0.0.1:7001/0")
    assert (server.host, server.port, server.address) == ("127.0.0.1", 7001, "127.0.0.1:7001")
    assert server.pid == 7
    assert server.nodes == ()


def test_it_tells_who_may_log_in() -> None:
    assert _server("bolt://ada:a%40b@h:1").auth == ("ada", "a@b")
    assert _server("bolt://ada@h:1").auth == ("ada", "")
    assert _server("bolt://h:1").auth is None


def test_of_several_addresses_the_first_is_its_own() -> None:
    server = _server("kafka://ada:x@a:1,b:2")
    assert (server.host, server.port, server.address) == ("a", 1, "a:1,b:2")


def test_a_database_has_a_url() -> None:
    url = _server("postgresql://ada@h:1/postgres?sslmode=disable").url_of("t1")
    assert url == "postgresql://ada@h:1/t1?sslmode=disable"


def test_a_url_without_a_port_has_none() -> None:
    server = _server("redis:")
    assert (server.host, server.port) == ("", 0)


def test_everything_is_passed_to_its_control() -> None:
    control = Recorder()
    server = _server("redis://127.0.0.1:1/0", control)
    server.kill()
    server.pause()
    server.resume()
    server.restart()
    assert control.asked == ["kill", "pause", "resume", "restart"]


def test_it_is_frozen() -> None:
    name = "url"
    with pytest.raises(dataclasses.FrozenInstanceError, match="url"):
        setattr(_server("redis://127.0.0.1:1/0"), name, "redis://elsewhere")


def test_its_text_holds_no_credentials() -> None:
    text = repr(_server("redis://ada:secret@h:1/0?password=secret"))
    assert text == "Server(redis, Valkey 9, redis://h:1/0, pid=7)"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://u:p@h:1/0?x=1#f", "redis://h:1/0"),
        ("http://h/p", "http://h/p"),
        ("h:1", "h:1"),
        ("u:p@h:1", "u:h:1"),
        ("ada:secret@", "ada:"),
    ],
)
def test_a_safe_url_is_an_address(url: str, shown: str) -> None:
    assert safe_url(url) == shown
