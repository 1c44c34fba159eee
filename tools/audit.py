"""`python -m tools.audit`: known vulnerabilities in `requirements.lock`.

Asks a vulnerability service on the network. A package that the service does not know is a failure,
not a pass: behind a mirror without such a service nothing has been audited.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.requirements import LOCK
from tools.workspace import ROOT


def main(root: Path = ROOT) -> int:
    """Runs pip-audit over the locked list, without resolving or installing anything."""
    options = ("--strict", "--disable-pip", "--require-hashes")
    command = [sys.executable, "-m", "pip_audit", *options, "-r", LOCK]
    return subprocess.run(command, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
