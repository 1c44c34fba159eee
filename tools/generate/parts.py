"""Which files have generated parts, and what belongs in them."""

from __future__ import annotations

import json
from pathlib import Path

from tools.generate.command import shipped
from tools.generate.layers import import_linter_text
from tools.generate.meta import DESCRIPTION, meta_extras, meta_manifest
from tools.generate.regions import fill_regions
from tools.workspace import META, Workspace


def generated_files(workspace: Workspace) -> dict[Path, bytes]:
    """Every file with a generated part, as it should be.

    Raises:
        ValueError: a file lacks the marks of its region.
    """
    root = workspace.root
    texts = {
        root / "pyproject.toml": _filled(root / "pyproject.toml", _root_parts(workspace)),
        root / "README.md": _filled(
            root / "README.md", {"distributions": distribution_table(workspace)}
        ),
        root / "packages" / META / "pyproject.toml": meta_manifest(workspace),
        root / "packages" / META / "README.md": _filled(
            root / "packages" / META / "README.md", {"extras": extras_table(workspace)}
        ),
    }
    return {path: text.encode() for path, text in texts.items()} | shipped(workspace)


def stale_files(workspace: Workspace) -> list[Path]:
    """The files whose generated parts are not what the tree says."""
    return [
        path
        for path, content in generated_files(workspace).items()
        if not path.exists() or path.read_bytes() != content
    ]


def write_stale(workspace: Workspace) -> list[Path]:
    """Writes the files that are not up to date; returns them."""
    stale = stale_files(workspace)
    contents = generated_files(workspace)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[path])
    return stale


def _filled(path: Path, parts: dict[str, str]) -> str:
    try:
        return fill_regions(path.read_text(encoding="utf-8"), parts)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _root_parts(workspace: Workspace) -> dict[str, str]:
    names: list[str] = []
    for each in workspace.members:
        extras = f"[{','.join(sorted(each.extras))}]" if each.extras else ""
        names.append(f"{json.dumps(each.name + extras)},\n")
    return {
        "members": "".join(names),
        "sources": "".join(f"{each.name} = {{ workspace = true }}\n" for each in workspace.members),
        "mypy-path": "".join(
            f"{json.dumps(f'packages/{each.name}/src')},\n" for each in workspace.members
        ),
        "import-linter": import_linter_text(workspace),
    }


def distribution_table(workspace: Workspace) -> str:
    """The README's list of distributions."""
    rows = ["| distribution | import | what it is |", "|---|---|---|"]
    for each in workspace.members:
        portions = ", ".join(f"`{portion}`" for portion in each.portions)
        rows.append(_row(each.name, portions, each.project.get("description", "")))
    rows.append(_row(META, "none: metadata only", DESCRIPTION))
    return "\n".join(rows) + "\n"


def _row(name: str, portions: str, description: str) -> str:
    return f"| [`{name}`](packages/{name}/README.md) | {portions} | {description} |"


def extras_table(workspace: Workspace) -> str:
    """The meta-distribution's list of extras."""
    rows = ["| extra | brings |", "|---|---|"]
    for name, items in meta_extras(workspace).items():
        brings = ", ".join(f"`{item.split('==', maxsplit=1)[0]}`" for item in items)
        rows.append(f"| `{name}` | {brings} |")
    return "\n".join(rows) + "\n"
