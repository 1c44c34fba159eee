"""Tries the built wheels, not the checkout: what is in them, and that each works alone.

Environments are made outside the tree from the built wheels and from what uv has in its cache since
`make bootstrap`, at the locked versions, so nothing here needs a network.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from email.parser import HeaderParser
from pathlib import Path

from tools.generate.layers import requirement_name, siblings_of
from tools.workspace import META, NAMESPACE, TESTING, Distribution, Workspace

TEST_ONLY = frozenset({"coverage", "hypothesis", "mypy", "pytest", "pytest-asyncio", "ruff"})
"""What only `mic-testing` may require."""


def inspect_wheel(path: Path, distribution: Distribution) -> list[str]:
    """What is wrong with a wheel's content; empty when nothing is."""
    problems: list[str] = []
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        info = f"{distribution.name.replace('-', '_')}-{distribution.project['version']}.dist-info"
        problems += _wrong_places(names, info, distribution)
        problems += _wrong_records(archive, names, info)
        headers = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode())
    for requirement in headers.get_all("Requires-Dist", []):
        if distribution.name not in {TESTING, META} and requirement_name(requirement) in TEST_ONLY:
            problems.append(f"requires {requirement}, which only tests need")
    if not any(name.startswith(f"{info}/licenses/") for name in names):
        problems.append("holds no licence")
    return problems


def _wrong_places(names: Iterable[str], info: str, distribution: Distribution) -> list[str]:
    homes = {portion.replace(".", "/") for portion in distribution.portions}
    problems = [f"lacks {home}/py.typed" for home in homes if f"{home}/py.typed" not in names]
    for name in names:
        if name.startswith(f"{info}/"):
            continue
        if "/".join(name.split("/")[:2]) not in homes:
            problems.append(f"holds {name}, outside its portions")
        if "tests" in name.split("/") or name.endswith(".pyc"):
            problems.append(f"holds {name}, which is not for users")
    return problems


def _wrong_records(archive: zipfile.ZipFile, names: Sequence[str], info: str) -> list[str]:
    """RECORD lists every file once, with its hash and size."""
    rows = csv.reader(archive.read(f"{info}/RECORD").decode().splitlines())
    record = {name: (digest, size) for name, digest, size in rows}
    problems = [f"RECORD and content differ: {name}" for name in set(record) ^ set(names)]
    for name in set(record) & set(names) - {f"{info}/RECORD"}:
        content = archive.read(name)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        if record[name] != (f"sha256={digest}", str(len(content))):
            problems.append(f"RECORD has another hash or size: {name}")
    return problems


class Lab:
    """Makes environments below one folder from the wheels of another."""

    def __init__(self, folder: Path, *, wheels: Path, constraints: Path, uv: Path) -> None:
        """Keeps the places; makes nothing yet."""
        self._folder = folder
        self._wheels = wheels
        self._constraints = constraints
        self._uv = uv

    def make(self, name: str, requirements: Sequence[str]) -> Path:
        """A new environment with the requirements; returns its interpreter."""
        environment = self._folder / name
        self._run("venv", "--python", sys.executable, str(environment))
        program = environment / "bin" / "python"
        self.install(program, requirements)
        return program

    def install(self, program: Path, requirements: Sequence[str]) -> None:
        """Installs from the wheels and the cache, at locked versions."""
        self._pip(
            "install", program, f"--find-links={self._wheels}", *self._locked(), *requirements
        )

    def uninstall(self, program: Path, name: str) -> None:
        """Takes one distribution out."""
        self._pip("uninstall", program, name)

    def check(self, program: Path) -> None:
        """Every requirement of everything installed is met."""
        self._pip("check", program)

    def imports(self, program: Path, modules: Iterable[str]) -> None:
        """Imports the modules in a fresh interpreter, away from the tree; warnings are errors."""
        lines = "".join(f"import {module}\n" for module in modules)
        outside = f"assert {NAMESPACE}.__file__ is None\n" if lines else ""
        self._checked([str(program), "-I", "-W", "error", "-c", lines + outside])

    def _locked(self) -> tuple[str, ...]:
        return ("--offline", f"--constraints={self._constraints}")

    def _pip(self, verb: str, program: Path, *arguments: str) -> None:
        self._run("pip", verb, "--python", str(program), *arguments)

    def _run(self, *arguments: str) -> None:
        self._checked([str(self._uv), "--no-config", "--quiet", *arguments])

    def _checked(self, command: Sequence[str]) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
        result = subprocess.run(
            command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise AssertionError(f"{' '.join(command)}\n{result.stdout}{result.stderr}")


def survivors(workspace: Workspace, gone: str) -> list[str]:
    """The portions that must still import when one distribution is uninstalled."""
    lost = {gone}
    while True:
        more = {
            each.name
            for each in workspace.members
            if each.name not in lost and siblings_of(each, workspace) & lost
        }
        if not more:
            break
        lost |= more
    return [part for each in workspace.members if each.name not in lost for part in each.portions]
