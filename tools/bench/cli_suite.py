"""What `mic` costs an operator: whole processes, against a bare argparse script."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.harness import Benchmark, Comparison, Limit, Result, nothing
from tools.demo.service import bake
from tools.workspace import META, ROOT, load_workspace

PLUGINS = 20
BUILT_INS = 5
_MOST_ROUNDS = 20

_BARE = f"""\
import argparse
import sys

parser = argparse.ArgumentParser(prog="bare", description="A script with as many sub-commands.")
commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
for number in range({PLUGINS + BUILT_INS}):
    commands.add_parser(f"command{{number}}", help="does something")
parser.parse_args(sys.argv[1:])
"""
_MIC = "import sys\nfrom mic.cli.main import main\nsys.exit(main())\n"


def installation(folder: Path) -> Mapping[str, Path]:
    """Lay out the whole family and plug-ins as an installer does; gives the two scripts."""
    workspace = load_workspace(ROOT)
    site = folder / "site"
    (site / "mic").mkdir(parents=True)
    for each in workspace.distributions:
        for portion in each.portions:
            name = portion.partition(".")[2]
            (site / "mic" / name).symlink_to(each.namespace_folder / name)
        record = "".join(f"{portion.replace('.', '/')}/x.py,,\n" for portion in each.portions)
        pins = [f"{other.name}=={workspace.version}" for other in workspace.members]
        _info(site, each.name, workspace.version, record, pins if each.name == META else [])
    for number in range(PLUGINS):
        info = _info(site, f"plugin-{number}", "1.0", f"plugin_{number}.py,,\n", [])
        (info / "entry_points.txt").write_text(
            f"[mic.commands]\nplugin{number} = plugin_{number}:COMMAND\n"
        )
    scripts = {"bare": folder / "bare.py", "mic": folder / "script.py"}
    scripts["bare"].write_text(_BARE)
    scripts["mic"].write_text(_MIC)
    return {**scripts, "site": site}


def _info(site: Path, name: str, version: str, record: str, requires: Sequence[str]) -> Path:
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    headers = "".join(f"Requires-Dist: {each}\n" for each in requires)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{headers}\n")
    (info / "RECORD").write_text(record)
    return info


@dataclass(frozen=True, slots=True)
class Processes:
    """Two commands, each a process of its own, in turn.

    Attributes:
        name: What is compared.
        subject: Script and arguments.
        reference: The same of the alternative.
        against: What the alternative is.
        must: The largest ratio.
    """

    name: str
    subject: tuple[str, ...]
    reference: tuple[str, ...]
    against: str
    must: float

    def run(self, *, rounds: int) -> Result:
        """Measure; the median of the ratios."""
        with TemporaryDirectory() as name:
            places = installation(Path(name))
            works = [_process(places, *each) for each in (self.subject, self.reference)]
            ours, theirs = in_turn(works, min(rounds, _MOST_ROUNDS))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        shown = Benchmark(self.name, nothing, nothing, self.against, self.must, faster=False)
        costs = (statistics.median(each) * 1e6 for each in (ours, theirs))
        return Result(shown, ratio, *costs)


def _process(places: Mapping[str, Path], script: str, *arguments: str) -> Callable[[], object]:
    # Without the packages of the environment that measures, which a user does not have.
    command = [sys.executable, "-S", str(places[script]), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(places["site"])}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(places["site"].parent / "caches")
    return lambda: subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


def in_turn(works: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """The seconds of each work in each round; once before, for what is kept from then on."""
    for work in works:
        work()
    costs: list[list[float]] = [[] for _ in works]
    for _ in range(max(1, rounds)):
        for work, column in zip(works, costs, strict=True):
            began = time.perf_counter()
            work()
            column.append(time.perf_counter() - began)
    return costs


def generating(rounds: int) -> float:
    """The seconds that `mic new` adds to cookiecutter on the folder, median of the rounds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = iter(range(10_000))

        def ours() -> None:
            arguments = ["new", f"service-{next(made)}", "--output-dir", name]
            command = [sys.executable, "-m", "mic.cli", *arguments]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

        def theirs() -> None:
            bake(ROOT / "template", folder, name=f"service-{next(made)}", framework="fastapi")

        mine, base = in_turn([ours, theirs], min(rounds, _MOST_ROUNDS) // 2)
    added = statistics.median(a - b for a, b in zip(mine, base, strict=True))
    return max(added, 0.0)


def benchmarks() -> list[Comparison]:
    """Every comparison, in the order in which they are shown."""
    return [
        Processes(
            "cli: mic --help, 20 plug-ins",
            ("mic", "--help"),
            ("bare", "--help"),
            "a bare argparse script with as many sub-commands",
            1.3,
        ),
        Processes(
            "cli: mic list, the family", ("mic", "list"), ("mic", "--help"), "mic --help", 2.5
        ),
        Limit(
            "cli: what mic new adds", generating, 0.300, "the bound, to cookiecutter on template/"
        ),
    ]
