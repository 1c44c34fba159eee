from __future__ import annotations

import pytest

from mic.testing.servers._processes import is_running
from mic.testing.servers.starting import start_server


def test_a_server_runs_while_the_block_does() -> None:
    with start_server("redis") as server:
        pid = server.pid
        assert pid is not None
        assert is_running(pid)
    assert not is_running(pid)


def test_an_unknown_name_is_refused() -> None:
    with (
        pytest.raises(ValueError, match="no server is called 'mistake'; there are redis, redis-"),
        start_server("mistake"),
    ):
        pass
