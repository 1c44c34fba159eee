"""The table of start times."""

from __future__ import annotations

import pytest

from mic.testing.servers import ServerUnavailableError
from tools.bench import servers
from tools.bench.servers import BOUNDS, Start, main, measure, table


def test_every_server_has_a_bound() -> None:
    from mic.testing.servers._catalogue import names

    assert set(BOUNDS) == set(names())


def test_a_start_is_measured_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nats"]) in {0, 1}  # the machine may be busy
    assert "NATS 2." in capsys.readouterr().out


def test_a_late_start_is_a_miss(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(servers, "measure", lambda name: Start(name, 99.0, "slow"))
    assert main(["redis"]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ServerUnavailableError(f"no {name} server here")

    monkeypatch.setattr(servers, "start_server", absent)
    start = measure("redis")
    assert start.holds
    assert "no redis server here" in table([start])


def test_an_unknown_name_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mistake"]) == 2
    assert "no server is called mistake" in capsys.readouterr().err
