"""What happens in a forked child."""

import os

import pytest

from mic.http import _fork, _threads, correlation


def test_a_child_calls_what_was_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[dict[str, object]] = []
    monkeypatch.setattr(os, "register_at_fork", lambda **calls: registered.append(calls))
    _fork.after_fork(print)
    assert registered == [{"after_in_child": print}]


def test_a_system_that_does_not_fork_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    _fork.after_fork(print)
    assert not hasattr(os, "register_at_fork")


@pytest.mark.parametrize("module", [_threads, correlation])
def test_what_forks_badly_asks_for_it(module: object) -> None:
    assert getattr(module, "after_fork", None) is _fork.after_fork
