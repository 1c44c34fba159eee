import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn

from mic.http.route_spec import HttpRouteSpec
from mic.litestar import build_litestar_app, serve
from mic.litestar.serve import serve as published
from mic.testing import aeventually

Spec = Callable[..., HttpRouteSpec]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What uvicorn would have been told."""
    calls: list[tuple[Any, dict[str, Any]]] = []

    def run(app: Any, **options: Any) -> None:
        calls.append((app, options))

    monkeypatch.setattr(uvicorn, "run", run)
    return calls


def test_the_defaults_are_safe(ran: list[tuple[Any, dict[str, Any]]]) -> None:
    serve("service.main:app")
    assert ran == [
        (
            "service.main:app",
            {
                "host": "127.0.0.1",
                "port": 8000,
                "limit_concurrency": 1_000,
                "timeout_keep_alive": 20,
                "timeout_graceful_shutdown": 30,
                "proxy_headers": False,
                "forwarded_allow_ips": [],
                "access_log": False,
                "server_header": False,
                "log_config": None,
            },
        )
    ]
    assert published is serve


def test_everything_can_be_told(ran: list[tuple[Any, dict[str, Any]]]) -> None:
    serve(
        "a:b",
        port=1,
        graceful_shutdown_seconds=0.2,
        trusted_proxies=("10.0.0.0/8", "::1"),
        server_header=True,
        workers=2,
    )
    told = ran[0][1]
    assert (told["port"], told["timeout_graceful_shutdown"]) == (1, 1)
    assert (told["proxy_headers"], told["forwarded_allow_ips"]) == (True, ["10.0.0.0/8", "::1"])
    assert (told["server_header"], told["workers"]) == (True, 2)


async def exchange(port: int, method: str, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize("http", ["h11", "httptools"])
async def test_head_and_204_are_sound_under_a_real_server(http: Any, spec: Spec) -> None:
    async def nothing(n: int) -> None:
        return None

    routes = [spec("GET", "/items/{n}", "r"), spec("DELETE", "/items/{n}", "d", handler=nothing)]
    app = build_litestar_app(routes=routes)
    config = uvicorn.Config(app, log_config=None, http=http, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        await aeventually(lambda: server.started)
        port = bound.getsockname()[1]
        shown = await exchange(port, "GET", "/items/7")
        head = await exchange(port, "HEAD", "/items/7")
        gone = await exchange(port, "DELETE", "/items/7")
        folded = await exchange(port, "GET", "//items/7")
        server.should_exit = True
        await serving
    assert shown.endswith(b'\r\n\r\n["r",{"n":"7"}]')
    assert head.endswith(b"\r\n\r\n")
    assert b"content-length: 15\r\n" in head.lower()
    assert gone.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert gone.endswith(b"\r\n\r\n")
    assert b"content-length" not in gone.lower()
    assert folded.startswith(b"HTTP/1.1 404 ")
