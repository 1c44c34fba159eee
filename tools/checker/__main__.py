"""`python -m tools.checker [RULE ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.checker.committed import w11_generated, w12_hosts
from tools.checker.findings import Rule, lines
from tools.checker.imports import w05_imports
from tools.checker.inits import w06_inits
from tools.checker.layout import w04_layout
from tools.checker.manifests import w01_names, w02_shared_metadata, w03_siblings
from tools.checker.mirror import w09_tests_and_readme
from tools.checker.pages import w10_capability_pages
from tools.checker.plugins import w07_entry_points, w08_contracts
from tools.workspace import load_workspace

RULES: tuple[Rule, ...] = (
    Rule("W01", "folders, names and portions agree", w01_names),
    Rule("W02", "shared metadata is the root's", w02_shared_metadata),
    Rule("W03", "siblings are pinned, one way, and all in the meta-distribution", w03_siblings),
    Rule("W04", "only portions stand under the namespace", w04_layout),
    Rule("W05", "imports and requirements agree", w05_imports),
    Rule("W06", "an __init__ is a table of contents", w06_inits),
    Rule("W07", "entry points lead somewhere", w07_entry_points),
    Rule("W08", "backends run their contract suite", w08_contracts),
    Rule("W09", "tests mirror modules, READMEs show their use", w09_tests_and_readme),
    Rule("W10", "every capability has its page", w10_capability_pages),
    Rule("W11", "generated parts are up to date", w11_generated),
    Rule("W12", "no registry's host is named", w12_hosts),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the chosen rules, or all; returns 1 when one found something."""
    parser = argparse.ArgumentParser(prog="python -m tools.checker", description=__doc__)
    parser.add_argument("rules", nargs="*", metavar="RULE")
    options = parser.parse_args(arguments)
    unknown = set(options.rules) - {rule.code for rule in RULES}
    if unknown:
        print(f"no such rule: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    workspace = load_workspace()
    failed = 0
    for rule in RULES:
        if options.rules and rule.code not in options.rules:
            continue
        findings = rule.run(workspace)
        failed += bool(findings)
        print(f"{rule.code} {rule.title}: {len(findings) or 'no'} findings")
        for line in lines(findings, code=rule.code, root=workspace.root):
            print(f"  {line}")
    print(f"{failed} rules with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
