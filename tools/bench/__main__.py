"""`python -m tools.bench`: every comparison, a table, a chart, and how soon each server starts.

1 when a bound is missed, whichever it is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.bench import (
    auth_suite,
    cache_suite,
    cli_suite,
    client_suite,
    core_suite,
    http_suite,
    isolation_suite,
    middleware_suite,
    served_suite,
    servers,
)
from tools.bench.harness import ROUNDS, Comparison, Result
from tools.bench.report import chart, table
from tools.workspace import ROOT


def comparisons() -> list[Comparison]:
    """Every comparison, in the order in which they are shown."""
    return [
        *http_suite.benchmarks(),
        *middleware_suite.benchmarks(),
        *served_suite.benchmarks(),
        *core_suite.benchmarks(),
        *auth_suite.benchmarks(),
        *cache_suite.benchmarks(),
        *cli_suite.benchmarks(),
        *client_suite.benchmarks(),
        *isolation_suite.benchmarks(),
    ]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Measure and show; 0 when every bound holds."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--only", default="", help="run comparisons whose name contains this")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of each comparison")
    chosen = parser.parse_args(arguments)
    results: list[Result] = []
    for comparison in comparisons():
        if chosen.only in comparison.name:
            print(f"measuring: {comparison.name} ...", flush=True)
            results.append(comparison.run(rounds=chosen.rounds))
    if not results:
        print(f"no comparison is named like {chosen.only!r}", file=sys.stderr)
        return 2
    print(f"\n{table(results)}\n")
    print(f"chart: {chart(results, root / 'build' / 'bench.png').relative_to(root)}")
    missed = 0 if chosen.only else servers.main([])
    return missed or (0 if all(result.holds for result in results) else 1)


if __name__ == "__main__":
    sys.exit(main())
