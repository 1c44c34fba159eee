"""Private servers for tests, started without containers on free ports of 127.0.0.1.

The fixtures of the plug-in give them: `redis_server`, `postgres_server` and so on; each yields a
`Server`.
"""

from mic.testing.servers.server import (
    Server,
    ServerControl,
    ServerStartError,
    ServerUnavailableError,
)

__all__ = ["Server", "ServerControl", "ServerStartError", "ServerUnavailableError"]
