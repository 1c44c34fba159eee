"""From commands to a parser, and from arguments to an exit code."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import logging
import threading
from functools import partial
from typing import Any, ClassVar

import pytest

from mic.cli import CliCommandSpec, CliGroupSpec, CommandResult, adispatch, build_parser, dispatch


def parser_of(run: Any, **options: Any) -> argparse.ArgumentParser:
    return build_parser(
        prog="top", description="It.", commands=[CliCommandSpec("go", run)], **options
    )


@pytest.mark.parametrize(
    "text",
    ["50 % of it", "%(prog)s %s %d %%", "{braces} {0}", "one\n  two\nthree", "ünïcode"],
)
def test_help_is_shown_as_it_is(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: argparse.Namespace) -> None: ...

    run.__doc__ = text
    for spec in (CliCommandSpec("go", run), CliCommandSpec("go", print, help=text)):
        group = CliGroupSpec("group", (spec,), help=text)
        parser = build_parser(prog="top", description=text, commands=[spec, group])
        for arguments in (["--help"], ["go", "--help"], ["group", "--help"]):
            with pytest.raises(SystemExit, match="0"):
                parser.parse_args(arguments)
            shown = " ".join(capsys.readouterr().out.split())
            expected = text.splitlines()[0] if "group" not in arguments else text
            assert " ".join(expected.split()) in shown


def test_the_arguments_of_a_command() -> None:
    def build(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=3)

    def run(arguments: argparse.Namespace) -> int:
        return int(arguments.count)

    spec = CliCommandSpec("go", run, build_args=build)
    parser = build_parser(prog="top", description="", commands=iter([spec]))
    assert dispatch(parser, ["go"]) == 3
    assert dispatch(parser, ["go", "--count", "5"]) == 5


@pytest.mark.parametrize("dest", ["command", "command_path", "_mic_run", "verbose", "json_output"])
def test_reserved_destinations_are_refused(dest: str) -> None:
    def build(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(dest)

    group = CliGroupSpec("group", (CliCommandSpec("go", print, build_args=build),))
    with pytest.raises(ValueError, match=f"command group go: the destination '{dest}' is reserved"):
        build_parser(prog="top", description="", commands=[group], verbose=True, json_output=True)
    if dest in {"verbose", "json_output"}:
        parser = build_parser(prog="top", description="", commands=[group])
        assert getattr(parser.parse_args(["group", "go", "x"]), dest) == "x"


def test_an_option_that_collides_is_refused() -> None:
    def build(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("-v")

    spec = CliCommandSpec("go", print, build_args=build)
    with pytest.raises(ValueError, match=r"command go: .*conflicting option string: -v"):
        build_parser(prog="top", description="", commands=[spec], verbose=True)


def test_a_tree_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="top: there are no commands"):
        build_parser(prog="top", description="", commands=[])


def test_a_parser_of_somebody_else_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a parser that build_parser made"):
        dispatch(argparse.ArgumentParser(), [])


@pytest.mark.parametrize(("flags", "level"), [([], None), (["-v"], "INFO"), (["-vv"], "DEBUG")])
def test_logging_is_set_up_on_request(
    flags: list[str], level: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(logging, "basicConfig", lambda **options: calls.append(options))
    assert dispatch(parser_of(lambda _: None, verbose=True), [*flags, "go"]) == 0
    assert [logging.getLevelName(each["level"]) for each in calls] == ([level] if level else [])


def test_an_own_verbose_of_another_type_is_left_alone() -> None:
    def build(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--verbose", default="no")

    spec = CliCommandSpec("go", lambda _: None, build_args=build)
    assert dispatch(build_parser(prog="top", description="", commands=[spec]), ["go"]) == 0


async def test_on_a_running_loop_a_coroutine_needs_adispatch() -> None:
    async def run(_: argparse.Namespace) -> int:
        return 7

    parser = parser_of(run)
    with pytest.raises(RuntimeError, match=r"await adispatch\(\) instead"):
        dispatch(parser, ["go"])
    assert await adispatch(parser, ["go"]) == 7
    assert dispatch(parser_of(lambda _: 5), ["go"]) == 5


async def test_on_a_running_loop_an_awaitable_that_is_no_coroutine_is_refused_too() -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    with pytest.raises(RuntimeError, match="an event loop is running"):
        dispatch(parser_of(lambda _: future), ["go"])


async def test_adispatch_keeps_what_can_wait_off_the_loop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    threads: list[threading.Thread] = []

    def plain(_: argparse.Namespace) -> CommandResult:
        threads.append(threading.current_thread())
        return CommandResult({"a": 1})

    assert await adispatch(parser_of(plain, json_output=True), ["go", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": 1}
    assert threads[0] is not threading.current_thread()

    async def coroutine(_: argparse.Namespace) -> None:
        threads.append(threading.current_thread())

    class Callable:
        async def __call__(self, _: argparse.Namespace) -> None:
            threads.append(threading.current_thread())

    def indirect(arguments: argparse.Namespace) -> Any:
        return coroutine(arguments)

    for run in (coroutine, partial(coroutine), Callable(), indirect):
        assert await adispatch(parser_of(run), ["go"]) == 0
        assert threads[-1] is threading.current_thread()


class Threads(io.StringIO):
    """Standard output that notes which thread writes."""

    writers: ClassVar[set[threading.Thread]] = set()

    def write(self, text: str) -> int:
        self.writers.add(threading.current_thread())
        return super().write(text)


async def test_adispatch_prints_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(_: argparse.Namespace) -> CommandResult:
        return CommandResult(text="text")

    monkeypatch.setattr("sys.stdout", stream := Threads())
    assert await adispatch(parser_of(run), ["go"]) == 0
    assert stream.getvalue() == "text\n"
    assert threading.current_thread() not in stream.writers


async def test_a_cancellation_of_adispatch_passes() -> None:
    entered = asyncio.Event()
    ended: list[str] = []

    async def run(_: argparse.Namespace) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("finally")

    task = asyncio.create_task(adispatch(parser_of(run), ["go"]))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError, match=r"^$"):
        await task
    assert ended == ["finally"]
