"""W06: an `__init__.py` is a table of contents."""

from __future__ import annotations

import ast
from pathlib import Path

from tools.checker.findings import Report
from tools.checker.python_source import (
    bound_names,
    call_name,
    is_type_checking,
    parse,
    python_files,
)
from tools.workspace import Workspace

_LAZY = ("LazyExport", "make_lazy_")
"""What the calls of lazy exports begin with."""


def w06_inits(workspace: Workspace, report: Report) -> None:
    """An `__init__.py` holds a docstring, imports, lazy exports and a sorted `__all__`."""
    for each in workspace.members:
        for file in python_files(each.folder / "src"):
            if file.name == "__init__.py":
                report.look()
                _check(parse(file), file, report)


def _check(tree: ast.Module, file: Path, report: Report) -> None:
    report.unless(ast.get_docstring(tree), file, "begin with a docstring")
    lists = [node for node in tree.body if _is_all(node)]
    for node in tree.body:
        _check_lazy_table(node, file, report)
        if not (_is_docstring(node) or _is_import(node) or _is_all(node) or _is_lazy(node)):
            report.add(
                file, f"line {node.lineno}: move this into a module; only imports stand here"
            )
    imported = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not lists:
        if imported:
            report.add(file, "add a sorted __all__ that lists what is public")
        return
    names = _names(lists[0])
    if names is None:
        report.add(file, "write __all__ as one list of plain strings")
        return
    if names != sorted(set(names)):
        report.add(file, f"sort __all__ as sorted() does, each name once: {sorted(set(names))!r}")
    for name in sorted(set(names) - bound_names(tree.body)):
        report.add(file, f"__all__ lists {name}, which this module does not import")


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_import(node: ast.stmt) -> bool:
    if isinstance(node, ast.If) and is_type_checking(node.test):
        return all(isinstance(inner, ast.Import | ast.ImportFrom) for inner in node.body) and all(
            _is_lazy(inner) for inner in node.orelse
        )
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_all(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return False
    return [each.id for each in targets if isinstance(each, ast.Name)] == ["__all__"]


def _is_lazy(node: ast.stmt) -> bool:
    """An assignment that makes lazy exports, or prepares them, and does nothing else."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    calls = [inner for inner in ast.walk(node.value) if isinstance(inner, ast.Call)]
    return bool(calls) and all(call_name(call).startswith(_LAZY) for call in calls)


def _check_lazy_table(node: ast.stmt, file: Path, report: Report) -> None:
    """What type checkers are told and what `make_lazy_names` imports are one list, kept twice."""
    if not isinstance(node, ast.If):
        return
    tables = [
        call.args[1]
        for other in node.orelse
        for call in ast.walk(other)
        if isinstance(call, ast.Call)
        and call_name(call) == "make_lazy_names"
        and len(call.args) == 2
    ]
    if not tables:
        return
    told = {
        (inner.module, alias.name)
        for inner in node.body
        if isinstance(inner, ast.ImportFrom)
        for alias in inner.names
    }
    imported = {pair for table in tables for pair in _pairs(table)}
    for module, name in sorted(told ^ imported, key=str):
        where = "make_lazy_names" if (module, name) in told else "TYPE_CHECKING"
        report.add(file, f"line {node.lineno}: {name} of {module} is missing under {where}")


def _pairs(table: ast.expr) -> set[tuple[str, str]]:
    try:
        modules: dict[str, tuple[str, ...]] = ast.literal_eval(table)
        return {(module, name) for module, names in modules.items() for name in names}
    except (ValueError, AttributeError, TypeError):
        return set()  # no literal table: every name is reported


def _names(node: ast.stmt) -> list[str] | None:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if not isinstance(value, ast.List):
        return None
    names = [item.value for item in value.elts if isinstance(item, ast.Constant)]
    plain = [name for name in names if isinstance(name, str)]
    return plain if len(plain) == len(value.elts) else None
