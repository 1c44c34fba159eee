"""A health probe in a thread."""

import os
import threading

import pytest

from mic.cache._probe_sync import HealthProbe
from mic.testing import eventually


def _raise() -> bool:
    raise LookupError("of the probe")


def test_its_answer() -> None:
    assert HealthProbe(lambda: True).run(5) is True
    assert HealthProbe(lambda: False).run(5) is False
    assert HealthProbe(_raise).run(5) is False


def test_who_comes_meanwhile_waits_for_the_same_one() -> None:
    calls: list[int] = []
    release = threading.Event()

    def wait() -> bool:
        calls.append(1)
        return release.wait(10)

    probe = HealthProbe(wait)
    assert [probe.run(0.01), probe.run(0.01)] == [False, False]
    assert calls == [1]
    release.set()
    assert eventually(lambda: probe.run(5))
    assert len(calls) >= 1


def test_a_forked_child_does_not_wait_for_the_parents_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()
    waits = iter([True, False])

    def answer() -> bool:
        return release.wait(10) if next(waits) else True

    probe = HealthProbe(answer)
    assert probe.run(0.01) is False
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert probe.run(5) is True
    release.set()
