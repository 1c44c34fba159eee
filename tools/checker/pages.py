"""W10: every capability has its page."""

from __future__ import annotations

from tools.checker.findings import Report
from tools.generate.layers import capability_of
from tools.workspace import CORE, META, NAMESPACE, Distribution, Workspace

_ADAPTERS = f"{NAMESPACE}-http-"


def w10_capability_pages(workspace: Workspace, report: Report) -> None:
    """`docs/capabilities/` has a page a capability, which lists its backends and guarantees."""
    for portion in sorted(_capabilities(workspace)):
        page = workspace.root / "docs" / "capabilities" / f"{portion.split('.')[1]}.md"
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        report.unless(text, page, f"write the page of {portion}: what it guarantees, its backends")
        if not text:
            continue
        report.unless("guarantee" in text.lower(), page, "say what the capability guarantees")
        for backend in _capabilities(workspace)[portion]:
            report.unless(
                f"`{backend.name}`" in text,
                page,
                f"list the backend `{backend.name}` and what it guarantees",
            )


def _capabilities(workspace: Workspace) -> dict[str, list[Distribution]]:
    """Each capability's portion and the distributions that back or adapt it."""
    found: dict[str, list[Distribution]] = {}
    for each in workspace.members:
        if each.name == META:
            continue
        portions = _serves(each, workspace)
        if portions is None:
            for portion in each.portions:
                found.setdefault(portion, [])
        else:
            for portion in portions:
                found.setdefault(portion, []).append(each)
    return found


def _serves(each: Distribution, workspace: Workspace) -> list[str] | None:
    """The capability that a backend or adapter serves, `None` for a capability itself."""
    if each.name.startswith(_ADAPTERS) and each.name != CORE:
        return [f"{NAMESPACE}.http"]
    capability = capability_of(each, workspace)
    return capability.portions if capability else None
