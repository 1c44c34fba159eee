from typing import Any

import pytest
import uvicorn

from mic.fastapi import serve


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What uvicorn was started with, in place of a server that runs for ever."""
    seen: dict[str, Any] = {}

    def run(app: Any, **settings: Any) -> None:
        uvicorn.Config(app, **settings)  # refuses what it does not know
        seen.update(settings, app=app)

    monkeypatch.setattr(uvicorn, "run", run)
    return seen


async def app(scope: Any, receive: Any, send: Any) -> None:
    """An app that is never called."""


def test_the_defaults_are_bounded_and_trust_nobody(started: dict[str, Any]) -> None:
    serve(app)
    assert started == {
        "app": app,
        "host": "127.0.0.1",
        "port": 8000,
        "limit_concurrency": 1_000,
        "timeout_keep_alive": 20,
        "timeout_graceful_shutdown": 30,
        "proxy_headers": False,
        "forwarded_allow_ips": [],
        "access_log": False,
        "server_header": False,
    }


def test_everything_can_be_set(started: dict[str, Any]) -> None:
    serve(
        "package.module:app",
        host="0.0.0.0",  # nothing is bound here
        port=0,
        graceful_shutdown_seconds=0.5,
        trusted_proxies=("10.0.0.0/8",),
        access_log=True,
        server_header=True,
    )
    assert started["timeout_graceful_shutdown"] == 1
    assert started["forwarded_allow_ips"] == ["10.0.0.0/8"]
    assert (started["proxy_headers"], started["server_header"]) == (True, True)
