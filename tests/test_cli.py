"""`mic` as a user gets it: from wheels, with plug-ins from wheels, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.build import build_all
from tools.demo.service import bake
from tools.requirements import LOCK, pins_of
from tools.smoke import Lab
from tools.uv import find_uv
from tools.workspace import ROOT, Workspace, load_workspace

WORKSPACE = load_workspace(ROOT)
VERSION = WORKSPACE.version
WANTED = ("mic-cli", "mic-core", "mic-struct", "mic-cache")

pytestmark = pytest.mark.timeout(600)

PLUGINS = {
    "healthy": """
        from mic.cli import CliCommandSpec, CommandResult

        def greet(arguments):
            "Greets."
            return CommandResult({"hello": "world"})

        COMMANDS = [CliCommandSpec("greet", greet)]
        GREET = COMMANDS[0]
        """,
    "broken": "raise RuntimeError('a secret')",
    "rival": "X = 1",
}
POINTS = {
    "healthy": {"greet": "GREET", "many": "COMMANDS", "shared": "GREET"},
    "broken": {"crash": "X"},
    "rival": {"shared": "X"},
}


def _plugin(folder: Path, name: str, into: Path) -> None:
    """Builds a wheel of a third party, as `mic-acme-NAME`, with a backend of the family."""
    source = folder / name / "src" / f"acme_{name}"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text(textwrap.dedent(PLUGINS[name]))
    points = "".join(f'{key} = "acme_{name}:{target}"\n' for key, target in POINTS[name].items())
    (folder / name / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["uv_build>=0.9,<0.14"]\nbuild-backend = "uv_build"\n'
        f'[project]\nname = "acme-{name}"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
        f'dependencies = ["mic-cli"]\n[project.entry-points."mic.commands"]\n{points}'
    )
    code = "import sys, uv_build; uv_build.build_wheel(sys.argv[1])"
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    subprocess.run(
        [sys.executable, "-c", code, str(into)],
        cwd=folder / name,
        env={**os.environ, "PATH": programs},
        check=True,
        capture_output=True,
    )


class Installation:
    """An environment with the wheels in it."""

    def __init__(self, lab: Lab, python: Path) -> None:
        self.lab = lab
        self.python = python

    def mic(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Runs its console script."""
        return subprocess.run(
            [str(self.python.parent / "mic"), *arguments],
            cwd=cwd,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    wheels = tmp_path_factory.mktemp("wheels")
    chosen = tuple(WORKSPACE.find(name) for name in WANTED)
    build_all(Workspace(ROOT, WORKSPACE.manifest, chosen), wheels, sdists=False)
    for name in PLUGINS:
        _plugin(tmp_path_factory.mktemp("plugins"), name, wheels)
    folder = tmp_path_factory.mktemp("lab")
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins_of((ROOT / LOCK).read_text(encoding="utf-8"))))
    lab = Lab(folder, wheels=wheels, constraints=constraints, uv=find_uv(ROOT))
    wanted = [f"mic-cli=={VERSION}", f"mic-struct[cache]=={VERSION}", "cookiecutter"]
    return Installation(lab, lab.make("mic", wanted))


@pytest.fixture
def plugged(installation: Installation) -> Iterator[Callable[..., None]]:
    """Installs plug-ins for one test."""
    installed: list[str] = []

    def install(*names: str) -> None:
        installed.extend(f"acme-{name}" for name in names)
        installation.lab.install(installation.python, installed)

    yield install
    for name in installed:
        installation.lab.uninstall(installation.python, name)


def files_of(folder: Path) -> dict[str, tuple[bool, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (os.access(path, os.X_OK), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("framework", "database", "description"),
    [
        ("fastapi", "sqlite", "A new service"),
        ("litestar", "postgres", "{{ 7*7 }} \"two\"\nlines 'and' \\n more"),
    ],
)
def test_a_service_is_what_cookiecutter_makes_of_the_folder(
    installation: Installation, tmp_path: Path, framework: str, database: str, description: str
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    done = installation.mic(
        *("new", "order-service", "--framework", framework, f"--description={description}"),
        *("--set", f"database={database}"),
        cwd=ours,
    )
    assert (done.returncode, done.stderr) == (0, "")
    bake(
        ROOT / "template",
        theirs,
        name="order-service",
        framework=framework,
        description=description,
        __database=database,
    )
    expected = files_of(theirs)
    assert files_of(ours) == expected
    assert len(expected) > 30


def test_a_clean_installation_is_clean(installation: Installation, tmp_path: Path) -> None:
    done = installation.mic("list", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert sorted(rows) == sorted(WANTED)
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert rows["mic-core"]["portions"] == WORKSPACE.find("mic-core").portions
    done = installation.mic("doctor", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings\n", "")


def test_plug_ins_from_wheels(
    installation: Installation, plugged: Callable[..., None], tmp_path: Path
) -> None:
    plugged("healthy", "broken")
    done = installation.mic("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shown = {words[0]: words[1:] for words in map(str.split, done.stdout.splitlines()) if words}
    assert shown["greet"] == shown["many"] == ["from", "acme-healthy"]
    assert shown["crash"] == ["from", "acme-broken"]
    for arguments in (["greet", "--json"], ["many", "greet", "--json"]):
        done = installation.mic(*arguments, cwd=tmp_path)
        assert (done.returncode, json.loads(done.stdout)) == (0, {"hello": "world"})
    done = installation.mic("crash", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (70, "")
    assert "of the distribution acme-broken cannot be loaded: RuntimeError" in done.stderr
    assert "secret" not in done.stderr
    timed = subprocess.run(
        [str(installation.python), "-X", "importtime", "-m", "mic.cli", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "mic.cli.main" in timed.stderr
    assert "acme" not in timed.stderr
    done = installation.mic("doctor", "--json", cwd=tmp_path)
    findings = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(each["id"], each["subject"]) for each in findings] == [("D05", "mic.commands: crash")]


def test_two_plug_ins_with_one_name(
    installation: Installation, plugged: Callable[..., None], tmp_path: Path
) -> None:
    plugged("healthy", "rival")
    done = installation.mic("shared", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (78, "")
    assert "claimed by acme-healthy and acme-rival" in done.stderr
    assert installation.mic("greet", cwd=tmp_path).returncode == 0
    done = installation.mic("doctor", "--json", cwd=tmp_path)
    found = [(each["id"], each["subject"]) for each in json.loads(done.stdout)]
    assert found == [("D05", "mic.commands: shared")]


def test_without_cookiecutter(installation: Installation, tmp_path: Path) -> None:
    installation.lab.uninstall(installation.python, "cookiecutter")
    try:
        done = installation.mic("new", "a", cwd=tmp_path)
    finally:
        installation.lab.install(installation.python, ["cookiecutter"])
    assert (done.returncode, done.stdout) == (78, "")
    assert "pip install cookiecutter" in done.stderr
    assert list(tmp_path.iterdir()) == []
