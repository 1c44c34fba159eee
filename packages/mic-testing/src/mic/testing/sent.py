"""What was really sent: statements of an SQLAlchemy engine, commands of a Redis server."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mic.testing.servers.server import Server

_MOST = 100_000
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Statements:
    """What an engine sent, oldest first; the last 100,000 are kept.

    Attributes:
        texts: One a round trip of a cursor: `executemany` is one, BEGIN and COMMIT are none.
        transactions: `commit` and `rollback`, in order.
    """

    texts: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST))
    transactions: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST))

    def __len__(self) -> int:
        """How many statements."""
        return len(self.texts)


@contextmanager
def count_statements(engine: Any) -> Iterator[Statements]:
    """Note every statement that an engine sends while the block runs.

    ```python
    with count_statements(engine) as statements:
        repository.find_many(ids)
    assert len(statements) == 1
    ```

    Args:
        engine: An SQLAlchemy `Engine` or `AsyncEngine`.
    """
    from sqlalchemy import event

    engine = getattr(engine, "sync_engine", engine)
    seen = Statements()

    def note_statement(*told: Any) -> None:
        seen.texts.append(told[2])  # after the connection and the cursor

    def note_commit(*_: Any) -> None:
        seen.transactions.append("commit")

    def note_rollback(*_: Any) -> None:
        seen.transactions.append("rollback")

    listeners = [
        ("before_cursor_execute", note_statement),
        ("commit", note_commit),
        ("rollback", note_rollback),
    ]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


class RedisCommands:
    """The commands that reached a Redis server; made by `redis_monitor`."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self._seen: deque[str] = deque(maxlen=_MOST)
        self._changed = threading.Condition()
        self._marks: set[str] = set()
        self._clients = [_client(node, stack) for node in server.nodes or (server,)]
        for client in self._clients:
            self._listen(client, stack)

    def seen(self) -> list[str]:
        """What came until now, oldest first: one text a command, its words with spaces between.

        Guarantees: a command that was answered before the call is in it. The last 100,000 are kept.
        """
        wanted = set()
        for client in self._clients:
            wanted.add(mark := f"mark-{secrets.token_hex(8)}")
            client.echo(mark)
        with self._changed:
            self._changed.wait_for(lambda: wanted <= self._marks, _WAIT_SECONDS)
            if not wanted <= self._marks:
                msg = f"the server did not tell of its commands within {_WAIT_SECONDS:g} s"
                raise TimeoutError(msg)
            self._marks -= wanted
            return list(self._seen)

    def _listen(self, client: Any, stack: ExitStack) -> None:
        end = f"mark-{secrets.token_hex(8)}"
        monitor = stack.enter_context(client.monitor())
        thread = threading.Thread(
            target=self._read, args=(monitor, end), name="redis-monitor", daemon=True
        )
        thread.start()
        stack.callback(thread.join, _WAIT_SECONDS)
        stack.callback(client.echo, end)

    def _read(self, monitor: Any, end: str) -> None:
        while True:
            each = monitor.next_command()
            command = str(each["command"])
            word, _, rest = command.partition(" ")
            if word == "ECHO" and rest.startswith("mark-"):
                if rest == end:
                    return
                with self._changed:
                    self._marks.add(rest)
                    self._changed.notify_all()
            elif each["client_type"] != "lua" and word not in {"CLIENT", "HELLO"}:
                with self._changed:
                    self._seen.append(command)


@contextmanager
def redis_monitor(server: Server) -> Iterator[RedisCommands]:
    """Listen to every command that a Redis server, or each node of a cluster, gets (MONITOR).

    What a script does inside the server is not counted, nor what a client says when it connects.

    ```python
    with redis_monitor(redis_server) as commands:
        cache.get_many(keys)
    assert len(commands.seen()) == 1
    ```
    """
    with ExitStack() as stack:
        yield RedisCommands(server, stack)


def _client(node: Server, stack: ExitStack) -> Any:
    import redis

    client = redis.Redis.from_url(node.url, decode_responses=True, protocol=2)
    stack.callback(client.close)
    return client
