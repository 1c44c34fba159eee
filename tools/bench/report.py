"""Shows results: a table in the terminal, and a chart as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools.bench.harness import Result


def table(results: Sequence[Result]) -> str:
    """The results as a table."""
    lines = [f"{'benchmark':<52}{'ratio':>8}  {'must':>8}  {'ours':>10}  {'theirs':>10}"]
    for result in results:
        benchmark = result.benchmark
        sign = ">=" if benchmark.faster else "<="
        verdict = "" if result.holds else "  MISSED"
        lines.append(
            f"{benchmark.name:<52}{result.ratio:>7.2f}x  {sign}{benchmark.must:>5.2f}x"
            f"  {result.subject_us:>7.1f} us  {result.reference_us:>7.1f} us{verdict}"
        )
        lines.append(f"    against {benchmark.against}")
    return "\n".join(lines)


def chart(results: Sequence[Result], target: Path) -> Path:
    """Draw ratios and their bounds.

    Returns:
        The PNG that was written.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(11, 0.55 * len(results) + 1.4))
    names = [result.benchmark.name for result in results]
    colours = ["#2a9d8f" if result.holds else "#e76f51" for result in results]
    axes.barh(names, [result.ratio for result in results], color=colours)
    for position, result in enumerate(results):
        bound = result.benchmark.must
        axes.plot([bound, bound], [position - 0.4, position + 0.4], color="black", linewidth=2)
        label = f"{result.ratio:.2f}x ({'>=' if result.benchmark.faster else '<='} {bound:g}x)"
        axes.text(max(result.ratio, bound), position, f"  {label}", va="center", fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("ratio against the named alternative; the black line is the bound")
    axes.set_xlim(right=max(max(r.ratio, r.benchmark.must) for r in results) * 1.3)
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=110)
    pyplot.close(figure)
    return target
