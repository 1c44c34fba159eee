"""The manifest of the meta-distribution: one extra a distribution, and the documented groups."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tools.workspace import CORE, META, TESTING, Workspace

_SQL_COMPANIONS = ("mic-outbox-sql", "mic-idempotency-sql", "mic-shard")

GROUPS: Mapping[str, Sequence[str]] = {
    "document": ("mic-datastorage-mongo",),
    "fastapi": ("mic-http-fastapi",),
    "full-observability": (
        "mic-observability",
        "mic-observability-otlp",
        "mic-observability-sentry",
    ),
    "graph": ("mic-datastorage-neo4j",),
    "kafka": ("mic-queue-kafka",),
    "litestar": ("mic-http-litestar",),
    "messaging": ("mic-queue-nats", "mic-queue-kafka"),
    "mongo": ("mic-datastorage-mongo",),
    "mysql": ("mic-datastorage-sql[mysql]", *_SQL_COMPANIONS),
    "nats": ("mic-queue-nats",),
    "neo4j": ("mic-datastorage-neo4j",),
    "opa": ("mic-authz-opa",),
    "openfga": ("mic-authz-openfga",),
    "oracle": ("mic-datastorage-sql[oracle]", *_SQL_COMPANIONS),
    "postgres": ("mic-datastorage-sql[postgres]", *_SQL_COMPANIONS),
    "sentry": ("mic-observability", "mic-observability-sentry"),
    "sql": ("mic-datastorage-sql[sqlite]", *_SQL_COMPANIONS),
    "tracing": ("mic-observability", "mic-observability-otlp"),
    "ws": ("mic-realtime", "mic-realtime-redis", "mic-auth"),
}
"""The group extras whose names users know; a member that does not exist yet is left out."""

DESCRIPTION = (
    "Model/Interface/Controller microservices in Python: one compatible set of the mic family"
)


def meta_extras(workspace: Workspace) -> dict[str, list[str]]:
    """Every extra of the meta-distribution and the exact requirements it stands for."""
    members = {each.name: each for each in workspace.members}
    extras = {each.suffix: [each.name] for each in workspace.members}
    for group, wanted in GROUPS.items():
        present = [name for name in wanted if name.split("[")[0] in members]
        if present:
            extras[group] = present
    redis = [name for name in members if name.endswith("-redis")]
    if redis:
        extras["redis"] = redis
    extras["all"] = [
        f"{each.name}[{','.join(sorted(each.extras))}]" if each.extras else each.name
        for each in workspace.members
        if each.name != TESTING
    ]
    pin = workspace.version
    return {
        name: [f"{requirement}=={pin}" for requirement in sorted(extras[name])]
        for name in sorted(extras)
    }


def shared_metadata(workspace: Workspace) -> dict[str, Any]:
    """What every manifest says alike: the root's words and the family's version."""
    root = workspace.manifest["project"]
    names = ("requires-python", "license", "license-files", "authors", "classifiers", "urls")
    return {"version": workspace.version, **{name: root[name] for name in names if name in root}}


def meta_manifest(workspace: Workspace) -> str:
    """The whole `pyproject.toml` of the meta-distribution.

    An empty list as `module-name` makes `uv_build` write a wheel that holds metadata alone.
    """
    shared = shared_metadata(workspace)
    lines = [
        "# Generated from the tree by `make docs`; do not edit.",
        "[build-system]",
        'requires = ["uv_build>=0.9,<0.14"]',
        'build-backend = "uv_build"',
        "",
        "[project]",
        f'name = "{META}"',
        f"description = {json.dumps(DESCRIPTION)}",
        'readme = "README.md"',
        'keywords = ["mic", "microservices"]',
        *(f"{name} = {toml_value(value)}" for name, value in shared.items()),
        f"dependencies = {toml_value([f'{CORE}=={workspace.version}'])}",
        "",
        "[project.optional-dependencies]",
        *(f"{name} = {toml_value(items)}" for name, items in meta_extras(workspace).items()),
        "",
        "[tool.uv.build-backend]",
        "module-name = []",
    ]
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """A string, a list (one item a line when there are several) or a table, as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        items = [toml_value(item) for item in value]
        if len(items) < 2:
            return f"[{', '.join(items)}]"
        return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    return json.dumps(value, ensure_ascii=False)
