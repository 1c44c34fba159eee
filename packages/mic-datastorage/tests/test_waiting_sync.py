"""Waiting in a thread."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mic.datastorage._settlement import Settlement
from mic.datastorage._waiting_sync import DeadlineProbe, call_hook, settle


def test_a_hook_is_called() -> None:
    seen: list[str] = []
    call_hook(lambda: seen.append("now"))
    assert seen == ["now"]


@pytest.mark.parametrize("error", [LookupError("of the step"), KeyboardInterrupt()])
def test_a_step_settles(error: BaseException) -> None:
    def fail() -> None:
        raise error

    assert settle(lambda: None, grace_seconds=1) == Settlement()
    assert settle(fail, grace_seconds=1).error is error


def test_one_probe_serves_all_who_ask_meanwhile() -> None:
    begun, finish = threading.Event(), threading.Event()
    calls: list[float] = []

    def probe(timeout_seconds: float) -> str | None:
        calls.append(timeout_seconds)
        begun.set()
        finish.wait(60)
        return "auth"

    asking = DeadlineProbe(probe)
    assert asking.run(0.01) == "timeout"
    assert begun.wait(60)
    assert asking.run(0.01) == "timeout"
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(asking.run, 60) for _ in range(3)]
        finish.set()
        assert [each.result() for each in asked] == ["auth"] * 3
    assert calls[0] == 0.01
    assert asking.run(60) == "auth"
    assert calls[-1] == 60


@pytest.mark.parametrize("error", [LookupError("of the driver"), SystemExit()])
def test_a_probe_that_raises(error: BaseException) -> None:
    def fail(timeout_seconds: float) -> str | None:
        raise error

    assert DeadlineProbe(fail).run(60) == "refused"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[str | None] = []
    hang = threading.Event()

    def probe(timeout_seconds: float) -> str | None:
        if not answers:
            hang.wait(60)
        return answers[0] if answers else None

    asking = DeadlineProbe(probe)
    assert asking.run(0.01) == "timeout"
    answers.append("refused")
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    assert asking.run(60) == "refused"
    hang.set()
