"""The packed template."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from mic.cli._failures import CliError
from mic.cli._template import ARCHIVE, private_settings, settable, unpack, verbatim


def test_it_is_unpacked_with_its_modes(tmp_path: Path) -> None:
    folder = unpack(tmp_path)
    service = folder / "{{cookiecutter.service_name}}"
    assert (service / ".ci" / "run").stat().st_mode & 0o777 == 0o755
    assert (service / "pyproject.toml").stat().st_mode & 0o777 == 0o644
    with zipfile.ZipFile(ARCHIVE) as packed:
        names = packed.namelist()
        assert names == sorted(names)
        assert {each.compress_type for each in packed.infolist()} == {zipfile.ZIP_STORED}
        assert {each.date_time for each in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.relative_to(folder).as_posix() for path in files) == names


def test_hidden_answers_that_may_be_given(tmp_path: Path) -> None:
    found = settable(unpack(tmp_path))
    assert found["database"] == "sqlite"
    assert "python_version" in found
    assert not {"package_name", "checked", "mic_version", "prompts"} & set(found)


def damaged(path: Path) -> None:
    content = bytearray(ARCHIVE.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(ARCHIVE.read_bytes()[:-100])


def empty(path: Path) -> None:
    with zipfile.ZipFile(path, "w"):
        pass


def escaping(path: Path) -> None:
    shutil.copy(ARCHIVE, path)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("../evil", "x")


def missing(path: Path) -> None: ...


@pytest.mark.parametrize("damage", [damaged, cut, empty, escaping, missing])
def test_an_archive_that_is_not_what_was_shipped(damage: object, tmp_path: Path) -> None:
    archive = tmp_path / "template.zip"
    assert callable(damage)
    damage(archive)
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(CliError, match="the template of mic-cli is missing or damaged") as found:
        unpack(into, archive)
    assert found.value.exit_code == 70
    assert not (tmp_path / "evil").exists()
    assert not (into / "evil").exists()


@pytest.mark.parametrize(
    ("answer", "written"), [("plain", "plain"), ("{{ 7*7 }}", "{{ '{{ 7*7 }}' }}")]
)
def test_answers_are_taken_to_the_letter(answer: str, written: str) -> None:
    assert verbatim(answer) == written


def test_settings_keep_out_of_the_home(tmp_path: Path) -> None:
    text = private_settings(tmp_path).read_text()
    assert text.count(str(tmp_path)) == 2
