"""`python -m tools.bump X.Y.Z`: writes the one version of the family everywhere.

Everywhere is: the root's `[tool.mic] version`, each distribution's `version`, the exact pins of
siblings on each other, the template's pin of the family, and the generated manifest of the
meta-distribution.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.generate.parts import write_stale
from tools.workspace import META, NAMESPACE, ROOT, load_workspace

_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}((a|b|rc)\d+)?")
_LINE = re.compile(r'^version = "[^"]*"', re.MULTILINE)
_CONTEXT = re.compile(r'("__mic_version": ")[^"]*(")')
_PIN = re.compile(rf'("{NAMESPACE}-[a-z0-9-]+(?:\[[a-z0-9,-]+\])?==)[^"]+(")')


def bump(root: Path, version: str) -> list[Path]:
    """Writes the version; returns the files that changed.

    Raises:
        ValueError: this is not a release, or release candidate, `X.Y.Z[rcN]`.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is not a version; say make bump V=1.2.3")
    manifest = root / "pyproject.toml"
    head, mark, tail = manifest.read_text(encoding="utf-8").partition("[tool.mic]\n")
    tail = _LINE.sub(f'version = "{version}"', tail, count=1)
    changed = _write(manifest, head + mark + tail)
    for each in load_workspace(root).distributions:
        if each.name == META:
            continue
        path = each.folder / "pyproject.toml"
        text = _LINE.sub(f'version = "{version}"', path.read_text(encoding="utf-8"), count=1)
        changed += _write(path, _PIN.sub(rf"\g<1>{version}\g<2>", text))
    return changed + _bump_template(root, version) + write_stale(load_workspace(root))


def _bump_template(root: Path, version: str) -> list[Path]:
    context = root / "template" / "cookiecutter.json"
    if not context.exists():
        return []
    return _write(
        context, _CONTEXT.sub(rf"\g<1>{version}\g<2>", context.read_text(encoding="utf-8"))
    )


def _write(path: Path, text: str) -> list[Path]:
    if path.read_text(encoding="utf-8") == text:
        return []
    path.write_text(text, encoding="utf-8")
    return [path]


def main(arguments: Sequence[str] = sys.argv[1:], *, root: Path = ROOT) -> int:
    """Bumps to the one argument; returns 2 when it is not a version."""
    try:
        changed = bump(root, arguments[0] if arguments else "")
    except ValueError as error:
        print(f"bump: {error}", file=sys.stderr)
        return 2
    for path in changed:
        print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
