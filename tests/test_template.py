"""The template as a product: every supported combination is baked, and hostile answers are stopped.

The gate of a generated service, and the service itself, are run by `make demo`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools.demo.service import bake
from tools.demo.steps import DemoError
from tools.workspace import ROOT, load_workspace

TEMPLATE = ROOT / "template"
HOSTILE = [
    "She said \"hello\" to 'all'",
    "back\\slash \\n and {braces} and {% raw %}",
    "{{ 7*7 }} and {# comment #}",
    "two\nlines\tand a tab",
    '"""triple""" and `code` <script>alert(1)</script>',
    "trailing backslash \\",
    "é ü 漢字 🙂",
]


def run_ruff(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("framework", ["fastapi", "litestar"])
@pytest.mark.parametrize("name", ["a", "order-service", "x" + "y" * 49])
def test_every_combination_is_formatted_and_in_style(
    tmp_path: Path, name: str, framework: str, database: str
) -> None:
    folder = bake(TEMPLATE, tmp_path, name=name, framework=framework, __database=database)
    assert run_ruff(folder, "format", "--check") == ""
    assert run_ruff(folder, "check") == ""
    manifest = tomllib.loads((folder / "pyproject.toml").read_text())
    needed = " ".join(manifest["project"]["dependencies"])
    assert f"mic-http-{framework}=={load_workspace(ROOT).version}" in needed
    assert ("postgres" in needed) == (database == "postgres")


@pytest.mark.parametrize("description", HOSTILE)
def test_hostile_text_stays_text(tmp_path: Path, description: str) -> None:
    folder = bake(TEMPLATE, tmp_path, name="demo", framework="fastapi", description=description)
    on_one_line = " ".join(description.split())
    manifest = tomllib.loads((folder / "pyproject.toml").read_text())
    assert manifest["project"]["description"] == on_one_line
    module = folder / "src" / "demo" / "__init__.py"
    code = compile(module.read_text(), str(module), "exec")
    assert code.co_consts[0].removesuffix(".") == on_one_line
    readme = (folder / "README.md").read_text()
    assert "<script>" not in readme.replace("\\<script\\>", "")
    assert "49" not in readme.replace("7*7", "")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"name": "../evil"}, "service_name must be lower-case words"),
        ({"name": "/tmp/evil"}, "service_name must be lower-case words"),
        ({"name": "Upper"}, "service_name must be lower-case words"),
        ({"name": "a_b"}, "service_name must be lower-case words"),
        ({"name": "a--b"}, "service_name must be lower-case words"),
        ({"name": ""}, "service_name must be lower-case words"),
        ({"name": "x" * 51}, "service_name must be lower-case words"),
        ({"name": "a\nb"}, "service_name must be lower-case words"),
        ({"name": "{{ 7*7 }}"}, "service_name must be lower-case words"),
        ({"name": "json"}, "would hide the Python package 'json'"),
        ({"name": "class"}, "would hide the Python package 'class'"),
        ({"name": "fastapi"}, "would hide the Python package 'fastapi'"),
        ({"description": " "}, "service_description must have 1 to 500"),
        ({"description": "x" * 501}, "service_description must have 1 to 500"),
        ({"framework": "flask"}, "http_framework must be one of: fastapi, litestar"),
        ({"__database": "dbase"}, "database must be one of: sqlite, postgres"),
        ({"__python_version": "2.7"}, "python_version must be one of"),
    ],
)
def test_a_bad_answer_stops_with_one_line_and_leaves_nothing(
    tmp_path: Path, answers: dict[str, str], reason: str
) -> None:
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(DemoError, match=reason) as stopped:
        bake(TEMPLATE, into, **{"name": "demo", "framework": "fastapi", **answers})
    printed = str(stopped.value).splitlines()
    assert [line for line in printed if line.startswith("error: ")] == printed[-1:]
    assert "Traceback" not in str(stopped.value)
    assert list(tmp_path.rglob("*")) == [into]


def test_the_template_pins_the_family_at_its_version() -> None:
    context = json.loads((TEMPLATE / "cookiecutter.json").read_text())
    assert context["__mic_version"] == load_workspace(ROOT).version


def test_the_same_answers_give_the_same_service(tmp_path: Path) -> None:
    folders = []
    for number in "12":
        (tmp_path / number).mkdir()
        folders.append(bake(TEMPLATE, tmp_path / number, name="demo", framework="litestar"))
    first, second = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in folders
    )
    assert first == second
