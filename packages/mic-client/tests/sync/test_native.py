# Generated from async/test_native.py by "make unasync"; edit that file.
"""The httpx client of a client: when it is opened, and by whom."""

import pytest

from mic.client._sync.native import Native


def make(found: list[int], *, is_found: bool = False) -> Native:
    return Native(
        "Owner",
        None,
        max_connections=1,
        timeout_seconds=1,
        find=lambda: found.append(1),
        is_found=is_found,
    )


def test_it_is_opened_once_and_looks_around_once() -> None:
    found: list[int] = []
    native = make(found)
    client = native.prepared()
    assert native.ready is client
    assert native.prepared() is client
    assert native.open() is client
    native._prepare()
    assert found == [1]
    native.close()
    assert client.is_closed


def test_closed_before_it_was_opened() -> None:
    native = make([])
    native.close()
    with pytest.raises(RuntimeError, match="Owner has been closed"):
        native.open()
    with pytest.raises(RuntimeError, match="Owner has been closed"):
        native.prepared()


def test_closed_while_it_is_opened() -> None:
    found: list[int] = []
    native = make(found)
    client = native.open()
    native.close()
    assert client.is_closed
    native._prepare()
    assert (native.ready, found) == (None, [])
