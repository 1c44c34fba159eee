"""Which files have a twin, and what stands in it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.unasync.rewrite import rewrite
from tools.workspace import Distribution, Workspace

MARK = "# Generated from "


@dataclass(frozen=True, slots=True)
class Twin:
    """A generated file: where it stands and its text before formatting; `None`: it must go."""

    path: Path
    text: str | None


def plan_twins(workspace: Workspace, names: Sequence[str] = ()) -> list[Twin]:
    """Every twin of the named distributions, or of all.

    Raises:
        ValueError: a distribution or source does not exist, a twin stands in two pairs or holds
            hand-written text, or a source cannot be rewritten.
    """
    unknown = set(names) - {each.name for each in workspace.members}
    if unknown:
        raise ValueError(f"no such distribution: {', '.join(sorted(unknown))}")
    chosen = [each for each in workspace.members if not names or each.name in names]
    twins = [twin for each in chosen for twin in _twins_of(each)]
    paths = [twin.path for twin in twins]
    for path in paths:
        if paths.count(path) > 1:
            raise ValueError(f"{path}: two pairs make this file")
    return twins


def _twins_of(distribution: Distribution) -> list[Twin]:
    table = distribution.tool("unasync")
    twins: list[Twin] = []
    for source, target in table.get("pairs", []):
        twins += _expand(
            distribution.folder / source, distribution.folder / target, table.get("names", {})
        )
    return twins


def _expand(source: Path, target: Path, names: Mapping[str, str]) -> list[Twin]:
    if source.is_file():
        return [_twin(source, target, names)]
    if not source.is_dir():
        raise ValueError(f"{source}: a pair names this source, and it does not exist")
    sources = sorted(source.rglob("*.py"))
    twins = [_twin(each, target / each.relative_to(source), names) for each in sources]
    wanted = {twin.path for twin in twins}
    stale = [each for each in sorted(target.rglob("*.py")) if each not in wanted]
    return twins + [Twin(each, None) for each in stale if _is_generated(each)]


def _twin(source: Path, target: Path, names: Mapping[str, str]) -> Twin:
    if target.exists() and not _is_generated(target):
        raise ValueError(f"{target}: is written by hand; delete it, or take it out of the pairs")
    try:
        text = rewrite(source.read_text(encoding="utf-8"), names=names)
    except SyntaxError as error:
        raise ValueError(f"{source}: cannot be rewritten: {error}") from error
    origin = "/".join(source.parts[-2:])
    return Twin(target, f'{MARK}{origin} by "make unasync"; edit that file.\n{text}')


def _is_generated(path: Path) -> bool:
    return path.read_text(encoding="utf-8").startswith(MARK)


def write_twins(twins: Sequence[Twin], *, root: Path) -> list[Path]:
    """Brings the twins up to date; returns the paths that changed."""
    changed: list[Path] = []
    for path, text in _finished(twins, root=root).items():
        if _current(path) == text:
            continue
        changed.append(path)
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return changed


def check_twins(twins: Sequence[Twin], *, root: Path) -> list[Path]:
    """The paths that are not what their source says."""
    return [path for path, text in _finished(twins, root=root).items() if _current(path) != text]


def _current(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _finished(twins: Sequence[Twin], *, root: Path) -> dict[Path, str | None]:
    """The formatted text of each twin. Two runs of ruff serve all of them."""
    with tempfile.TemporaryDirectory(prefix="unasync-") as folder:
        drafts: dict[Path, Path | None] = {}
        for twin in twins:
            if twin.text is None:
                drafts[twin.path] = None
                continue
            draft = Path(folder) / twin.path.relative_to(root)
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(twin.text, encoding="utf-8")
            drafts[twin.path] = draft
        _ruff(root, "check", "--fix-only", "--select=I,F401,UP034", folder)
        _ruff(root, "format", folder)
        return {
            path: None if draft is None else draft.read_text(encoding="utf-8")
            for path, draft in drafts.items()
        }


def _ruff(root: Path, verb: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", verb, f"--config={root / 'pyproject.toml'}"]
    subprocess.run([*command, "--quiet", "--no-cache", *arguments], cwd=root, check=True)
