"""Flags that work at every level, and errors as the caller wants them."""

from __future__ import annotations

import argparse
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.cli import CliCommandSpec, CliGroupSpec, build_parser
from mic.cli._parsers import asks_for_json, asks_for_tracebacks


def nothing(_: argparse.Namespace) -> None: ...


def with_rest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rest", nargs="*")


LEAF = CliCommandSpec("leaf", nothing, build_args=with_rest, aliases=("l",))
TREE = CliGroupSpec("one", (CliGroupSpec("two", (LEAF,), aliases=("t",)),), aliases=("o",))


def tree(*, verbose: bool = True, json_output: bool = True) -> argparse.ArgumentParser:
    return build_parser(
        prog="top",
        description="It.",
        commands=[TREE],
        version="1 %s %(prog)s",
        verbose=verbose,
        json_output=json_output,
    )


def test_three_levels_deep_with_aliases() -> None:
    found = tree().parse_args(["o", "t", "l", "a"])
    assert (found.command, found.command_path) == ("one", ("one", "two", "leaf"))
    assert (found.rest, found.verbose, found.json_output) == (["a"], 0, False)


def test_groups_nest() -> None:
    innermost = CliGroupSpec("three", (LEAF,))
    groups = CliGroupSpec("one", (CliGroupSpec("two", (innermost, LEAF)), LEAF))
    parser = build_parser(prog="top", description="", commands=[groups], verbose=True)
    found = parser.parse_args(["-v", "one", "two", "-v", "three", "leaf", "x", "-v"])
    assert found.command_path == ("one", "two", "three", "leaf")
    assert (found.command, found.rest, found.verbose) == ("one", ["x"], 3)
    assert parser.parse_args(["one", "two", "leaf"]).command_path == ("one", "two", "leaf")


FLAGS = st.lists(st.sampled_from(["-v", "-vv", "--verbose", "--json"]), max_size=3)


@given(levels=st.tuples(FLAGS, FLAGS, FLAGS, FLAGS))
def test_flags_of_all_levels_add_up(levels: tuple[list[str], ...]) -> None:
    words = ["one", "two", "leaf"]
    arguments = [*levels[0]]
    for word, flags in zip(words, levels[1:], strict=True):
        arguments += [word, *flags]
    parser = tree()
    for _ in range(2):  # a parser forgets what it parsed before
        found = parser.parse_args(arguments)
        given_flags = [flag for flags in levels for flag in flags]
        count = {"-v": 1, "-vv": 2, "--verbose": 1, "--json": 0}
        assert found.verbose == sum(count[flag] for flag in given_flags)
        assert found.json_output is ("--json" in given_flags)
        assert not [name for name in vars(found) if name.startswith("_mic_level")]


def test_flags_that_are_not_wanted_are_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    parser = tree(verbose=False, json_output=False)
    found = parser.parse_args(["one", "two", "leaf"])
    assert not hasattr(found, "verbose")
    assert not hasattr(found, "json_output")
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(["-v", "one", "two", "leaf"])
    capsys.readouterr()
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(["one", "two", "leaf", "--json"])
    assert capsys.readouterr().err.startswith("usage: top")


def test_what_follows_two_dashes_is_no_flag(capsys: pytest.CaptureFixture[str]) -> None:
    found = tree().parse_args(["one", "two", "leaf", "--", "--json", "-v"])
    assert (found.rest, found.json_output, found.verbose) == (["--json", "-v"], False, 0)
    with pytest.raises(SystemExit, match="2"):
        tree().parse_args(["one", "two", "--", "--json"])
    assert capsys.readouterr().err.startswith("usage: ")


def test_argparse_is_told_to_use_no_colours() -> None:
    assert vars(tree())["color"] is False


def test_the_process_arguments_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["top", "-v", "one", "two", "leaf"])
    assert tree().parse_args().verbose == 1


@pytest.mark.parametrize("arguments", [[], ["one"], ["one", "two"], ["nothing"], ["one", "x"]])
def test_a_command_is_required_at_every_level(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        tree().parse_args(arguments)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: top")
    assert "COMMAND" in captured.err


@pytest.mark.parametrize("arguments", [["--json"], ["one", "--json", "two"], ["--json", "x"]])
def test_under_json_a_wrong_command_line_is_a_problem_document(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        tree().parse_args(arguments)
    captured = capsys.readouterr()
    assert captured.out == ""
    problem = json.loads(captured.err)
    assert (problem["code"], problem["success"], problem["status"]) == ("cli.usage", False, 400)


def test_the_version_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        tree().parse_args(["--version"])
    assert capsys.readouterr().out == "top 1 %s %(prog)s\n"


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], False),
        (["-v"], False),
        (["-vv"], True),
        (["-v", "x", "-v"], True),
        (["--verbose", "-v"], True),
        (["-v", "--", "-v"], False),
        (["-x", "--version"], False),
        (["-"], False),
    ],
)
def test_tracebacks_are_asked_for_by_two_v(arguments: list[str], asked: bool) -> None:
    assert asks_for_tracebacks(arguments) is asked


@pytest.mark.parametrize(
    ("arguments", "asked"), [(["--json"], True), (["x", "--json"], True), (["--", "--json"], False)]
)
def test_json_is_asked_for_by_its_flag(arguments: list[str], asked: bool) -> None:
    assert asks_for_json(arguments) is asked
