"""Commands as data: their help, and what a level may hold."""

from __future__ import annotations

import argparse
import pickle
from dataclasses import FrozenInstanceError
from functools import partial
from typing import Any

import pytest

from mic.cli import CliCommandSpec, CliGroupSpec, CommandResult
from mic.cli.spec import check_level


def documented(_: argparse.Namespace) -> None:
    """Does 100 % of {it}.

    More.
    """


async def awaited(_: argparse.Namespace) -> None:
    """

    Waits.
    """


def silent(_: argparse.Namespace) -> None: ...


class Runner:
    """The class."""

    def __call__(self, _: argparse.Namespace) -> None:
        """Runs as an object."""

    def method(self, _: argparse.Namespace) -> None:
        """Runs as a method."""


class Silent:
    """The class, which is not the command."""

    def __call__(self, _: argparse.Namespace) -> None: ...


class Odd:
    __doc__ = 3  # type: ignore[assignment]

    def __init__(self, _: argparse.Namespace) -> None: ...


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (documented, "Does 100 % of {it}."),
        (awaited, "Waits."),
        (silent, "(no description)"),
        (partial(documented), "Does 100 % of {it}."),
        (partial(partial(documented)), "Does 100 % of {it}."),
        (partial(Runner()), "Runs as an object."),
        (Runner(), "Runs as an object."),
        (Runner().method, "Runs as a method."),
        (Silent(), "(no description)"),
        (Runner, "The class."),
        (Odd, "(no description)"),
        (lambda _: None, "(no description)"),
    ],
)
def test_help_comes_from_the_runner(run: Any, expected: str) -> None:
    assert CliCommandSpec("a", run).resolved_help() == expected
    assert CliCommandSpec("a", run, "  ").resolved_help() == expected
    assert CliCommandSpec("a", run, help="Own.").resolved_help() == "Own."


def test_a_group_has_help_of_its_own() -> None:
    commands = (CliCommandSpec("a", silent),)
    assert CliGroupSpec("g", commands).resolved_help() == "(no description)"
    assert CliGroupSpec("g", commands, "Own.").resolved_help() == "Own."


def test_specs_are_values() -> None:
    spec = CliCommandSpec("a", silent)
    assert spec == CliCommandSpec("a", silent)
    with pytest.raises(FrozenInstanceError, match="name"):
        spec.name = "b"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(CommandResult({"a": 1}))) == CommandResult({"a": 1})


def spec(name: str, *aliases: str) -> CliCommandSpec:
    return CliCommandSpec(name, silent, aliases=aliases)


@pytest.mark.parametrize(
    ("specs", "reason"),
    [
        ([], "^top: there are no commands"),
        ([CliGroupSpec("g", ())], "^top g: there are no commands"),
        ([spec("a"), spec("a")], "^top: two commands are called 'a'"),
        ([spec("a"), spec("b", "a")], "two commands are called 'a'"),
        ([spec("a", "a")], "two commands are called 'a'"),
        ([spec("a", "x"), CliGroupSpec("g", (spec("a"),), aliases=("x",))], "are called 'x'"),
        ([CliGroupSpec("g", (spec("a"), spec("b", "a")))], "^top g: two commands are called 'a'"),
        ([spec("")], "'' cannot be the name of a command"),
        ([spec("-a")], "'-a' cannot be the name"),
        ([spec("a b")], "'a b' cannot be the name"),
        ([spec("a\nb")], "cannot be the name"),
    ],
)
def test_a_level_that_cannot_be(specs: list[Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_level(specs, "top")


def test_something_else_is_no_spec() -> None:
    with pytest.raises(TypeError, match="top: str is neither a command nor a group"):
        check_level(["a"], "top")  # type: ignore[list-item]


def test_the_same_name_on_two_levels_is_fine() -> None:
    check_level([spec("a"), CliGroupSpec("g", (spec("a"), CliGroupSpec("h", (spec("a"),))))], "top")
