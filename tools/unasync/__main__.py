"""`python -m tools.unasync [--check] [DISTRIBUTION ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.unasync.twins import check_twins, plan_twins, write_twins
from tools.workspace import load_workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or compares the twins; returns 1 when a comparison finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tools.unasync", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("distributions", nargs="*", metavar="DISTRIBUTION")
    options = parser.parse_args(arguments)
    workspace = load_workspace()
    try:
        twins = plan_twins(workspace, options.distributions)
    except ValueError as error:
        print(f"unasync: {error}", file=sys.stderr)
        return 2
    if not options.check:
        for path in write_twins(twins, root=workspace.root):
            print(f"wrote {path.relative_to(workspace.root)}")
        print(f"{len(twins)} twins are up to date")
        return 0
    stale = check_twins(twins, root=workspace.root)
    for path in stale:
        print(f"{path.relative_to(workspace.root)}: differs from its source; run `make unasync`")
    print(f"{len(twins) - len(stale)} of {len(twins)} twins are up to date")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
