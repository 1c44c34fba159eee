"""What the portion makes public."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mic.cli


def test_all_is_sorted_and_bound() -> None:
    names = mic.cli.__all__
    assert names == sorted(names)
    assert set(names) <= set(dir(mic.cli))
    assert all(getattr(mic.cli, name) is not None for name in names)


def test_the_modules_of_the_published_api_stay() -> None:
    from mic.cli.builder import build_parser, dispatch
    from mic.cli.spec import ArgsBuilder, CliCommandSpec, CommandRunner

    assert (build_parser, dispatch) == (mic.cli.build_parser, mic.cli.dispatch)
    assert mic.cli.CliCommandSpec is CliCommandSpec
    assert (mic.cli.ArgsBuilder, mic.cli.CommandRunner) == (ArgsBuilder, CommandRunner)


A_RUN = """
from mic.cli import CliCommandSpec, CommandResult, build_parser, dispatch
parser = build_parser(prog="x", description="y", commands=[CliCommandSpec("a", lambda _: 0)])
assert dispatch(parser, ["a"]) == 0
"""


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import mic.cli", {"mic.cli", "mic.plugins"}),
        (A_RUN, {"mic.cli", "mic.plugins", "mic.model"}),
    ],
)
def test_nothing_but_the_standard_library_and_the_errors_is_imported(
    statement: str, allowed: set[str]
) -> None:
    paths = [str(Path(path).parent) for path in mic.__path__]
    code = f"import sys\nsys.path[:0] = {paths!r}\n{statement}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    names = [name for name in done.stdout.split() if not name.startswith("Namespace(")]
    tops = {name.split(".")[0] for name in names if name.isidentifier() or "." in name}
    assert {".".join(name.split(".")[:2]) for name in names if name.startswith("mic.")} <= allowed
    assert tops & {"asyncio", "pydantic", "fastapi", "litestar", "cookiecutter"} == set()
