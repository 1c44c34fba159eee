import os
import threading
from collections.abc import Callable

import pytest

from mic.auth._flight_sync import Flight
from mic.testing import eventually


class Work:
    """Work that waits until it is let go."""

    def __init__(self) -> None:
        self.began = 0
        self.ended = 0
        self.go = threading.Event()

    def __call__(self) -> None:
        self.began += 1
        assert self.go.wait(30)
        self.ended += 1


def always() -> bool:
    return True


def never() -> bool:
    return False


def started(call: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def test_everybody_shares_one() -> None:
    work = Work()
    flight = Flight(work, limit_seconds=60)
    threads = [started(lambda: flight.share(always)) for _ in range(16)]
    eventually(lambda: work.began == 1)
    flight.kick(always)  # nobody waits here
    assert work.ended == 0
    work.go.set()
    for thread in threads:
        thread.join(30)
    assert work.ended == work.began
    assert not any(thread.is_alive() for thread in threads)


def test_who_comes_meanwhile_waits_for_the_same() -> None:
    work = Work()
    flight = Flight(work, limit_seconds=60)
    first = started(lambda: flight.share(always))
    eventually(lambda: work.began == 1)
    second = started(lambda: flight.share(always))
    work.go.set()
    first.join(30)
    second.join(30)
    assert work.ended >= 1


def test_nobody_waits_for_ever() -> None:
    work = Work()
    flight = Flight(work, limit_seconds=0.01)
    first = started(lambda: flight.share(always))
    eventually(lambda: work.began == 1)
    flight.share(always)
    assert (work.began, work.ended) == (1, 0)
    work.go.set()
    first.join(30)


def test_what_is_not_wanted_does_not_begin() -> None:
    work = Work()
    flight = Flight(work, limit_seconds=60)
    flight.share(never)
    flight.kick(never)
    assert work.began == 0
    flight.close()


def test_a_kick_does_the_work() -> None:
    work = Work()
    work.go.set()
    Flight(work, limit_seconds=60).kick(always)
    assert work.ended == 1


def test_work_that_raises_does_not_block_the_next() -> None:
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt("stop")

    flight = Flight(work, limit_seconds=60)
    with pytest.raises(KeyboardInterrupt, match="stop"):
        flight.share(always)
    flight.share(always)
    assert len(calls) == 2


def test_a_forked_child_does_not_wait_for_a_thread_of_its_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = Work()
    flight = Flight(work, limit_seconds=60)
    first = started(lambda: flight.share(always))
    eventually(lambda: work.began == 1)
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    work.go.set()
    flight.share(always)
    assert work.began == 2
    first.join(30)
