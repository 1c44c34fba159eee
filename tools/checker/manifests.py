"""W01 to W03: what a `pyproject.toml` says."""

from __future__ import annotations

from packaging.requirements import Requirement

from tools.checker.findings import Report
from tools.generate.layers import capability_of, levels_of, requirement_name
from tools.generate.meta import meta_extras, shared_metadata
from tools.workspace import CORE, META, NAMESPACE, TESTING, Distribution, Workspace

PORTIONS_OF = {
    CORE: ["mic.contracts", "mic.http", "mic.model", "mic.plugins", "mic.redaction"],
    "mic-http-fastapi": ["mic.fastapi"],
    "mic-http-litestar": ["mic.litestar"],
    META: [],
}
"""The distributions whose portions do not follow from their name."""

BUILD_SYSTEM = {"requires": ["uv_build>=0.9,<0.14"], "build-backend": "uv_build"}


def w01_names(workspace: Workspace, report: Report) -> None:
    """Folder, distribution, portions and `module-name` agree."""
    for each in workspace.distributions:
        manifest = each.folder / "pyproject.toml"
        name = each.project.get("name")
        report.unless(name == each.name, manifest, f"[project] name must be {each.name!r}")
        wanted = PORTIONS_OF.get(each.name, [f"{NAMESPACE}.{each.suffix.replace('-', '_')}"])
        report.unless(
            each.portions == wanted,
            each.namespace_folder,
            f"must hold exactly {', '.join(wanted) or 'nothing'}, holds"
            f" {', '.join(each.portions) or 'nothing'}",
        )
        written = each.manifest.get("tool", {}).get("uv", {}).get("build-backend", {})
        modules = written.get("module-name")
        expected = wanted[0] if len(wanted) == 1 else wanted
        report.unless(
            modules == expected,
            manifest,
            f"[tool.uv.build-backend] module-name must be {expected!r}",
        )


def w02_shared_metadata(workspace: Workspace, report: Report) -> None:
    """Version, `requires-python`, licence, authors, classifiers and URLs are the root's."""
    shared = shared_metadata(workspace)
    for each in workspace.distributions:
        manifest = each.folder / "pyproject.toml"
        for name in sorted({*shared, "urls"}):
            wanted = shared.get(name)
            fix = "run `make bump`" if name == "version" else "copy it from the root's"
            report.unless(
                each.project.get(name) == wanted,
                manifest,
                f"[project] {name} must be {wanted!r}; {fix}",
            )
        report.unless(
            each.manifest.get("build-system") == BUILD_SYSTEM,
            manifest,
            f"[build-system] must be {BUILD_SYSTEM!r}",
        )


def w03_siblings(workspace: Workspace, report: Report) -> None:
    """Siblings are pinned exactly, go one way, and stand in the meta-distribution."""
    for each in workspace.distributions:
        for requirement in _all_requirements(each):
            if requirement_name(requirement).startswith(f"{NAMESPACE}-"):
                _check_pin(each, requirement, workspace, report)
        _check_edges(each, workspace, report)
    try:
        levels_of(workspace)
    except ValueError as error:
        report.add(workspace.root / "packages", f"{error}; take one of the requirements out")
    for meta in workspace.distributions:
        if meta.name == META:
            _check_meta(meta, workspace, report)


def _all_requirements(distribution: Distribution) -> list[str]:
    return distribution.dependencies + [
        item for items in distribution.extras.values() for item in items
    ]


def _check_pin(each: Distribution, written: str, workspace: Workspace, report: Report) -> None:
    manifest = each.folder / "pyproject.toml"
    requirement = Requirement(written)
    known = {member.name for member in workspace.members}
    report.unless(
        requirement.name in known, manifest, f"requires {written!r}, which the tree does not have"
    )
    report.unless(
        str(requirement.specifier) == f"=={workspace.version}",
        manifest,
        f"requires {written!r}; pin it: {requirement.name}=={workspace.version}",
    )


def _check_edges(each: Distribution, workspace: Workspace, report: Report) -> None:
    """A distribution requires `mic-core`, its own capability, and what the root lists; no more."""
    if each.name in {META, TESTING}:
        return
    capability = capability_of(each, workspace)
    free = {CORE, each.name, *([capability.name] if capability else [])}
    listed = set(workspace.manifest["tool"]["mic"].get("edges", []))
    for requirement in _all_requirements(each):
        name = requirement_name(requirement)
        if not name.startswith(f"{NAMESPACE}-") or name in free:
            continue
        report.unless(
            f"{each.name} -> {name}" in listed,
            each.folder / "pyproject.toml",
            f"requires {name}; declare a small Protocol instead, or, if the architecture has this"
            f" edge, list '{each.name} -> {name}' under [tool.mic] edges in the root manifest",
        )


def _check_meta(meta: Distribution, workspace: Workspace, report: Report) -> None:
    for name, items in meta_extras(workspace).items():
        report.unless(
            meta.extras.get(name) == items,
            meta.folder / "pyproject.toml",
            f"extra {name!r} must be {items!r}; run `make docs`",
        )
