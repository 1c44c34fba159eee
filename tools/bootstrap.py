"""`python -m tools.bootstrap`: brings the environments up to what `requirements.lock` says.

`.venv` is made with the Python that runs this, `.venvs/3.X` with every other supported Python of
the machine. Each holds exactly the locked packages (checked by hash) and every distribution of the
workspace, editable. Nothing is done, and nothing asked of the network, while the lock, the
manifests, the interpreter and the place of the checkout are the ones an environment was made from.
Standard library only: it runs before there is an environment.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.pythons import Python, find_pythons
from tools.requirements import LOCK, pins_of
from tools.uv import find_uv
from tools.workspace import ROOT, load_workspace

STAMP = "mic-stamp.json"


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment and the interpreter that it is made with."""

    folder: Path
    python: Path
    version: str

    @property
    def program(self) -> Path:
        """The environment's own interpreter."""
        return self.folder / "bin" / "python"


def environments(root: Path, others: Sequence[Python]) -> list[Environment]:
    """The environments that a machine with these other Pythons should have."""
    version = ".".join(map(str, sys.version_info[:3]))
    base = getattr(sys, "_base_executable", sys.executable)
    main = Environment(root / ".venv", Path(base), version)
    return [
        main,
        *(Environment(root / ".venvs" / each.name, each.path, each.name) for each in others),
    ]


def wanted_stamp(root: Path, environment: Environment) -> dict[str, str]:
    """What an up-to-date environment was made from."""
    digest = hashlib.sha256((root / LOCK).read_bytes())
    for each in load_workspace(root).members:
        digest.update(each.name.encode() + (each.folder / "pyproject.toml").read_bytes())
    return {
        "root": str(root),
        "python": f"{environment.version} {environment.python}",
        "inputs": digest.hexdigest(),
    }


def found_stamp(environment: Environment) -> dict[str, str]:
    """What the environment says it was made from, `{}` when it does not exist or is broken."""
    try:
        stamp = json.loads((environment.folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(stamp) if environment.program.exists() and isinstance(stamp, dict) else {}


def build(root: Path, environment: Environment, *, uv: Path) -> None:
    """Makes the environment, or changes what changed.

    Raises:
        subprocess.CalledProcessError: uv failed; its output is in the exception.
    """
    wanted, found = wanted_stamp(root, environment), found_stamp(environment)
    (environment.folder / STAMP).unlink(missing_ok=True)
    program = str(environment.program)
    if {**found, "inputs": ""} != {**wanted, "inputs": ""}:
        target = str(environment.folder)
        _uv(root, uv, "venv", "--clear", "--python", str(environment.python), target)
    members = [f"--editable={each.folder}" for each in load_workspace(root).members]
    pip = ("--quiet", "--python", program)
    _uv(root, uv, "pip", "sync", *pip, "--require-hashes", LOCK)
    _uv(root, uv, "pip", "install", *pip, "--no-deps", *members)
    _uv(root, uv, "pip", "check", *pip)
    if environment.folder.name == ".venv":
        _warm(root, environment, uv=uv)
    (environment.folder / STAMP).write_text(json.dumps(wanted), encoding="utf-8")


def _warm(root: Path, environment: Environment, *, uv: Path) -> None:
    """Has uv keep what it must know to install from the lock offline, as the wheel tests do."""
    pins = environment.folder / "pins.txt"
    pins.write_text("\n".join(pins_of((root / LOCK).read_text(encoding="utf-8"))), encoding="utf-8")
    program, output = str(environment.program), environment.folder / "pins.out"
    _uv(root, uv, "pip", "compile", "--no-config", "--python", program, str(pins), f"-o{output}")
    pins.unlink()
    output.unlink()


def _uv(root: Path, uv: Path, *arguments: str) -> None:
    ignored = {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON"}
    subprocess.run(
        [str(uv), *arguments],
        cwd=root,
        env={name: value for name, value in os.environ.items() if name not in ignored},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )


def main(root: Path = ROOT) -> int:
    """Builds what is missing or stale; returns 1 when an environment could not be built."""
    failed = False
    uv: Path | None = None
    others = find_pythons()
    for python in others:
        if not python.whole:
            print(f"Python {python.name} at {python.path} lacks standard modules: left out")
    for environment in environments(root, [each for each in others if each.whole]):
        if found_stamp(environment) == wanted_stamp(root, environment):
            continue
        where = environment.folder.relative_to(root)
        print(f"{where}: Python {environment.version} and the locked packages ...", flush=True)
        started = time.monotonic()
        try:
            uv = uv or find_uv(root)
            build(root, environment, uv=uv)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as error:
            failed = True
            lines = (error.stdout or "").strip().splitlines() or [str(error)]
            print(f"{where}: cannot be built: {lines[-1].strip()}", file=sys.stderr)
            if environment.folder.name == ".venv":
                print("\n".join(lines), file=sys.stderr)
                return 1
        else:
            print(f"{where}: ready after {time.monotonic() - started:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
