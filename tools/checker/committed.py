"""W11 and W12: what is generated, and what no committed file may hold."""

from __future__ import annotations

import re
import subprocess

from tools.checker.findings import Report
from tools.generate.parts import generated_files, stale_files
from tools.workspace import Workspace

# Written so that this file does not hold what it looks for.
_HOSTS = re.compile(
    rb"pyp[i]\.org|pythonhoste[d]\.org|registry\.npmj[s]|registry\.yarnpk[g]"
    rb"|(?:deb|security|ftp)\.debia[n]\.org|archive\.ubunt[u]\.com|static\.crate[s]\.io"
    rb"|proxy\.golan[g]\.org|repo1?\.mave[n]\.org"
)


def w11_generated(workspace: Workspace, report: Report) -> None:
    """Generated parts are what the tree says."""
    try:
        stale = stale_files(workspace)
        for path in generated_files(workspace):
            report.unless(path not in stale, path, "a generated part differs; run `make docs`")
    except ValueError as error:
        report.add(workspace.root, f"{error}; put the marks back")


def w12_hosts(workspace: Workspace, report: Report) -> None:
    """No committed file names a package registry's host, or where this checkout lies."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=workspace.root, capture_output=True, check=True
    )
    here = str(workspace.root).encode()
    for name in listed.stdout.decode().split("\0"):
        path = workspace.root / name
        if not name or not path.is_file():
            continue
        content = path.read_bytes()
        for match in _HOSTS.finditer(content):
            line = content.count(b"\n", 0, match.start()) + 1
            report.add(path, f"line {line}: names a package registry's host; name the package only")
        report.unless(
            here not in content, path, "holds the path of a checkout; write a relative one"
        )
