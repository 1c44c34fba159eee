"""A copy of this repository gets a new distribution, a new version, and is cleaned."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import bump, clean, new
from tools.checker.__main__ import RULES
from tools.examples import run_examples
from tools.workspace import Workspace, load_workspace


@pytest.fixture
def copy(tmp_path: Path, repository: Workspace) -> Path:
    """What the tools read of this repository, in a folder whose name has a space."""
    root = tmp_path / "a checkout"
    ignored = shutil.ignore_patterns("__pycache__", ".venv*", "*.lua")
    for name in ("pyproject.toml", "README.md", "LICENSE", "docs", "packages"):
        source = repository.root / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=ignored)
        elif source.exists():
            root.mkdir(exist_ok=True)
            shutil.copy(source, root / name)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def _findings(root: Path, about: str) -> Iterator[str]:
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    for rule in RULES:
        for each in rule.run(load_workspace(root)):
            if about in f"{each.path} {each.message}":
                yield f"{rule.code} {each.path}: {each.message}"


def test_a_new_capability_and_its_backend_pass_the_checker_at_once(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new.main(["mic-newcap"], root=copy) == 0
    assert new.main(["mic-newcap-engine", "--capability", "newcap"], root=copy) == 0
    assert "made packages/mic-newcap-engine; next: make lock" in capsys.readouterr().out
    assert list(_findings(copy, "newcap")) == []
    extras = load_workspace(copy).find("mic-struct").extras
    assert extras["newcap-engine"] == [f"mic-newcap-engine=={load_workspace(copy).version}"]
    assert "`mic-newcap-engine`" in (copy / "docs/capabilities/newcap.md").read_text("utf-8")


def test_the_example_of_a_new_readme_needs_its_package(copy: Path, tmp_path: Path) -> None:
    new.main(["mic-newcap"], root=copy)
    said = run_examples(copy / "packages/mic-newcap/README.md", tmp_path)
    assert "No module named 'mic.newcap'" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["newcap"], "'newcap' is not a name such as mic-cache-redis"),
        (["mic-New"], "'mic-New' is not a name"),
        (["mic-core"], "mic-core exists already"),
        (["mic-a-b", "--capability", "a"], "the capability mic-a does not exist; make it first"),
        (
            ["mic-a-b", "--capability", "datastorage"],
            "a backend of mic-datastorage is called mic-datastorage-something",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(
    copy: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new.main(arguments, root=copy) == 2
    assert says in capsys.readouterr().err
    assert not (copy / "packages" / "mic-a-b").exists()


def test_a_bump_reaches_every_version_and_pin_and_nothing_else(copy: Path) -> None:
    assert bump.main(["2.3.4"], root=copy) == 0
    workspace = load_workspace(copy)
    assert workspace.version == "2.3.4"
    for each in workspace.distributions:
        assert each.project["version"] == "2.3.4"
        items = each.dependencies + [item for items in each.extras.values() for item in items]
        for item in items:
            assert item.endswith("==2.3.4") or not item.startswith("mic-")
    core = workspace.find("mic-core").dependencies
    assert any(item.startswith("pydantic>=") for item in core)
    about = [each for each in _findings(copy, "version") if each[:3] in {"W02", "W03", "W11"}]
    assert about == []
    assert bump.bump(copy, "2.3.4") == []


@pytest.mark.parametrize("version", ["", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3-dev"])
def test_what_is_no_version_is_refused(
    copy: Path, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bump.main([version] if version else [], root=copy) == 2
    assert f"{version!r} is not a version" in capsys.readouterr().err


def test_cleaning_removes_what_was_made_and_only_that(copy: Path) -> None:
    made = [
        copy / ".venv" / "x",
        copy / "dist" / "x",
        copy / "packages" / "mic-core" / "__pycache__" / "x",
        copy / ".coverage.1",
    ]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    before = set(copy.rglob("*.toml"))
    assert clean.clean(copy) == len(made)
    assert not any(path.exists() for path in made)
    assert set(copy.rglob("*.toml")) == before
    assert clean.clean(copy) == 0


def test_the_template_pins_the_new_version(copy: Path) -> None:
    context = copy / "template" / "cookiecutter.json"
    context.parent.mkdir(exist_ok=True)
    context.write_text('{"a": "1", "__mic_version": "1.0.0"}\n', encoding="utf-8")
    assert context in bump.bump(copy, "2.0.0")
    assert context.read_text(encoding="utf-8") == '{"a": "1", "__mic_version": "2.0.0"}\n'
