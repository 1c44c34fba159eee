"""`mic list`."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from typing import Any

import pytest

Here = Callable[..., int]
Captured = pytest.CaptureFixture[str]
VERSION = importlib.metadata.version("mic-cli")


def test_the_workspace_agrees(here: Here, capsys: Captured) -> None:
    assert here("list") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["NAME", "VERSION", "EXPECTED", "PORTIONS", "STATUS"]
    assert ["mic-cli", VERSION, VERSION, "mic.cli", "ok"] in lines


def test_a_mismatch_and_a_third_party_are_seen(on_path: Any, here: Here, capsys: Captured) -> None:
    on_path.add("mic-cache", "0.9.0")
    on_path.add("acme-cache", "0.3", record=["mic/cache_acme/__init__.py"])
    assert here("list", "--json") == 1
    captured = capsys.readouterr()
    assert captured.err == ""
    rows = {row["name"]: row for row in json.loads(captured.out)}
    assert rows["mic-cache"] == {
        "name": "mic-cache",
        "version": "0.9.0",
        "expected": VERSION,
        "portions": ["mic.cache"],
        "status": "mismatch",
    }
    assert rows["acme-cache"] == {
        "name": "acme-cache",
        "version": "0.3",
        "expected": None,
        "portions": ["mic.cache_acme"],
        "status": "foreign",
    }
    assert here("list") == 1
