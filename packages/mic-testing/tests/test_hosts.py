from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from mic.http import HttpRouteSpec, build_asgi_app
from mic.testing._hosts import HOSTS, AppClients, Host, HostAbsentError
from mic.testing.route_client import AsyncRouteClient, RouteClient

_ROUTES = [HttpRouteSpec("GET", "/{n}", "double", "demo", lambda n: n + n)]


def test_the_hosts_in_order() -> None:
    assert list(HOSTS) == ["asgi", "fastapi", "litestar"]
    assert HOSTS["asgi"].builder() is build_asgi_app


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_every_host_serves_routes(host: Host) -> None:
    clients = AppClients(host, RouteClient)
    assert clients.host == host.name
    assert clients(_ROUTES).get("/ab").json() == "abab"
    clients.close()


async def test_asynchronous_clients_have_nothing_to_close() -> None:
    clients = AppClients(HOSTS["asgi"], AsyncRouteClient)
    answer = await clients(_ROUTES).get("/ab")
    clients.close()
    assert answer.json() == "abab"


def test_clients_are_closed() -> None:
    clients = AppClients(HOSTS["asgi"], RouteClient)
    client = clients(_ROUTES)
    client.get("/ab")
    clients.close()
    with pytest.raises(RuntimeError, match="this RouteClient is closed"):
        client.get("/ab")


def test_an_absent_host_says_what_to_install() -> None:
    absent = Host("other", "mic.no_such_host", "build", "mic-http-other")
    with pytest.raises(
        HostAbsentError, match='other is not installed: pip install "mic-http-other"'
    ):
        absent.builder()


def test_a_host_that_is_broken_inside_is_not_called_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_host.py").write_text("import no_such_framework\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_framework'"):
        Host("broken", "broken_host", "build", "broken").builder()
    assert "broken_host" not in sys.modules
