from __future__ import annotations

import threading

from mic.client._clients_async import make_client, prepare


async def test_a_client() -> None:
    async with make_client(max_connections=3, timeout_seconds=7) as client:
        assert client.timeout.as_dict() == dict.fromkeys(("connect", "read", "write", "pool"), 7)
        assert not client.follow_redirects


async def test_what_waits_for_the_disk_does_not_hold_the_loop() -> None:
    threads: list[threading.Thread] = []
    await prepare(lambda: threads.append(threading.current_thread()))
    assert threads != [threading.current_thread()]
