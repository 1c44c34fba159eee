from __future__ import annotations

import random
import socket

import pytest

from mic.testing.servers import _ports
from mic.testing.servers._ports import free_ports, is_free


def test_ports_are_different_free_and_out_of_the_clients_range() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    assert all(20_000 <= port < 32_768 for port in ports)
    assert all(is_free(port) for port in ports)


def test_a_port_on_which_somebody_listens_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        assert not is_free(taken)
        monkeypatch.setattr(_ports, "_FIRST", taken)
        monkeypatch.setattr(_ports, "_LAST", taken)
        with pytest.raises(RuntimeError, match=r"no 1 free ports of 127\.0\.0\.1"):
            free_ports(1, chance=random.Random(1))
    assert free_ports(1) == [taken]


def test_one_port_is_not_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    monkeypatch.setattr(_ports, "_FIRST", port)
    monkeypatch.setattr(_ports, "_LAST", port)
    with pytest.raises(RuntimeError, match="no 2 free ports"):
        free_ports(2)
