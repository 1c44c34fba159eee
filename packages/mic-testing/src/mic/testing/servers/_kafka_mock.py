"""The mock cluster inside librdkafka, which takes idempotent producers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mic.testing.servers._managed import Launch
from mic.testing.servers._recipe import Recipe, wheel_folder
from mic.testing.servers.server import Server

if TYPE_CHECKING:
    from mic.testing.servers._supervisor import Supervisor

_START_SECONDS = 10.0


class KafkaMockRecipe(Recipe):
    """Brokers on loopback ports, alive as long as the client that made them."""

    name = "kafka-mock"
    advice = "mic-testing[kafka]"

    def find(self) -> None:
        """The wheel that has librdkafka in it."""
        if wheel_folder("confluent_kafka") is None:
            self.missing()

    def start(self, supervisor: Supervisor) -> Server:
        """Make a client with a cluster in it, and ask it where that listens."""
        import confluent_kafka

        client = confluent_kafka.Producer({"test.mock.num.brokers": "1", "log_level": 0})
        brokers = client.list_topics(timeout=_START_SECONDS).brokers.values()
        alive = [client]
        supervisor.on_close(alive.clear)
        return Server(
            url="kafka://" + ",".join(f"{broker.host}:{broker.port}" for broker in brokers),
            kind=self.name,
            version=f"librdkafka {confluent_kafka.libversion()[0]} (mock cluster)",
            control=InProcess(alive),
        )

    def launch(self, folder: Path, ports: Sequence[int]) -> Launch:
        """There is no process."""
        raise NotImplementedError

    def url(self, ports: Sequence[int]) -> str:
        """It takes ports of its own choice."""
        raise NotImplementedError

    def ask(self, url: str) -> str:
        """It has answered when it was made."""
        raise NotImplementedError

    def close_space(self, server: Server, space: str) -> None:
        """Topics stay until the end of the session."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """The control of what lives in this process, and holds what keeps it alive."""

    alive: list[Any]

    @property
    def pid(self) -> int | None:
        """It has none of its own."""
        return None

    def kill(self) -> None:
        """Not possible."""
        _refuse("killed")

    def pause(self) -> None:
        """Not possible."""
        _refuse("paused")

    def resume(self) -> None:
        """Not possible."""
        _refuse("resumed")

    def restart(self) -> None:
        """Not possible."""
        _refuse("restarted")


def _refuse(done: str) -> NoReturn:
    msg = (
        f"kafka_mock lives in the process of the tests, so it cannot be {done}: take kafka_server,"
        " or put a FaultProxy before it"
    )
    raise RuntimeError(msg)
