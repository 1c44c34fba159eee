"""The checks of `mic doctor` that import, each in a process of its own."""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from mic.cli._checks import Finding
from mic.cli._members import Member

AT_ONCE = 4
TIMEOUT_SECONDS = 10.0

# Reports through a copy of standard output, so that whatever the module prints goes nowhere.
_CHILD = """
import functools, importlib, json, os, sys
report = os.fdopen(os.dup(1), "w")
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1)
os.dup2(null, 2)
sys.path[:], module, attributes = json.load(sys.stdin)
failure, missing = None, []
try:
    loaded = importlib.import_module(module)
except BaseException as error:
    failure = type(error).__name__
    if isinstance(error, ModuleNotFoundError) and error.name:
        failure += " of " + error.name
else:
    for attribute in attributes:
        try:
            functools.reduce(getattr, attribute.split("."), loaded)
        except BaseException:
            missing.append(attribute)
json.dump([failure, missing], report)
report.close()
os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """A module to import and attributes to find in it.

    Attributes:
        module: The module.
        portion: Whether it is a portion of the namespace: a failure is then D04, else D05.
        owner: The distribution.
        wanted: The entry points whose targets are looked for, by attribute.
    """

    module: str
    portion: bool
    owner: str
    wanted: dict[str, list[str]] = field(default_factory=dict)


def probes_of(members: Iterable[Member], targets: Iterable[tuple[str, str, str]]) -> list[Probe]:
    """One probe for each portion and each further module that entry points name."""
    probes: dict[str, Probe] = {}
    for member in members:
        for portion in member.portions:
            probes.setdefault(portion, Probe(portion, True, member.name))
    for owner, point, value in targets:
        module, _, attribute = value.partition(":")
        probe = probes.setdefault(module, Probe(module, False, owner))
        probe.wanted.setdefault(attribute, []).append(point)
    return list(probes.values())


def run_probes(
    probes: Sequence[Probe],
    *,
    path: Sequence[str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> list[Finding]:
    """D04 and D05: what does not import and targets that are missing, in the probes' order."""
    chosen = list(sys.path if path is None else path)

    def run(probe: Probe) -> list[Finding]:
        return list(_findings(probe, *_import(probe, chosen, timeout_seconds)))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [finding for found in pool.map(run, probes) for finding in found]


def _import(
    probe: Probe, path: Sequence[str], timeout_seconds: float
) -> tuple[str | None, list[str]]:
    """What went wrong at the import, and the attributes that are missing."""
    attributes = [each for each in probe.wanted if each]
    try:
        ended = subprocess.run(  # nosec B603
            [sys.executable, "-P", "-c", _CHILD],
            input=json.dumps([path, probe.module, attributes]).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it takes more than {timeout_seconds:g} s", []
    try:
        failure, missing = json.loads(ended.stdout)
    except ValueError:
        return f"its process ended with {ended.returncode}", []
    return failure, missing


def _findings(probe: Probe, failure: str | None, missing: Sequence[str]) -> Iterator[Finding]:
    again = f'pip install --force-reinstall "{probe.owner}"'
    if failure and probe.portion:
        yield Finding("D04", "error", probe.module, f"does not import: {failure}", again)
        return
    for attribute, points in probe.wanted.items():
        for point in points:
            if failure or attribute in missing:
                what = failure or "the module has no such attribute"
                target = f"{probe.module}:{attribute} of {probe.owner}"
                yield Finding(
                    "D05",
                    "error",
                    point,
                    f"leads to {target}, which is missing: {what}",
                    again,
                )
