"""The checker as a whole: every rule passes on a family that keeps it, and none checks nothing."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tools.checker.__main__ import RULES, main


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_a_family_that_keeps_the_rules_passes(family: Any, code: str) -> None:
    assert family.findings(code) == []


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_having_nothing_to_check_is_a_failure(tree: Any, code: str) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tree.root, check=True)
    assert tree.findings(code) != []


def test_the_command_runs_chosen_rules(
    family: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.checker.__main__.load_workspace", family.load)
    assert main([]) == 0
    assert "W12 no registry's host is named: no findings" in capsys.readouterr().out
    (family.root / "packages/mic-cache-redis/tests/test_driver.py").unlink()
    assert main(["W09"]) == 1
    out = capsys.readouterr().out
    assert "  W09 packages/mic-cache-redis/src/mic/cache_redis/_driver.py: add its tests" in out
    assert "W01" not in out
    assert main(["W99"]) == 2
