from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]  # it has no types
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # it has no types

from mic.testing import FaultProxy
from mic.testing.servers._isolation import new_name
from mic.testing.servers._kafka_proxy import _PROXIES, proxy_of
from mic.testing.servers._supervisor import Supervisor


async def test_every_byte_goes_through_the_proxy(kafka_proxy: FaultProxy) -> None:
    topic = new_name()
    assert kafka_proxy.url == f"kafka://{kafka_proxy.address}"
    producer = AIOKafkaProducer(bootstrap_servers=kafka_proxy.address, request_timeout_ms=500)
    await producer.start()
    await producer.send_and_wait(topic, b"one")
    before = kafka_proxy.passed("server")
    await producer.send_and_wait(topic, b"x" * 1000)
    assert kafka_proxy.passed("server") > before + 1000
    kafka_proxy.cut()
    with pytest.raises(KafkaError, match=r"."):
        await producer.send_and_wait(topic, b"two")
    kafka_proxy.restore()
    await producer.send_and_wait(topic, b"three")
    await producer.stop()


def test_the_proxy_ends_with_the_session() -> None:
    supervisor = Supervisor({})
    server = supervisor.server("kafka-proxy")
    proxy = proxy_of(server)
    assert server.url == proxy.url
    supervisor.close()
    assert proxy.url not in _PROXIES
    assert server.pid is None
