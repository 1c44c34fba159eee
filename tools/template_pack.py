"""`python -m tools.template_pack`: packs `template/` into the archive that `mic new` unpacks.

`make docs` does it too, and the gate compares (W11).
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.generate.command import packed_template
from tools.workspace import ROOT


def main(root: Path = ROOT) -> int:
    """Writes the archive when it is out of date; returns 2 when there is no template."""
    packed = packed_template(root)
    if not packed:
        print("template_pack: there is no template/ to pack", file=sys.stderr)
        return 2
    for path, content in packed.items():
        stale = not path.exists() or path.read_bytes() != content
        if stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        print(f"{path.relative_to(root)}: {'written' if stale else 'up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
