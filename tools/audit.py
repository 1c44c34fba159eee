"""`python -m tools.audit`: known vulnerabilities in `requirements.lock`. Needs a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.requirements import LOCK
from tools.workspace import ROOT


def main(root: Path = ROOT) -> int:
    """Runs pip-audit over the locked list, without resolving or installing anything."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", LOCK]
    return subprocess.run(command, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
