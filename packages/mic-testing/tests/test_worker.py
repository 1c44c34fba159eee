from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mic.testing import worker
from mic.testing.worker import KILL_AT, SAYS, point, say


def test_what_is_said_stands_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SAYS, str(tmp_path / "said"))
    say({"a": 1})
    say("line\nbreak")
    lines = (tmp_path / "said").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"a": 1}, "line\nbreak"]


def test_only_a_worker_can_say_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SAYS, raising=False)
    with pytest.raises(KeyError, match=SAYS):
        say(1)


@pytest.mark.parametrize(
    ("kill_at", "dies_at"), [("a", 1), ("a#1", 1), ("a#3", 3), ("b", 0), ("", 0), ("a#30", 0)]
)
def test_a_point_kills_where_it_was_told(
    kill_at: str, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_counts", {})
    monkeypatch.setenv(KILL_AT, kill_at)
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(number))
    died = 0
    for turn in range(1, 4):
        point("a")
        if killed and not died:
            died = turn
    assert died == dies_at
