"""`python -m tools.lock [--check]`: what the manifests resolve to, as versions and hashes.

The resolution takes nothing that appeared after `[tool.uv] exclude-newer`, so everybody gets the
same one. `uv.lock` holds download addresses and is never committed; `requirements.lock` is exported
from it and holds none. Standard library only: it runs when the environment is out of date.
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from tools.requirements import LOCK, pins_of
from tools.uv import find_uv
from tools.workspace import ROOT

_EXPORT = (
    "export",
    "--frozen",
    "--quiet",
    "--all-groups",
    "--no-emit-workspace",
    "--no-header",
    "--no-annotate",
    "--format=requirements-txt",
)
_MOST_LINES = 40


def resolve(root: Path, *, uv: Path) -> str:
    """Resolves afresh, whatever an earlier `uv.lock` says, and returns the exported list.

    Raises:
        subprocess.CalledProcessError: uv failed; it has said why on standard error.
    """
    subprocess.run([uv, "lock", "--quiet", "--upgrade"], cwd=root, check=True)
    exported = subprocess.run([uv, *_EXPORT], cwd=root, check=True, stdout=subprocess.PIPE)
    return exported.stdout.decode()


def resolve_aside(root: Path, *, uv: Path) -> str:
    """The same in a copy of the manifests, so that the tree stays as it is."""
    with tempfile.TemporaryDirectory(prefix="mic-lock-") as folder:
        copy = Path(folder)
        for manifest in [root / "pyproject.toml", *root.glob("packages/*/pyproject.toml")]:
            target = copy / manifest.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(manifest, target)
        return resolve(copy, uv=uv)


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Writes or compares `requirements.lock`; returns 1 when a comparison finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    lock = root / LOCK
    committed = lock.read_text(encoding="utf-8") if lock.exists() else ""
    try:
        uv = find_uv(root)
        resolved = resolve_aside(root, uv=uv) if options.check else resolve(root, uv=uv)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        print(f"lock: {error}", file=sys.stderr)
        return 2
    count = len(pins_of(resolved))
    if not options.check:
        lock.write_text(resolved, encoding="utf-8")
        print(f"{LOCK}: {count} packages" + (", as before" if resolved == committed else ""))
        return 0
    if resolved == committed:
        print(f"{LOCK}: {count} packages, as the manifests resolve")
        return 0
    lines = difflib.unified_diff(committed.splitlines(), resolved.splitlines(), LOCK, "resolved")
    versions = (line for line in lines if "--hash" not in line)
    print("\n".join(islice(versions, _MOST_LINES)))
    print(f"{LOCK}: is not what the manifests resolve to; run `make lock`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
