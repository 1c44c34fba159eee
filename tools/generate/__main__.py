"""`python -m tools.generate [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.generate.parts import generated_files, stale_files
from tools.workspace import load_workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes or compares the generated parts; returns 1 when a comparison finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    workspace = load_workspace()
    try:
        stale = stale_files(workspace)
        texts = generated_files(workspace)
    except ValueError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 2
    for path in stale:
        name = path.relative_to(workspace.root)
        if options.check:
            print(f"{name}: a generated part differs; run `make docs`")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
        print(f"wrote {name}")
    print(f"{len(texts) - len(stale)} of {len(texts)} files were up to date")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
