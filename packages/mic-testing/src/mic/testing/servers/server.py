"""What a server fixture yields: where the server is, what it is, and how a test makes it fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit


class ServerStartError(RuntimeError):
    """A server that is installed did not start; the message ends with the tail of its log."""


class ServerUnavailableError(RuntimeError):
    """A server cannot be started here; the message says what to install."""


class ServerControl(Protocol):
    """What stands behind `Server.kill` and its like."""

    @property
    def pid(self) -> int | None:
        """As `Server.pid`."""
        ...

    def kill(self) -> None:
        """As `Server.kill`."""
        ...

    def pause(self) -> None:
        """As `Server.pause`."""
        ...

    def resume(self) -> None:
        """As `Server.resume`."""
        ...

    def restart(self) -> None:
        """As `Server.restart`."""
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """A running server that a test may talk to, and make fail.

    Guarantees: what a fixture yields has answered in its own protocol. It listens on 127.0.0.1
    only, on a port of its own that it keeps, and it is gone when the session is, even when pytest
    is killed. A test that leaves it killed or paused spoils nothing: it is put right before the
    next test begins.

    A server that an environment variable names is not ours to break: there `pid` is `None`, and
    `kill`, `pause`, `resume` and `restart` skip the test with a sentence that says so.

    Attributes:
        url: Where it is, as the backends of the family take it. For a cluster, its first node.
        kind: What it speaks: `redis`, `postgres`, ..., as in `--mic-require`.
        version: What really answered and its version (`Valkey 9.1.2`): a claim of support names
            this.
        nodes: The servers of a cluster, each with a control of its own; empty for a single server.
    """

    url: str = field(repr=False)
    kind: str
    version: str
    control: ServerControl = field(repr=False, compare=False)
    nodes: tuple[Server, ...] = ()

    @property
    def pid(self) -> int | None:
        """The process that listens; `None` while it is down, and for what we did not start."""
        return self.control.pid

    @property
    def host(self) -> str:
        """The host of `url`, the first where it names several."""
        return self._first.hostname or ""

    @property
    def port(self) -> int:
        """The port of `url`, the first where it names several; 0 where it names none."""
        return self._first.port or 0

    @property
    def address(self) -> str:
        """`host:port`, as clients take it that want no URL; several with commas between them."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password of `url`, for drivers that take them apart; `None`: it has no user."""
        parts = self._first
        if parts.username is None:
            return None
        return unquote(parts.username), unquote(parts.password or "")

    @property
    def _first(self) -> SplitResult:
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.partition(",")[0])

    def url_of(self, database: str) -> str:
        """The URL of one of its databases, such as `postgres_database` names one."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))

    def kill(self) -> None:
        """Kill it as a power cut would (SIGKILL); when this returns, its port refuses.

        Does nothing to a server that is down.
        """
        self.control.kill()

    def pause(self) -> None:
        """Stop it in its tracks (SIGSTOP): connections stay open and are accepted, nothing answers.

        Raises:
            RuntimeError: It is not running.
        """
        self.control.pause()

    def resume(self) -> None:
        """Let it go on after `pause` (SIGCONT); does nothing to one that is not paused."""
        self.control.resume()

    def restart(self) -> None:
        """Stop it, if it runs, and start it again on the same port with the same data.

        Guarantees: it has answered when this returns. What it had acknowledged is there again, also
        after `kill`, except in a server that keeps its data in memory only (`kafka_server`).

        Raises:
            ServerStartError: It did not come back.
        """
        self.control.restart()

    def __repr__(self) -> str:
        """Without the credentials that `url` may hold."""
        return f"Server({self.kind}, {self.version}, {safe_url(self.url)}, pid={self.pid})"


def safe_url(url: str) -> str:
    """The address of a URL without user, password and parameters."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path.rpartition("@")[2]  # what looks like no URL may hold them too
    return urlunsplit((parts.scheme, host, path, "", ""))
