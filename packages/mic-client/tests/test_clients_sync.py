from __future__ import annotations

from mic.client._clients_sync import make_client, prepare


def test_a_client() -> None:
    with make_client(max_connections=3, timeout_seconds=7) as client:
        assert client.timeout.as_dict() == dict.fromkeys(("connect", "read", "write", "pool"), 7)
        assert not client.follow_redirects


def test_preparing() -> None:
    seen: list[int] = []
    prepare(lambda: seen.append(1))
    assert seen == [1]
