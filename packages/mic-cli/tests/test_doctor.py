"""`mic doctor` as a whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

import mic.cli
import mic.model
import mic.plugins
from mic.cli import _doctor as doctor
from mic.cli import build_parser, dispatch, doctor_command
from mic.cli._checks import python_version
from mic.cli._installed import scan

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def only(site: Any, another_site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Installations of two folders, and nothing else, are what the doctor sees."""
    path = [str(site.folder), str(another_site.folder)]
    monkeypatch.setattr(doctor, "scan", lambda: scan(path))
    monkeypatch.setattr(sys, "path", [*path, *sys.path])
    return site, another_site


def run(*arguments: str) -> int:
    parser = build_parser(
        prog="my-service", description="", commands=[doctor_command()], json_output=True
    )
    return dispatch(parser, ["doctor", *arguments])


def test_a_clean_installation(only: Any, capsys: Captured) -> None:
    site, another = only
    site.add("mic-core")
    another.add("mic-cli", requires=["mic-core==1.0.0"])
    assert run() == 0
    assert capsys.readouterr() == ("no findings\n", "")
    assert run("--json") == 0
    captured = capsys.readouterr()
    assert (json.loads(captured.out), captured.err) == ([], "")


def test_every_finding_at_once(
    only: Any, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, another = only
    site.add("mic-cli", requires=["mic-core==1.0.0"])
    site.add(
        "mic-acme",
        files={"mic/acme_broken/__init__.py": "raise ValueError('a secret')\n"},
        entry_points="[mic.cache]\nacme = nowhere_at_all:from_url\n",
    )
    another.add("mic-cli", "0.9.0")
    another.add("mic-cache", "0.9.0")
    another.add("monolith", "0.0.4", files={"mic/py.typed": ""})
    old = list(python_version((3, 10, 0)))
    monkeypatch.setattr(doctor, "python_version", lambda _: old)
    assert run("--json") == 1
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "secret" not in captured.out
    findings = json.loads(captured.out)
    assert [each["id"] for each in findings] == [f"D0{n}" for n in range(1, 8)]
    assert all(list(each) == ["id", "level", "subject", "message", "fix"] for each in findings)
    assert run() == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 14
    assert lines[0].startswith("error D01 python: Python 3.10.0 is older than 3.11")
    assert lines[1] == "fix: make an environment with a newer Python"


def test_a_warning_alone_is_no_failure(only: Any, capsys: Captured) -> None:
    site, _ = only
    site.add("monolith", "0.0.4", files={"mic/py.typed": ""})
    assert run() == 0
    assert capsys.readouterr().out.startswith("warning D02 ")


def test_a_monolith_in_the_same_folder_is_found_by_the_command(
    another_site: Any, run_mic: Callable[..., Any]
) -> None:
    another_site.add("mic-struct", "0.0.4", files={"mic/__init__.py": "", "mic/auth.py": ""})
    for module in (mic.cli, mic.model, mic.plugins):
        name = module.__name__.rpartition(".")[2]
        (another_site.folder / "mic" / name).symlink_to(module.__path__[0])
    done = run_mic("doctor", "--json", path=[another_site.folder])
    assert done.returncode == 1
    found = {(each["id"], each["subject"]) for each in json.loads(done.stdout)}
    assert ("D02", f"{another_site.folder}/mic/__init__.py") in found
