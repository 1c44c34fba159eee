"""What `mic-cli` ships of the tree: the packed template, and the table of the family."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools import template_pack
from tools.bump import bump
from tools.generate.command import ARCHIVE, FAMILY, family_module, template_archive
from tools.generate.parts import write_stale
from tools.workspace import ROOT, Workspace


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    for name, text in {
        "b.txt": "b",
        "a/run": "#!/bin/sh\n",
        "a/{{ x }}.py": "x = 1\n",
        "a/__pycache__/x.pyc": "cache",
        ".hidden": "h",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "a" / "run").chmod(0o750)
    return folder


def test_the_same_files_give_the_same_bytes(template: Path) -> None:
    first = template_archive(template)
    for path in template.rglob("*"):
        os.utime(path, (1, 1))
    (template / "b.txt").chmod(0o600)
    (template / "a" / "__pycache__" / "y.pyc").write_text("another")
    assert template_archive(template) == first


def test_what_is_in_it(template: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(template_archive(template))) as packed:
        members = {each.filename: each for each in packed.infolist()}
        assert list(members) == [".hidden", "a/run", "a/{{ x }}.py", "b.txt"]
        modes = {name: each.external_attr >> 16 for name, each in members.items()}
        assert modes["a/run"] == 0o100755
        assert modes["b.txt"] == 0o100644
        assert {each.compress_type for each in members.values()} == {zipfile.ZIP_STORED}
        assert {each.date_time for each in members.values()} == {(1980, 1, 1, 0, 0, 0)}
        assert packed.read("b.txt") == b"b"


def test_a_change_changes_it(template: Path) -> None:
    first = template_archive(template)
    (template / "b.txt").chmod(0o755)
    assert template_archive(template) != first


def test_the_command_writes_what_is_out_of_date(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = template.parent
    archive = root / ARCHIVE
    for said in ("written", "up to date"):
        assert template_pack.main(root) == 0
        assert capsys.readouterr().out == f"{ARCHIVE}: {said}\n"
        assert archive.read_bytes() == template_archive(template)
    (template / "b.txt").write_text("new")
    assert template_pack.main(root) == 0
    assert capsys.readouterr().out == f"{ARCHIVE}: written\n"


def test_without_a_template_there_is_nothing_to_pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert template_pack.main(tmp_path) == 2
    assert "there is no template/" in capsys.readouterr().err


def test_the_gate_notices_an_archive_that_is_out_of_date(family: Any) -> None:
    family.add("mic-cli", ["mic.cli"])
    family.write("template/a.txt", "a")
    workspace = family.load()
    assert {family.root / ARCHIVE, family.root / FAMILY} <= set(write_stale(workspace))
    assert family.findings("W11") == []
    family.write("template/a.txt", "b")
    assert family.findings("W11") == [f"{ARCHIVE}: a generated part differs; run `make docs`"]


def test_a_new_version_is_packed_too(family: Any) -> None:
    family.add("mic-cli", ["mic.cli"])
    family.write("template/cookiecutter.json", '{"__mic_version": "1.0.0"}')
    write_stale(family.load())
    assert family.root / ARCHIVE in bump(family.root, "2.0.0")
    with zipfile.ZipFile(family.root / ARCHIVE) as packed:
        assert b'"2.0.0"' in packed.read("cookiecutter.json")
    assert family.findings("W11") == []


def test_the_table_of_the_family_is_python_in_style(family: Any) -> None:
    family.add("mic-long", [f"mic.portion_with_a_long_name_{number}" for number in range(5)])
    found: dict[str, Any] = {}
    text = family_module(family.load())
    exec(text, found)
    assert found["FAMILY"]["mic-core"] == (
        "mic.contracts",
        "mic.http",
        "mic.model",
        "mic.plugins",
        "mic.redaction",
    )
    assert found["FAMILY"]["mic-struct"] == ()
    assert len(found["FAMILY"]["mic-long"]) == 5
    assert max(map(len, text.splitlines())) <= 100


def test_the_table_lists_every_distribution(repository: Workspace) -> None:
    found: dict[str, Any] = {}
    exec((ROOT / FAMILY).read_text(), found)
    assert set(found["FAMILY"]) == {each.name for each in repository.distributions}
