from __future__ import annotations

from mic.client._run_sync import finish, run_within


def test_it_has_been_done_already() -> None:
    assert run_within(1, 0.0, dispose=print) == 1


def test_finishing() -> None:
    seen: list[int] = []
    finish(lambda: seen.append(1))
    assert seen == [1]
