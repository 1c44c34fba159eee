"""Runs an app under uvicorn with limits that a service should have."""

from __future__ import annotations

import math
from typing import Any

import uvicorn

__all__ = ["serve"]


def serve(
    app: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limit_concurrency: int = 1_000,
    keep_alive_seconds: int = 20,
    graceful_shutdown_seconds: float = 30.0,
    trusted_proxies: tuple[str, ...] = (),
    access_log: bool = False,
    **uvicorn_options: Any,
) -> None:
    """Serve an ASGI app until the process is told to stop.

    Guarantees: listens on loopback unless told otherwise; more connections and requests than
        `limit_concurrency` are answered 503;
    running requests get `graceful_shutdown_seconds` to end. Headers about the client are believed
    from `trusted_proxies` alone. The logging of the process is left as it is.

    Args:
        app: The app, or an import string such as `"service.main:app"`, which `workers` and `reload`
            need.
        host: Address to listen on.
        port: Port, 0 for any that is free.
        limit_concurrency: Connections and running requests at a time.
        keep_alive_seconds: How long an idle connection stays open.
        graceful_shutdown_seconds: How long running requests may take at the end; rounded up to
            whole seconds.
        trusted_proxies: Addresses or networks of proxies whose `X-Forwarded-For` and `-Proto`
            count.
        access_log: Whether uvicorn writes a line for every request.
        uvicorn_options: Further options of `uvicorn.run`; they win.
    """
    chosen: dict[str, Any] = {
        "host": host,
        "port": port,
        "limit_concurrency": limit_concurrency,
        "timeout_keep_alive": keep_alive_seconds,
        "timeout_graceful_shutdown": math.ceil(graceful_shutdown_seconds),
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": list(trusted_proxies),
        "access_log": access_log,
        "server_header": False,
        "log_config": None,
    }
    uvicorn.run(app, **{**chosen, **uvicorn_options})
