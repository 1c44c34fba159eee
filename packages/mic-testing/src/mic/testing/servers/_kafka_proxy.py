"""A Kafka broker that advertises a `FaultProxy` before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mic.testing.faults import FaultProxy
from mic.testing.servers._kafka import KafkaRecipe
from mic.testing.servers._ports import LOOPBACK
from mic.testing.servers.server import Server

if TYPE_CHECKING:
    from mic.testing.servers._supervisor import Supervisor

_PROXIES: dict[str, FaultProxy] = {}
"""The proxies that are open, by the URL of their server: one a session."""


class KafkaProxyRecipe(KafkaRecipe):
    """A broker whose clients all come through the proxy, wherever they begin."""

    name = "kafka-proxy"
    variable = ""

    def __init__(self) -> None:
        super().__init__()
        self._proxies: list[FaultProxy] = []

    def advertised(self, ports: Sequence[int]) -> str:
        """The address of a proxy, made anew for every choice of ports."""
        self._proxies.append(FaultProxy((LOOPBACK, ports[0]), scheme="kafka"))
        return self._proxies[-1].address

    def start(self, supervisor: Supervisor) -> Server:
        """Start the broker; its URL is the proxy's."""
        supervisor.on_close(self._close)
        server = super().start(supervisor)
        proxy = self._proxies[-1]
        _PROXIES[proxy.url] = proxy
        return replace(server, url=proxy.url)

    def _close(self) -> None:
        for proxy in self._proxies:
            _PROXIES.pop(proxy.url, None)
            proxy.close()


def proxy_of(server: Server) -> FaultProxy:
    """The proxy of a server that this recipe has started."""
    return _PROXIES[server.url]
