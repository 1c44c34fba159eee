"""What `mic-cli` ships of the tree: the table of the family, and the packed service template."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from tools.workspace import META, Workspace

CLI = "mic-cli"
ARCHIVE = Path("packages", CLI, "src", "mic", "cli", "template.zip")
FAMILY = ARCHIVE.with_name("_family.py")

_HEAD = '''"""The distributions of the family and the portions that each owns.

Generated from the tree by `make docs`; do not edit.
"""

FAMILY: dict[str, tuple[str, ...]] = {
'''
# The earliest date that the format can hold, as good as any and the same for everybody.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_REGULAR = 0o100000
_CACHES = {"__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}


def family_module(workspace: Workspace) -> str:
    """The module that `mic list` compares an installation with."""
    owned = {each.name: each.portions for each in workspace.members} | {META: []}
    return _HEAD + "".join(f"{_entry(name, owned[name])}" for name in sorted(owned)) + "}\n"


def _entry(name: str, portions: list[str]) -> str:
    items = [json.dumps(portion) for portion in portions]
    tail = "," if len(items) == 1 else ""
    line = f"    {json.dumps(name)}: ({', '.join(items)}{tail}),\n"
    if len(line) <= 101:
        return line
    return f"    {json.dumps(name)}: (\n" + "".join(f"        {i},\n" for i in items) + "    ),\n"


def template_archive(template: Path) -> bytes:
    """The template as an archive: sorted, uncompressed, with one date and two modes.

    The same files give the same bytes, whoever packs them and when.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in template_files(template):
            member = zipfile.ZipInfo(path.relative_to(template).as_posix(), _DATE)
            member.create_system = _UNIX
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            member.external_attr = (_REGULAR | mode) << 16
            archive.writestr(member, path.read_bytes())
    return packed.getvalue()


def template_files(template: Path) -> list[Path]:
    """The template's own files, sorted by their names in the archive."""
    files = [
        path
        for path in template.rglob("*")
        if path.is_file() and not _CACHES & set(path.relative_to(template).parts)
    ]
    return sorted(files, key=lambda path: path.relative_to(template).as_posix())


def shipped(workspace: Workspace) -> dict[Path, bytes]:
    """The generated files of `mic-cli`; none while the tree does not have it."""
    root = workspace.root
    if CLI not in {each.name for each in workspace.members}:
        return {}
    return {root / FAMILY: family_module(workspace).encode(), **packed_template(root)}


def packed_template(root: Path) -> dict[Path, bytes]:
    """The archive, where there is a template."""
    template = root / "template"
    return {root / ARCHIVE: template_archive(template)} if template.is_dir() else {}
