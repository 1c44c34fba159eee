"""The command `mic` as a whole."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mic.cli._light import BUILT_INS

Here = Callable[..., int]
Captured = pytest.CaptureFixture[str]

MODULE = """
from mic.cli import CliCommandSpec, CommandResult

def fail(arguments):
    raise RuntimeError("a secret")

def build(parser):
    raise RuntimeError("a secret")

def pipe(arguments):
    raise BrokenPipeError("of something else")

HELLO = CliCommandSpec("hello", lambda _: CommandResult({"hello": "world"}))
FAILS = CliCommandSpec("fails", fail)
PIPE = CliCommandSpec("pipe", pipe)
FAULTY = CliCommandSpec("faulty", fail, build_args=build)
TEXT = CliCommandSpec("text", lambda _: "text")
MANY = CliCommandSpec("many", lambda _: 256)
LOW = CliCommandSpec("low", lambda _: -1)
"""
NAMES = ["hello", "fails", "pipe", "faulty", "text", "many", "low"]
POINTS = "[mic.commands]\n" + "".join(f"{name} = plug_in:{name.upper()}\n" for name in NAMES)


@pytest.fixture
def plugged(on_path: Any) -> Any:
    on_path.add("plug-in", entry_points=POINTS, files={"plug_in.py": MODULE})
    on_path.add("broken", entry_points="[mic.commands]\nbroken = not_there_at_all:X\n")
    on_path.add("rival-a", entry_points="[mic.commands]\ntwice = a:X\ndoctor = a:X\n")
    on_path.add("rival-b", entry_points="[mic.commands]\ntwice = b:X\n")
    return on_path


def test_help_lists_names_and_owners(plugged: Any, here: Here, capsys: Captured) -> None:
    assert here("--help") == 0
    shown = capsys.readouterr().out
    for name, (_, text) in BUILT_INS.items():
        assert f"    {name} " in shown
        assert text in shown
    for name in NAMES:
        assert f"    {name} " in shown
    lines = {words[0]: words[1:] for words in map(str.split, shown.splitlines()) if words}
    assert lines["hello"] == ["from", "plug-in"]
    assert lines["broken"] == ["from", "broken"]
    assert lines["twice"] == ["(claimed", "by", "rival-a", "and", "rival-b)"]
    assert "examples:" in shown
    assert "plug_in" not in sys.modules


def test_help_imports_no_plug_in_and_nothing_heavy(
    plugged: Any, run_mic: Callable[..., Any]
) -> None:
    done = run_mic(
        "--help",
        path=[plugged.folder],
        options=["-X", "importtime"],
        COVERAGE_PROCESS_START=None,  # what measures would import for itself
    )
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"argparse", "mic.cli.main"} <= imported
    own = {name for name in imported if name.startswith(("mic.", "plug_in", "not_there"))}
    assert {name.partition(".")[2].partition(".")[0] for name in own} <= {"cli", "plugins"}
    heavy = {"asyncio", "inspect", "dataclasses", "importlib.metadata", "json", "mic.cli.builder"}
    assert not imported & heavy


def test_a_plug_in_runs(plugged: Any, here: Here, capsys: Captured) -> None:
    assert here("hello") == 0
    assert capsys.readouterr() == ("hello: world\n", "")
    assert here("-v", "hello", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"hello": "world"}
    assert here("hello", "--help") == 0


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("broken", 70, "the command broken of the distribution broken cannot be loaded: Module"),
        (
            "faulty",
            70,
            "command faulty of the distribution plug-in has a faulty parser: RuntimeErr",
        ),
        ("twice", 78, "the command twice is claimed by rival-a and rival-b; uninstall all but one"),
        ("doctor", 78, "the command doctor is claimed by mic-cli and rival-a; uninstall all but"),
        ("fails", 70, "unexpected RuntimeError; -vv shows the traceback [cli.unexpected]"),
        ("pipe", 70, "unexpected BrokenPipeError; -vv shows the traceback [cli.unexpected]"),
        ("text", 70, "unexpected TypeError; -vv shows"),
    ],
)
def test_what_is_wrong_is_one_line(
    plugged: Any, here: Here, name: str, code: int, said: str, capsys: Captured
) -> None:
    assert here(name) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert "secret" not in captured.err
    assert here("--json", name) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["success"] is False
    assert here("hello") == 0


def test_tracebacks_at_vv_only(plugged: Any, here: Here, capsys: Captured) -> None:
    assert here("-v", "fails") == 70
    assert "Traceback" not in capsys.readouterr().err
    assert here("-v", "fails", "-v") == 70
    assert "RuntimeError: a secret" in capsys.readouterr().err


def test_codes_that_the_system_cannot_hold_are_failures(plugged: Any, here: Here) -> None:
    assert (here("many"), here("low")) == (1, 1)


@pytest.mark.parametrize("arguments", [["nothing"], [], ["--nothing"], ["list", "x"]])
def test_a_wrong_command_line(arguments: list[str], here: Here, capsys: Captured) -> None:
    assert here(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: mic")


@pytest.mark.parametrize("name", BUILT_INS)
def test_a_wrong_option_is_a_problem_document_on_request(
    name: str, here: Here, capsys: Captured
) -> None:
    assert here(name, "--json", "--no-such-option") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["code"] == "cli.usage"


def test_the_version_is_that_of_the_distribution(
    here: Here, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here("--version") == 0
    assert capsys.readouterr().out == f"mic {importlib.metadata.version('mic-cli')}\n"
    monkeypatch.setattr("mic.cli.main.scan", list)
    assert here("--version") == 0
    assert capsys.readouterr().out == "mic (unknown version)\n"


def test_every_built_in_has_help_with_examples(here: Here, capsys: Captured) -> None:
    for name in BUILT_INS:
        assert here(name, "--help") == 0
        shown = capsys.readouterr().out
        assert f"examples:\n  mic {name}" in shown
        assert "exit codes: 0" in shown


def test_it_is_a_module_too(run_mic: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_mic("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("mic ")


def test_the_process_arguments_are_the_default(
    here: Here, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    from mic.cli.main import main

    monkeypatch.setattr(sys, "argv", ["mic", "list", "--json"])
    assert main() in (0, 1)
    assert json.loads(capsys.readouterr().out)
