"""W05: what is imported is declared, and what is declared is imported."""

from __future__ import annotations

import ast
from pathlib import Path

from tools.checker.findings import Report
from tools.checker.installed import owner_of
from tools.checker.python_source import (
    Import,
    bound_names,
    call_name,
    imports_of,
    module_file,
    package_of,
    parse,
    python_files,
)
from tools.generate.layers import requirement_name, siblings_of
from tools.workspace import NAMESPACE, Distribution, Workspace

UNIMPORTED = "unimported"
"""`[tool.mic.unimported]` of a manifest: requirement -> why nothing imports it."""

PROVIDED = "provided"
"""`[tool.mic.provided]`, the root's and a manifest's own: requirement -> what comes with it."""


def w05_imports(workspace: Workspace, report: Report) -> None:
    """Imports and requirements agree, and nobody reaches into another's private modules."""
    for each in workspace.members:
        source = each.folder / "src"
        used: set[str] = set()
        for file in python_files(source):
            tree = parse(file)
            for found in imports_of(tree, package_of(source, file)):
                report.look()
                used |= _check(each, file, found, workspace, report)
            _check_lazy_targets(tree, file, workspace, report)
        _check_unused(each, used, report)
        for file in python_files(each.folder / "tests"):
            for found in imports_of(parse(file), ""):
                _check_private(each, file, found, workspace, report)


def portion_of(path: str) -> str | None:
    """`mic.cache` for `mic.cache.memory.X`, `None` for what lies outside the namespace."""
    parts = path.split(".")
    return ".".join(parts[:2]) if parts[0] == NAMESPACE and len(parts) > 1 else None


def _check(
    each: Distribution, file: Path, found: Import, workspace: Workspace, report: Report
) -> set[str]:
    """Checks one import; returns the distributions that it uses."""
    where = f"line {found.line}: imports {found.path}"
    portion = portion_of(found.path)
    if portion is None:
        owner = owner_of(found.path)
        if owner is None:
            report.add(file, f"{where}, which nothing installed provides; run `make bootstrap`")
            return set()
    else:
        sibling = workspace.by_portion().get(portion)
        if sibling is None:
            report.add(file, f"{where}, which no distribution of the tree owns")
            return set()
        _check_private(each, file, found, workspace, report)
        owner = sibling.name
        if found.typing_only and each.name in siblings_of(sibling, workspace):
            return set()  # the type of a lazily exported backend
    if owner in {"", each.name} or owner in _declared(each, workspace):
        return {owner}
    report.add(file, f"{where}; declare {owner} in [project] dependencies, or in an extra")
    return set()


def _declared(each: Distribution, workspace: Workspace) -> set[str]:
    extras = [item for items in each.extras.values() for item in items]
    names = {requirement_name(item) for item in each.dependencies + extras}
    shared = workspace.manifest["tool"]["mic"].get(PROVIDED, {})
    provided = {**shared, **each.tool(PROVIDED)}
    return names | {item for name in names for item in provided.get(name, [])}


def _check_unused(each: Distribution, used: set[str], report: Report) -> None:
    manifest = each.folder / "pyproject.toml"
    excused = each.tool(UNIMPORTED)
    for requirement in each.dependencies:
        name = requirement_name(requirement)
        report.unless(
            name in used or excused.get(name),
            manifest,
            f"requires {name}, and nothing imports it; take it out, or say why it is needed under"
            f" [tool.mic.{UNIMPORTED}]",
        )
    for name in sorted(excused):
        report.unless(
            name in {requirement_name(item) for item in each.dependencies} - used,
            manifest,
            f"[tool.mic.{UNIMPORTED}] excuses {name}, which needs no excuse; take it out",
        )


def _check_private(
    each: Distribution, file: Path, found: Import, workspace: Workspace, report: Report
) -> None:
    portion = portion_of(found.path)
    owner = workspace.by_portion().get(portion) if portion else None
    private = [part for part in found.path.split(".") if part.startswith("_") and part[:2] != "__"]
    if owner is not None and owner.name != each.name and private:
        report.add(
            file,
            f"line {found.line}: imports {found.path}, which is private to {owner.name};"
            " use a public name, or have one made there",
        )


def _check_lazy_targets(tree: ast.Module, file: Path, workspace: Workspace, report: Report) -> None:
    """What a lazy export names exists, as far as its distribution is in the tree."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(value, ast.Call) or call_name(value) != "LazyExport":
                continue
            words = _constants(value)
            owner = workspace.by_portion().get(portion_of(words.get("module", "")) or "")
            name = words.get("attribute") or (key.value if isinstance(key, ast.Constant) else "?")
            if owner is None:
                continue
            target = module_file(owner.folder / "src", words["module"])
            report.unless(
                target is not None and name in bound_names(parse(target).body),
                file,
                f"line {value.lineno}: lazily exports {name!r} of {words['module']}, which does not"
                " exist there",
            )
            report.unless(
                words.get("distribution") == owner.name,
                file,
                f"line {value.lineno}: {words['module']} belongs to the distribution {owner.name}",
            )


def _constants(call: ast.Call) -> dict[str, str]:
    named = dict(zip(("module", "distribution"), call.args, strict=False))
    named |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    return {
        name: node.value
        for name, node in named.items()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
