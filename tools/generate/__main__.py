"""`python -m tools.generate [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.generate.parts import stale_files, write_stale
from tools.workspace import load_workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or compares the generated parts; returns 1 when a comparison finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    workspace = load_workspace()
    try:
        stale = stale_files(workspace) if options.check else write_stale(workspace)
    except ValueError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 2
    for path in stale:
        name = path.relative_to(workspace.root)
        differs = f"{name}: a generated part differs; run `make docs`"
        print(differs if options.check else f"wrote {name}")
    print(f"{len(stale)} files were out of date")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
