from __future__ import annotations

from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]  # it has no types

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _kafka_mock as module
from mic.testing.servers._kafka_mock import KafkaMockRecipe
from mic.testing.servers._supervisor import Supervisor


async def test_it_takes_an_idempotent_producer(kafka_mock: Server, mic_servers: Supervisor) -> None:
    assert kafka_mock.version.startswith("librdkafka 2.")
    with mic_servers.space(kafka_mock) as topic:
        producer = AIOKafkaProducer(bootstrap_servers=kafka_mock.address, enable_idempotence=True)
        await producer.start()
        sent = await producer.send_and_wait(topic, b"once")
        await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_mock.address)
    await consumer.start()
    partition = TopicPartition(topic, sent.partition)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    assert (await consumer.getone()).value == b"once"
    await consumer.stop()


@pytest.mark.parametrize(
    ("method", "done"),
    [("kill", "killed"), ("pause", "paused"), ("resume", "resumed"), ("restart", "restarted")],
)
def test_it_cannot_be_made_to_fail(kafka_mock: Server, method: str, done: str) -> None:
    assert kafka_mock.pid is None
    with pytest.raises(
        RuntimeError, match=rf"kafka_mock lives in .* so it cannot be {done}: take kafka_server"
    ):
        getattr(kafka_mock, method)()


def test_it_ends_with_the_session(kafka_mock: Server) -> None:
    supervisor = Supervisor({})
    server = supervisor.server("kafka-mock")
    assert server.address != kafka_mock.address
    supervisor.close()
    assert server.control.alive == []  # type: ignore[attr-defined]  # what keeps it alive


def test_without_the_wheel_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    with pytest.raises(ServerUnavailableError, match=r"install mic-testing\[kafka\]$"):
        KafkaMockRecipe().find()


def test_it_is_no_process() -> None:
    recipe = KafkaMockRecipe()
    with pytest.raises(NotImplementedError, match=r"^$"):
        recipe.launch(Path(), [])
    with pytest.raises(NotImplementedError, match=r"^$"):
        recipe.url([])
    with pytest.raises(NotImplementedError, match=r"^$"):
        recipe.ask("")
