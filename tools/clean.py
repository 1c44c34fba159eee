"""`python -m tools.clean`: removes what the other targets made. Standard library only."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.workspace import ROOT

_FOLDERS = (
    *(".venv", ".venvs", ".tools", ".cache", "build", "dist", "mutants", "htmlcov"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"),
)
_BELOW = ("__pycache__", ".pytest_cache", ".hypothesis")


def clean(root: Path) -> int:
    """Removes made folders and coverage files; returns how many there were."""
    made = [root / name for name in _FOLDERS]
    for area in ("packages", "tools", "tests", "template"):
        made += [path for name in _BELOW for path in (root / area).rglob(name)]
    made += [root / "__pycache__", *root.glob(".coverage*")]
    count = 0
    for path in made:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            continue
        count += 1
    return count


if __name__ == "__main__":
    print(f"{clean(ROOT)} folders and files removed")
    sys.exit(0)
