"""The pool for threads."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from mic.cache_redis._pool_sync import BoundedPool, Stack
from mic.testing import eventually


def test_the_pool_waits_and_is_bounded(redis_like: Any) -> None:
    pool: Any = BoundedPool.from_url(redis_like.url, max_connections=1, timeout=0.01)
    held = pool.get_connection()
    with pytest.raises(RedisConnectionError, match="No connection available"):
        pool.get_connection()
    pool.release(held)
    assert pool.get_connection() is held
    pool.release(held)
    pool.disconnect()


def test_the_last_comes_first_and_no_more_than_the_bound() -> None:
    stack = Stack(2)
    stack.put_nowait(1)
    stack.put_nowait(2)
    with pytest.raises(queue.Full, match=r"^$"):
        stack.put_nowait(3)
    assert (stack.get(), stack.get()) == (2, 1)


@pytest.mark.parametrize("block", [True, False])
def test_who_finds_nothing_is_told(block: bool) -> None:
    stack = Stack(1)
    with pytest.raises(queue.Empty, match=r"^$"):
        stack.get(block, 0.01)
    # and is not counted on any more
    assert stack._waiting == 0


def test_who_waits_is_woken() -> None:
    stack = Stack(2)
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(stack.get, True, 30) for _ in range(2)]
        eventually(lambda: stack._waiting == 2, within=30)
        stack.put_nowait("first")
        stack.put_nowait("second")
        assert {each.result(30) for each in waiting} == {"first", "second"}
    assert stack._waiting == 0


def test_threads_never_share_an_item_and_lose_none() -> None:
    stack = Stack(3)
    for number in range(3):
        stack.put_nowait(number)
    used: set[int] = set()
    guard = threading.Lock()

    def use() -> None:
        for _ in range(300):
            item = stack.get(True, 30)
            with guard:
                assert item not in used
                used.add(item)
            with guard:
                used.remove(item)
            stack.put_nowait(item)

    with ThreadPoolExecutor(8) as threads:
        for each in [threads.submit(use) for _ in range(8)]:
            each.result(60)
    assert sorted(stack.queue) == [0, 1, 2]
