"""Commands that other distributions bring."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from mic.cli import (
    CliCommandSpec,
    CliGroupSpec,
    CommandResult,
    build_parser,
    discover_commands,
    dispatch,
)

MODULE = """
from mic.cli import CliCommandSpec, CliGroupSpec, CommandResult

def run(arguments):
    "Does it."
    return CommandResult({"ran": arguments.command_path[-1]})

ONE = CliCommandSpec("other-name", run, aliases=("list", "alias"))
TWO = CliCommandSpec("two", run)
GROUP = CliGroupSpec("other-name", (TWO,), help="A group.", aliases=("list",))
MANY = [ONE, TWO]
EMPTY = []
TWICE = (TWO, TWO)
TEXT = "text"

class Holder:
    inner = TWO

def one():
    return ONE

def many():
    return (command for command in MANY) and tuple(MANY)

def needs(argument):
    return ONE

def fails():
    raise RuntimeError("a secret")

def leaves():
    raise SystemExit(9)
"""
GROUP = "tests.commands"


def entry(**targets: str) -> str:
    lines = [f"{name} = plug_in:{target}" for name, target in targets.items()]
    return "\n".join([f"[{GROUP}]", *lines])


def discovered(site: Any, **targets: str) -> dict[str, Any]:
    site.add("plug-in", entry_points=entry(**targets), files={"plug_in.py": MODULE})
    return {spec.name: spec for spec in discover_commands(GROUP)}


def run(specs: Any, *arguments: str) -> int:
    return dispatch(build_parser(prog="top", description="", commands=specs), arguments)


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        ("ONE", []),
        ("one", []),
        ("Holder.inner", []),
        ("GROUP", ["two"]),
        ("MANY", ["two"]),
        ("MANY", ["alias"]),
        ("many", ["other-name"]),
    ],
)
def test_every_form_of_a_target_works(
    on_path: Any, target: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = discovered(on_path, it=target)
    assert list(found) == ["it"]
    assert found["it"].aliases == ()
    assert run(found.values(), "it", *arguments) == 0
    assert capsys.readouterr().out.startswith("ran: ")


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("nothing", "AttributeError"),
        ("fails", "RuntimeError"),
        ("leaves", "SystemExit"),
        ("needs", "TypeError"),
        ("TEXT", "TypeError"),
        ("EMPTY", "ValueError"),
        ("TWICE", "ValueError"),
    ],
)
def test_a_broken_target_costs_its_own_command_only(
    on_path: Any, target: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = discovered(on_path, bad=target, good="ONE")
    assert found["bad"].resolved_help() == "(disabled: plug-in)"
    assert run(found.values(), "bad", "any", "thing") == 70
    captured = capsys.readouterr()
    said = f"the command bad of the distribution plug-in cannot be loaded: {kind}"
    assert captured == ("", f"error: {said} [cli.broken_plugin]\n")
    assert run(found.values(), "good") == 0


def test_a_module_that_does_not_import_is_broken(on_path: Any) -> None:
    on_path.add("plug-in", entry_points=f"[{GROUP}]\nbad = not_there:X\n")
    (spec,) = discover_commands(GROUP)
    assert run([spec], "bad") == 70


def test_a_name_that_two_claim_costs_that_command_only(
    on_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    on_path.add("rival", entry_points=f"[{GROUP}]\nit = rival:X\n")
    found = discovered(on_path, it="ONE", good="ONE")
    assert run(found.values(), "it") == 78
    assert "the command it is claimed by plug-in and rival; uninstall all but one" in (
        capsys.readouterr().err
    )
    assert run(found.values(), "good") == 0


def test_nothing_is_found_where_nothing_is() -> None:
    assert discover_commands("tests.no_such_group") == ()


def test_the_types_are_the_public_ones(on_path: Any) -> None:
    found = discovered(on_path, one="ONE", many="MANY")
    assert isinstance(found["one"], CliCommandSpec)
    assert isinstance(found["many"], CliGroupSpec)
    assert found["many"].help == "commands of plug-in"
    result = found["one"].run(argparse.Namespace(command_path=("x",)))
    assert result == CommandResult({"ran": "x"})
