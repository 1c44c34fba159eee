"""The gate, the suite and the type check as commands that run commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tools import gate, suite, typecheck
from tools.gate import Outcome, Step, plan, run, table


def _step(name: str, code: str, *, live: bool = False) -> Step:
    return Step(name, [sys.executable, "-c", code], live)


def test_every_step_of_the_gate_is_planned_and_every_other_python_tests_once(
    tmp_path: Path,
) -> None:
    names = [
        step.name for step in plan(tmp_path, [tmp_path / ".venvs" / "3.12" / "bin" / "python"])
    ]
    checks = ["format", "lint", "types", "imports", "workspace", "twins", "security", "tests"]
    assert names == [*checks, "tests 3.12"]


def test_the_tests_fail_under_full_coverage() -> None:
    tests = next(step for step in plan(Path(), []) if step.name == "tests")
    assert "--cov-fail-under=100" in tests.command


def test_a_step_that_passes_says_only_its_name_and_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run(_step("quiet", "print('a'); print('== 3 passed ==')"), tmp_path)
    assert (outcome.code, outcome.note) == (0, "3 passed")
    assert capsys.readouterr().out.startswith("quiet: ok after ")


def test_a_step_that_fails_shows_all_it_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
    outcome = run(_step("bad", code), tmp_path)
    out = capsys.readouterr().out
    assert outcome.code == 3
    assert "one" in out
    assert "two" in out
    assert "bad: failed after " in out


def test_a_live_step_is_shown_while_it_runs_and_only_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(_step("tests", "print('dots'); raise SystemExit(1)", live=True), tmp_path)
    assert capsys.readouterr().out.count("dots") == 1


def test_a_step_without_output_has_an_empty_note(tmp_path: Path) -> None:
    assert run(_step("silent", "pass"), tmp_path).note == ""


def test_the_table_names_every_step() -> None:
    text = table([Outcome("a", 0, 1.0, "fine"), Outcome("longer", 1, 12.34, "2 failed")])
    assert text.splitlines() == [
        "a       ok         1.0 s  fine",
        "longer  failed    12.3 s  2 failed",
    ]


def test_later_steps_run_although_an_earlier_one_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [_step("first", "raise SystemExit(1)"), _step("second", "print('well')")]
    monkeypatch.setattr(gate, "plan", lambda _root, _others: steps)
    assert gate.main([], root=tmp_path) == 1
    assert "second  ok" in capsys.readouterr().out
    assert gate.main(["second"], root=tmp_path) == 0
    assert gate.main(["third"], root=tmp_path) == 2


def _tests(tree: Any, text: str) -> None:
    tree.write("pyproject.toml", "[tool.pytest.ini_options]\nmarkers = ['proof']\n")
    tree.write("test_x.py", text)


def test_the_suite_returns_what_pytest_returns(tree: Any) -> None:
    _tests(tree, "def test_x(): assert True\n")
    assert suite.main(["test"], root=tree.root) == 0
    _tests(tree, "def test_x(): assert False\n")
    assert suite.main(["test"], root=tree.root) == 1


def test_having_no_proof_is_no_failure_and_a_proof_is_told_to_run_long(tree: Any) -> None:
    _tests(tree, "def test_x(): assert False\n")
    assert suite.main(["proof"], root=tree.root) == 0
    _tests(
        tree,
        "import os, pytest\n@pytest.mark.proof\n"
        "def test_x(): assert os.environ['MIC_PROOF'] == 'long'\n",
    )
    assert suite.main(["proof"], root=tree.root) == 0
    _tests(tree, "import pytest\n@pytest.mark.proof\ndef test_x(): assert False\n")
    assert suite.main(["proof"], root=tree.root) == 1


@pytest.fixture
def two(tree: Any) -> Any:
    """Two distributions whose tests have the same names."""
    for name in ("mic-a", "mic-b"):
        tree.write(f"packages/{name}/pyproject.toml", f'[project]\nname = "{name}"\n')
        tree.write(f"packages/{name}/src/mic/{name[4:]}/__init__.py", "x: int = 1\n")
        tree.write(f"packages/{name}/tests/test_contract.py", "y: int = 1\n")
    tree.write(
        "pyproject.toml",
        "[tool.mypy]\nstrict = true\nexplicit_package_bases = true\nnamespace_packages = true\n"
        'mypy_path = ["packages/mic-a/src", "packages/mic-b/src"]\n',
    )
    return tree


def test_tests_of_one_name_are_checked_in_one_run(
    two: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    assert typecheck.main(two.root) == 0
    assert "no issues found in 4 source files" in capfd.readouterr().out


def test_an_error_names_the_real_file(two: Any, capfd: pytest.CaptureFixture[str]) -> None:
    two.write("packages/mic-b/tests/test_contract.py", "from mic.a import x\ny: str = x\n")
    assert typecheck.main(two.root) == 1
    out = capfd.readouterr().out
    assert out.startswith("packages/mic-b/tests/test_contract.py:2: error: Incompatible types")


def test_a_distribution_without_tests_has_no_link_and_old_links_go(two: Any) -> None:
    (two.root / "packages/mic-b/tests/test_contract.py").unlink()
    stale = two.root / typecheck.LINKS / "tests_of_gone"
    stale.parent.mkdir(parents=True)
    stale.symlink_to(two.root)
    links = typecheck.link_tests(two.load())
    assert links == {".cache/types/tests_of_mic_a": "packages/mic-a/tests"}
    assert not stale.is_symlink()
