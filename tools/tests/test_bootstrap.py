"""Environments: when one is stale, and what building one does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import bootstrap
from tools.bootstrap import Environment, build, environments, found_stamp, wanted_stamp
from tools.pythons import Python

_FAKE_UV = """\
#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
case "$1" in
  venv) for last; do :; done; mkdir -p "$last/bin"; touch "$last/bin/python" "$last/made" ;;
  pip) case "$*" in *"$FAKE_FAILS"*) echo "first line"; echo "no such package"; exit 1 ;; esac
       case "$2" in compile) for last; do :; done; touch "${last#-o}" ;; esac ;;
esac
"""


@pytest.fixture
def uv(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path_factory.mktemp("bin") / "uv"
    program.write_text(_FAKE_UV, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("FAKE_FAILS", "nothing-fails")
    monkeypatch.setattr(bootstrap, "find_uv", lambda _root: program)
    return program


@pytest.fixture
def checkout(tree: Any) -> Any:
    tree.write("requirements.lock", "a==1 \\\n    --hash=sha256:0\n")
    tree.write("packages/mic-core/pyproject.toml", "[project]\n")
    return tree


def _environment(tree: Any, name: str = ".venv") -> Environment:
    return Environment(tree.root / name, Path(sys.executable), "3.11.0")


def _calls(uv: Path) -> list[str]:
    calls = uv.parent / "calls"
    text = calls.read_text(encoding="utf-8") if calls.exists() else ""
    calls.unlink(missing_ok=True)
    return [" ".join(line.split()[:2]) for line in text.splitlines()]


def test_a_built_environment_is_up_to_date_until_an_input_changes(checkout: Any, uv: Path) -> None:
    environment = _environment(checkout)
    build(checkout.root, environment, uv=uv)
    assert _calls(uv)[0].startswith("venv")
    assert found_stamp(environment) == wanted_stamp(checkout.root, environment)
    checkout.write("packages/mic-core/pyproject.toml", "[project]\n# changed\n")
    assert found_stamp(environment) != wanted_stamp(checkout.root, environment)
    build(checkout.root, environment, uv=uv)
    assert _calls(uv) == ["pip sync", "pip install", "pip check", "pip compile"]


def test_another_interpreter_or_a_broken_stamp_makes_it_anew(checkout: Any, uv: Path) -> None:
    environment = _environment(checkout)
    build(checkout.root, environment, uv=uv)
    (environment.folder / bootstrap.STAMP).write_text("[", encoding="utf-8")
    assert found_stamp(environment) == {}
    (environment.folder / bootstrap.STAMP).write_text(
        json.dumps({**wanted_stamp(checkout.root, environment), "python": "3.10"}), encoding="utf-8"
    )
    _calls(uv)
    build(checkout.root, environment, uv=uv)
    assert _calls(uv)[0].startswith("venv")


def test_an_environment_without_its_interpreter_is_not_one(checkout: Any, uv: Path) -> None:
    environment = _environment(checkout)
    build(checkout.root, environment, uv=uv)
    environment.program.unlink()
    assert found_stamp(environment) == {}


def test_a_failed_build_leaves_no_stamp(
    checkout: Any, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = _environment(checkout)
    build(checkout.root, environment, uv=uv)
    checkout.write("requirements.lock", "a==2\n")
    monkeypatch.setenv("FAKE_FAILS", "sync")
    with pytest.raises(subprocess.CalledProcessError, match="returned non-zero exit status 1"):
        build(checkout.root, environment, uv=uv)
    assert found_stamp(environment) == {}


def test_each_other_python_has_a_folder_of_its_own(tmp_path: Path) -> None:
    other = Python(Path("/usr/bin/python3.12"), (3, 12))
    folders = [each.folder for each in environments(tmp_path, [other])]
    assert folders == [tmp_path / ".venv", tmp_path / ".venvs" / "3.12"]


def test_the_command_builds_once_and_then_does_nothing(
    checkout: Any, uv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [
        Python(Path("/usr/bin/python3.12"), (3, 12)),
        Python(Path("/broken/python3.13"), (3, 13), whole=False),
    ]
    monkeypatch.setattr(bootstrap, "find_pythons", lambda: others)
    assert bootstrap.main(checkout.root) == 0
    out = capsys.readouterr().out
    assert "Python 3.13 at /broken/python3.13 lacks standard modules: left out" in out
    assert ".venv: ready after" in out
    assert ".venvs/3.12: ready after" in out
    _calls(uv)
    assert bootstrap.main(checkout.root) == 0
    assert _calls(uv) == []


def test_one_environment_that_cannot_be_built_is_one_line_and_a_failure(
    checkout: Any, uv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        bootstrap, "find_pythons", lambda: [Python(Path("/usr/bin/python3.12"), (3, 12))]
    )
    monkeypatch.setenv("FAKE_FAILS", ".venvs")
    assert bootstrap.main(checkout.root) == 1
    captured = capsys.readouterr()
    assert captured.err == ".venvs/3.12: cannot be built: no such package\n"
    assert ".venv: ready after" in captured.out


def test_without_the_main_environment_nothing_else_is_tried(
    checkout: Any, uv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        bootstrap, "find_pythons", lambda: [Python(Path("/usr/bin/python3.12"), (3, 12))]
    )
    monkeypatch.setenv("FAKE_FAILS", "sync")
    assert bootstrap.main(checkout.root) == 1
    assert "first line\nno such package" in capsys.readouterr().err


def test_no_uv_to_be_had_is_said(
    checkout: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_root: Path) -> Path:
        raise RuntimeError("uv is needed")

    monkeypatch.setattr(bootstrap, "find_uv", fails)
    monkeypatch.setattr(bootstrap, "find_pythons", list)
    assert bootstrap.main(checkout.root) == 1
    assert capsys.readouterr().err == "uv is needed\n"
