"""Generated parts: regions, layers, the meta-distribution's extras."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tools.generate.__main__ import main
from tools.generate.layers import import_linter_text, levels_of, requirement_name
from tools.generate.meta import GROUPS, meta_extras, meta_manifest, toml_value
from tools.generate.parts import stale_files
from tools.generate.regions import fill_regions
from tools.workspace import Workspace

TEXT = "a\n  # >>> generated: x\n  old\n  # <<< generated\nb\n"


def test_a_region_is_filled_at_its_indent_and_the_rest_stays() -> None:
    assert fill_regions(TEXT, {"x": "1\n\n2\n"}) == (
        "a\n  # >>> generated: x\n  1\n\n  2\n  # <<< generated\nb\n"
    )


def test_markdown_marks_work_too_and_regions_do_not_run_into_each_other() -> None:
    region = "<!-- >>> generated: {} -->\n<!-- <<< generated -->\n"
    filled = fill_regions(
        region.format("x") + "middle\n" + region.format("y"), {"x": "1", "y": "2"}
    )
    assert filled == (
        "<!-- >>> generated: x -->\n1\n<!-- <<< generated -->\nmiddle\n"
        "<!-- >>> generated: y -->\n2\n<!-- <<< generated -->\n"
    )


def test_unknown_and_missing_regions_are_errors() -> None:
    with pytest.raises(ValueError, match="nothing generates the region 'x'"):
        fill_regions(TEXT, {})
    with pytest.raises(ValueError, match="no marks for the generated region y"):
        fill_regions(TEXT, {"x": "", "y": ""})


def _add(tree: Any, name: str, *requires: str, extras: str = "") -> None:
    pins = ", ".join(f'"{each}==1.0.0"' for each in requires)
    tree.write(
        f"packages/{name}/pyproject.toml",
        f'[project]\nname = "{name}"\ndependencies = [{pins}]\n{extras}',
    )
    portion = name.removeprefix("mic-").replace("-", "_")
    tree.write(f"packages/{name}/src/mic/{portion}/__init__.py")


@pytest.fixture
def family(tree: Any) -> Any:
    _add(tree, "mic-core")
    _add(tree, "mic-outbox", "mic-core")
    _add(
        tree,
        "mic-datastorage-sql",
        "mic-core",
        extras="[project.optional-dependencies]\nsqlite = []\nmysql = []\n",
    )
    _add(tree, "mic-outbox-sql", "mic-outbox", "mic-datastorage-sql")
    _add(tree, "mic-cache-redis", "mic-core")
    _add(tree, "mic-testing", "mic-core")
    return tree


def test_levels_follow_what_is_required_and_testing_stands_on_top(family: Any) -> None:
    names = [[each.name for each in level] for level in levels_of(family.load())]
    assert names == [
        ["mic-core"],
        ["mic-cache-redis", "mic-datastorage-sql", "mic-outbox"],
        ["mic-outbox-sql"],
        ["mic-testing"],
    ]


def test_the_linter_is_told_the_levels_from_the_top(family: Any) -> None:
    settings = tomllib.loads(f"[tool.importlinter]\n{import_linter_text(family.load())}")
    contract = settings["tool"]["importlinter"]["contracts"][0]
    assert contract["layers"] == [
        "mic.testing",
        "mic.outbox_sql",
        "mic.cache_redis | mic.datastorage_sql | mic.outbox",
        "mic.core",
    ]
    assert "mic.outbox" in settings["tool"]["importlinter"]["root_packages"]


def test_extras_are_one_a_distribution_the_groups_that_exist_and_all(family: Any) -> None:
    assert meta_extras(family.load()) == {
        "all": [
            "mic-cache-redis==1.0.0",
            "mic-core==1.0.0",
            "mic-datastorage-sql[mysql,sqlite]==1.0.0",
            "mic-outbox==1.0.0",
            "mic-outbox-sql==1.0.0",
        ],
        "cache-redis": ["mic-cache-redis==1.0.0"],
        "core": ["mic-core==1.0.0"],
        "datastorage-sql": ["mic-datastorage-sql==1.0.0"],
        "mysql": ["mic-datastorage-sql[mysql]==1.0.0", "mic-outbox-sql==1.0.0"],
        "oracle": ["mic-datastorage-sql[oracle]==1.0.0", "mic-outbox-sql==1.0.0"],
        "outbox": ["mic-outbox==1.0.0"],
        "outbox-sql": ["mic-outbox-sql==1.0.0"],
        "postgres": ["mic-datastorage-sql[postgres]==1.0.0", "mic-outbox-sql==1.0.0"],
        "redis": ["mic-cache-redis==1.0.0"],
        "sql": ["mic-datastorage-sql[sqlite]==1.0.0", "mic-outbox-sql==1.0.0"],
        "testing": ["mic-testing==1.0.0"],
    }


def test_the_published_groups_are_all_there() -> None:
    by_suffix = {"auth", "client", "cli", "grpc", "observability", "testing", "redis", "all"}
    published = {
        *("fastapi", "litestar", "sql", "postgres", "mysql", "oracle", "document", "mongo"),
        *("graph", "neo4j", "ws", "messaging", "nats", "kafka", "opa", "openfga", "tracing"),
        *("sentry", "full-observability"),
    }
    assert set(GROUPS) == published - by_suffix


def test_the_meta_manifest_is_toml_and_owns_no_module(family: Any) -> None:
    manifest = tomllib.loads(meta_manifest(family.load()))
    assert manifest["project"]["name"] == "mic-struct"
    assert manifest["project"]["dependencies"] == ["mic-core==1.0.0"]
    assert manifest["tool"]["uv"]["build-backend"]["module-name"] == []


def test_toml_values_read_back() -> None:
    value = {"a": ["ä", 'q"'], "b": [{"c": True}], "d": []}
    text = "".join(f"{key} = {toml_value(item)}\n" for key, item in value.items())
    assert tomllib.loads(text) == value


@pytest.mark.parametrize(
    ("written", "name"),
    [("mic_core==1", "mic-core"), ("A.b[c]>=1; x", "a-b"), ("uvicorn[standard]", "uvicorn")],
)
def test_requirement_names_are_normalized(written: str, name: str) -> None:
    assert requirement_name(written) == name


def test_what_is_no_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="not a requirement: '!'"):
        requirement_name("!")


def test_the_generated_parts_of_this_repository_are_up_to_date(repository: Workspace) -> None:
    assert stale_files(repository) == []


def test_the_command_compares_and_refuses(
    family: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.generate.__main__.load_workspace", family.load)
    family.write("README.md")
    assert main(["--check"]) == 2
    assert "no marks for the generated region" in capsys.readouterr().err
