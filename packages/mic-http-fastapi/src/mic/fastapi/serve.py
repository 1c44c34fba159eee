"""Serves an application with uvicorn, with the bounds that a service in production wants."""

from __future__ import annotations

import math
from typing import Any

import uvicorn


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
    """Serve until a signal ends the process.

    Guarantees: requests above `limit_concurrency` are answered 503 by the server; on SIGTERM open
    requests have `graceful_shutdown_seconds` to finish; `Forwarded`-style headers are believed from
    `trusted_proxies` only, and from nobody by default. The `Server` header is not sent.

    Args:
        app: An ASGI application, or its import path (`"package.module:app"`).
        host: Address to listen on; only this machine by default.
        port: Port, 0 to 65535; 0 takes a free one.
        limit_concurrency: Connections and tasks at a time.
        keep_alive_seconds: How long an idle connection is kept.
        graceful_shutdown_seconds: How long open requests may take after the signal; rounded up to
            whole seconds.
        trusted_proxies: Addresses or networks whose `X-Forwarded-For` and `-Proto` count.
        access_log: Whether uvicorn logs each request; ours knows more.
        uvicorn_options: Whatever else `uvicorn.run` takes; wins over everything above.
    """
    settings: dict[str, Any] = {
        "host": host,
        "port": port,
        "limit_concurrency": limit_concurrency,
        "timeout_keep_alive": keep_alive_seconds,
        "timeout_graceful_shutdown": math.ceil(graceful_shutdown_seconds),
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": list(trusted_proxies),
        "access_log": access_log,
        "server_header": False,
    }
    uvicorn.run(app, **{**settings, **uvicorn_options})
