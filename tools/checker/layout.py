"""W04: what lies where."""

from __future__ import annotations

from tools.checker.findings import Report
from tools.workspace import META, NAMESPACE, Workspace

_IGNORED = {"__pycache__"}


def w04_layout(workspace: Workspace, report: Report) -> None:
    """No file stands directly under `src` or `src/mic`; portions have `__init__.py`, `py.typed`."""
    for each in workspace.distributions:
        if each.name == META:
            report.unless(
                not (each.folder / "src").exists(),
                each.folder / "src",
                "the meta-distribution holds metadata only; delete this folder",
            )
            continue
        source = each.folder / "src"
        for entry in sorted(source.iterdir()) if source.is_dir() else []:
            report.unless(
                entry.is_dir() and entry.name in {NAMESPACE, *_IGNORED},
                entry,
                f"only the folder {NAMESPACE} stands in src; move this into a portion",
            )
        for entry in sorted(each.namespace_folder.iterdir()) if each.portions else []:
            if entry.name in _IGNORED:
                continue
            report.unless(
                entry.is_dir(),
                entry,
                "a file here breaks every other distribution; move it into a portion",
            )
            if not entry.is_dir():
                continue
            for name in ("__init__.py", "py.typed"):
                report.unless((entry / name).is_file(), entry, f"add {name} to this portion")
        for name in ("README.md", "LICENSE"):
            report.unless((each.folder / name).is_file(), each.folder, f"add {name}")
