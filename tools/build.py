"""`python -m tools.build`: every wheel and source distribution into `dist/`, without a network.

Calls the build backend's own hooks (PEP 517) in the environment, which has it in its locked
version.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tools.workspace import ROOT, Workspace, load_workspace

_WHEEL = "import sys, uv_build; uv_build.build_wheel(sys.argv[1])"
_SDIST = "import sys, uv_build; uv_build.build_sdist(sys.argv[1])"


def build_all(workspace: Workspace, target: Path, *, sdists: bool = True) -> list[Path]:
    """Builds every distribution of the tree, the meta-distribution included.

    Raises:
        subprocess.CalledProcessError: a build failed; its output is in the exception.
    """
    target.mkdir(parents=True, exist_ok=True)
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    for each in workspace.distributions:
        for code in [_SDIST, _WHEEL] if sdists else [_WHEEL]:
            subprocess.run(
                [sys.executable, "-c", code, str(target)],
                cwd=each.folder,
                env={
                    **os.environ,
                    "PATH": programs,
                },  # the backend's own program is looked up there
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
    return sorted(path for path in target.iterdir() if path.name.endswith((".whl", ".tar.gz")))


def main(root: Path = ROOT) -> int:
    """Empties `dist/` of earlier builds and builds anew."""
    target = root / "dist"
    for old in [*target.glob("mic_*.whl"), *target.glob("mic_*.tar.gz")]:
        old.unlink()
    started = time.monotonic()
    try:
        built = build_all(load_workspace(root), target)
    except subprocess.CalledProcessError as error:
        print(error.stdout, file=sys.stderr)
        return 1
    for path in built:
        print(f"dist/{path.name}")
    print(f"{len(built)} files in {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
