"""The httpx client of a client: when it is opened, and by whom."""

import pytest

from mic.client._async.native import AsyncNative


def make(found: list[int], *, is_found: bool = False) -> AsyncNative:
    return AsyncNative(
        "Owner",
        None,
        max_connections=1,
        timeout_seconds=1,
        find=lambda: found.append(1),
        is_found=is_found,
    )


async def test_it_is_opened_once_and_looks_around_once() -> None:
    found: list[int] = []
    native = make(found)
    client = await native.prepared()
    assert native.ready is client
    assert await native.prepared() is client
    assert native.open() is client
    native._prepare()
    assert found == [1]
    await native.aclose()
    assert client.is_closed


async def test_closed_before_it_was_opened() -> None:
    native = make([])
    await native.aclose()
    with pytest.raises(RuntimeError, match="Owner has been closed"):
        native.open()
    with pytest.raises(RuntimeError, match="Owner has been closed"):
        await native.prepared()


async def test_closed_while_it_is_opened() -> None:
    found: list[int] = []
    native = make(found)
    client = native.open()
    await native.aclose()
    assert client.is_closed
    native._prepare()
    assert (native.ready, found) == (None, [])
