"""`mic new`: a service from the packaged template."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import shutil
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mic.cli._failures import CliError
from mic.cli._light import BUILT_INS
from mic.cli._output import error_name, one_line, write_note
from mic.cli._signals import terminable
from mic.cli._template import hidden, private_settings, settable, unpack, verbatim
from mic.cli.spec import CliCommandSpec, CommandResult
from mic.model import ConfigurationError

_GENERATOR = "cookiecutter"
_DESCRIPTION = "A new service"
_EPILOG = """\
NAME is lower-case words joined by '-'. Nothing is asked, unless --answers is given, nothing is
fetched from a network, and a folder that exists is never touched.

exit codes: 0, 1 an answer is refused or the folder exists, 2 the command line is wrong,
  70 this installation is damaged, 78 cookiecutter is not installed (pip install cookiecutter)

examples:
  mic new order-service
  mic new order-service --framework litestar --description "Takes orders"
  mic new order-service --set database=postgres --set python_version=3.13
  mic new order-service --output-dir services
"""


def built_in(name: str) -> CliCommandSpec:
    """The command."""
    return CliCommandSpec(name, _run, BUILT_INS[name][1], _build_args)


def _build_args(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.set_defaults(refuse=parser.error)
    parser.add_argument("name", metavar="NAME", help="name of the service and of its folder")
    parser.add_argument(
        "--framework",
        choices=["fastapi", "litestar"],
        default="fastapi",
        help="what serves HTTP (default: %(default)s)",
    )
    parser.add_argument(
        "--description",
        default=_DESCRIPTION,
        metavar="TEXT",
        help="what it does, in one sentence (default: %(default)s)",
    )
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder to make it in, which exists (default: the current folder)",
    )
    parser.add_argument(
        "--set",
        type=_setting,
        action="append",
        default=[],
        dest="settings",
        metavar="KEY=VALUE",
        help="an answer that is never asked: database=sqlite|postgres, python_version=3.X",
    )
    parser.add_argument(
        "--answers", action="store_true", help="ask the questions; the options are the defaults"
    )


def _setting(text: str) -> tuple[str, str]:
    key, mark, value = text.partition("=")
    if not mark or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _run(arguments: argparse.Namespace) -> CommandResult:
    asks = arguments.answers
    if asks and arguments.json_output:
        arguments.refuse("--answers asks a person, --json answers a program: take one of them")
    if importlib.util.find_spec(_GENERATOR) is None:
        raise ConfigurationError(
            code="config.no_cookiecutter",
            message=f"{_GENERATOR} is not installed: pip install {_GENERATOR}",
        )
    parent = arguments.output_dir.resolve()
    if not parent.is_dir():
        raise CliError("cli.no_folder", f"{arguments.output_dir} is not a folder")
    _refuse_existing(parent, arguments.name)
    answers = {
        "service_name": arguments.name,
        "service_description": arguments.description,
        "http_framework": arguments.framework,
    }
    with terminable(), _staging(parent) as (private, staged):
        template = unpack(private)
        answers |= _hidden_answers(template, arguments)
        _generate(template, private, staged, answers, asks=asks, verbose=arguments.verbose > 0)
        made = _moved(staged, parent)
    return _result(made, arguments.framework if not asks else None)


def _hidden_answers(template: Path, arguments: argparse.Namespace) -> dict[str, str]:
    known = settable(template)
    for key, _ in arguments.settings:
        if key not in known:
            arguments.refuse(f"--set {key}=...: one of {', '.join(sorted(known))} is meant")
    return {hidden(key): value for key, value in arguments.settings}


def _refuse_existing(parent: Path, name: str) -> None:
    # A name that is a path is refused by the template; this only spares the user the wait.
    if name and Path(name).name == name and os.path.lexists(parent / name):
        raise CliError("cli.exists", f"{parent / name} exists; nothing was changed")


@contextmanager
def _staging(parent: Path) -> Iterator[tuple[Path, Path]]:
    """A private folder, and one beside the target, so that the last step is one rename."""
    with tempfile.TemporaryDirectory(prefix="mic-new-") as private:
        try:
            staged = tempfile.mkdtemp(prefix=".mic-new-", dir=parent)
        except OSError as error:
            raise CliError(
                "cli.no_folder", f"{parent} cannot be written: {error_name(error)}"
            ) from error
        try:
            yield Path(private), Path(staged)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _generate(
    template: Path,
    private: Path,
    staged: Path,
    answers: Mapping[str, str],
    *,
    asks: bool,
    verbose: bool,
) -> None:
    """Run cookiecutter as a process of its own, away from the user's folder and settings."""
    command = [
        sys.executable,
        "-m",
        _GENERATOR,
        *([] if asks else ["--no-input"]),
        "--output-dir",
        os.fspath(staged),
        os.fspath(template),
        *(f"{key}={verbatim(value)}" for key, value in answers.items()),
    ]
    environment = {**os.environ, "COOKIECUTTER_CONFIG": os.fspath(private_settings(private))}
    with (private / "output").open("w+b") as log:
        # No shell, and no program of the caller's.
        process = subprocess.Popen(  # nosec B603
            command,
            # `-m` looks into the current folder first, and that is the user's.
            cwd=private,
            env=environment,
            stdin=None if asks else subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if asks else log,
            stderr=None if asks else subprocess.STDOUT,
        )
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        log.seek(0)
        said = log.read(1024 * 1024).decode("utf-8", "replace").splitlines()
    if verbose:
        for line in said:
            write_note(one_line(line))
    if code:
        reasons = [line for line in said if line.lower().startswith("error: ")]
        reason = (
            reasons[-1][len("error: ") :]
            if reasons
            else f"{_GENERATOR} ended with {code}; -v shows its words"
        )
        raise CliError("cli.template_refused", reason)


def _moved(staged: Path, parent: Path) -> Path:
    made = next(staged.iterdir(), None)
    if made is None:
        raise CliError("cli.template_refused", f"{_GENERATOR} made nothing")
    target = parent / made.name
    _refuse_existing(parent, made.name)
    made.rename(target)
    return target


def _result(made: Path, framework: str | None) -> CommandResult:
    shown = os.path.relpath(made) if made.is_relative_to(Path.cwd()) else os.fspath(made)
    following = [f"cd {shlex.quote(shown)}", "make bootstrap-dev && make gate"]
    return CommandResult(
        {
            "service": made.name,
            "folder": os.fspath(made),
            "framework": framework,
            "next": following,
        },
        "\n".join([f"made {made}", "", "Next:", *(f"  {line}" for line in following)]),
    )
