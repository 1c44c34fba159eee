"""W07 and W08: entry points, and the contract suites that their backends run."""

from __future__ import annotations

import ast
from pathlib import Path

from tools.checker.findings import Report
from tools.checker.python_source import (
    bound_names,
    imports_of,
    module_file,
    parse,
    python_files,
)
from tools.workspace import CORE, META, NAMESPACE, TESTING, Distribution, Workspace

FIXED_GROUPS = frozenset({"mic.commands", "mic.client", "pytest11"})
"""Groups that are not a capability's backends: commands, propagators, pytest plug-ins."""

_CONTRACTS = f"{NAMESPACE}.testing.contracts"


def capabilities(workspace: Workspace) -> set[str]:
    """The portions that can have backends."""
    return {
        portion
        for each in workspace.members
        if each.name not in {CORE, META, TESTING}
        for portion in each.portions
    }


def w07_entry_points(workspace: Workspace, report: Report) -> None:
    """Targets exist, keys are unique, and groups are known."""
    claimed: dict[tuple[str, str], str] = {}
    known = capabilities(workspace)
    for each in workspace.distributions:
        manifest = each.folder / "pyproject.toml"
        scripts = {"console_scripts": each.project.get("scripts", {})}
        for group, entries in {**each.entry_points, **scripts}.items():
            if group != "console_scripts":
                report.unless(
                    group in known | FIXED_GROUPS,
                    manifest,
                    f"entry-point group {group!r} is no capability; one of"
                    f" {', '.join(sorted(known | FIXED_GROUPS))} is meant",
                )
            for key, target in entries.items():
                other = claimed.setdefault((group, key), each.name)
                report.unless(
                    other == each.name, manifest, f"{key!r} of {group} is claimed by {other} too"
                )
                report.unless(
                    _exists(each, target), manifest, f"{key!r} of {group}: {target} does not exist"
                )


def _exists(each: Distribution, target: str) -> bool:
    module, _, attribute = target.partition(":")
    file = module_file(each.folder / "src", module)
    if file is None:
        return False
    return not attribute or attribute.split(".")[0] in bound_names(parse(file).body)


def w08_contracts(workspace: Workspace, report: Report) -> None:
    """A distribution with an entry point of a capability runs that capability's contract suite."""
    for each in workspace.members:
        for group in sorted(set(each.entry_points) - FIXED_GROUPS):
            files = python_files(each.folder / "tests")
            suite = f"{_CONTRACTS}.{group.removeprefix(f'{NAMESPACE}.')}"
            report.unless(
                any(_runs(file, suite) for file in files),
                each.folder / "tests",
                f"claims schemes of {group} and does not run its contract: subclass the suites of"
                f" {suite} in tests/test_contract.py",
            )


def _runs(file: Path, suite: str) -> bool:
    tree = parse(file)
    paths = [each.path for each in imports_of(tree, "")]
    in_suite = [path for path in paths if path.startswith(f"{suite}.")]
    by_name = [path for path in paths if path.rpartition(".")[0] == _CONTRACTS]
    if not in_suite and not by_name:
        return False
    return any(
        isinstance(node, ast.ClassDef)
        and node.name.startswith("Test")
        and any(ast.unparse(base).split("[")[0].endswith("Contract") for base in node.bases)
        for node in tree.body
    )
