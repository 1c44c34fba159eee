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


def _covered(tree: Any, test: str) -> int:
    tree.write("packages/mic-a/src/mic/a/__init__.py")
    tree.write("packages/mic-a/src/mic/a/x.py", "def f(b):\n    if b:\n        return 1\n")
    tree.write("packages/mic-a/tests/test_x.py", test)
    text = tree.read("pyproject.toml")
    tree.write(
        "pyproject.toml",
        f"{text}\n[tool.coverage.run]\nbranch = true\nsource = ['packages']\n"
        "omit = ['packages/*/tests/*']\n[tool.coverage.report]\n"
        "include_namespace_packages = true\nshow_missing = true\n",
    )
    tree.write("conftest.py", "import sys\nsys.path.insert(0, 'packages/mic-a/src')\n")
    return suite.main(["coverage"], root=tree.root)


def test_a_branch_that_is_not_run_fails(tree: Any, capfd: pytest.CaptureFixture[str]) -> None:
    text = "def test_x():\n    from mic.a.x import f\n    assert f(1) == 1\n"
    assert _covered(tree, text) == 2
    assert "2->exit" in capfd.readouterr().out


def test_what_only_another_process_runs_counts(tree: Any) -> None:
    text = (
        "import subprocess, sys\ndef test_x():\n    subprocess.run([sys.executable, '-c',"
        " 'import sys; sys.path.insert(0, sys.argv[1]); import mic.a.x as x; x.f(1); x.f(0)',"
        " 'packages/mic-a/src'], check=True)\n"
    )
    assert _covered(tree, text) == 0


def test_full_coverage_does_not_excuse_a_failed_test(tree: Any) -> None:
    text = "def test_x():\n    from mic.a.x import f\n    assert f(1) == f(0)\n"
    assert _covered(tree, text) == 1


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


def test_a_note_keeps_the_closing_line_of_pytest_and_what_came_after_it() -> None:
    lines = ["== 2 failed, 3 passed in 1.50s ==", "TOTAL   10   9", "", "---"]
    assert gate.note_of(lines) == "2 failed, 3 passed in 1.50s | TOTAL 10 9"
    assert gate.note_of(lines[:1]) == "2 failed, 3 passed in 1.50s"


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


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "WORKERS", "0")


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
