import pytest

from mic.auth._clients_async import open_client


@pytest.mark.loop_guard
async def test_opening_does_not_hold_the_loop() -> None:
    client = await open_client()
    assert not client.is_closed
    await client.aclose()
