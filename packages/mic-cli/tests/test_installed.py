"""What is installed, read without importing anything."""

from __future__ import annotations

import importlib.metadata
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mic.cli._installed import first_of_each, folders_of, headers_of, normalized, scan


def test_it_is_what_the_library_finds() -> None:
    ours = {name: each.version for name, each in first_of_each(scan()).items()}
    theirs: dict[str, importlib.metadata.Distribution] = {}
    for each in importlib.metadata.distributions():
        theirs.setdefault(normalized(each.metadata["Name"]), each)
    assert ours == {name: each.version for name, each in theirs.items()}
    points = {
        (group, name, value)
        for installed in first_of_each(scan()).values()
        for group, name, value in installed.entry_points()
    }
    assert points == {
        (point.group, point.name, point.value.partition("[")[0].strip())
        for each in theirs.values()
        for point in each.entry_points
    }


def test_folders_are_read_in_order_and_once(site: Any, another_site: Any, tmp_path: Path) -> None:
    site.add("mic-a", "1.0.0")
    another_site.add("mic-a", "2.0.0")
    another_site.add("mic-b", "2.0.0")
    link = tmp_path / "link"
    link.symlink_to(site.folder)
    path = [str(site.folder), str(link), str(tmp_path / "missing"), str(another_site.folder)]
    found = scan(path)
    assert [(each.name, each.version) for each in found] == [
        ("mic-a", "1.0.0"),
        ("mic-a", "2.0.0"),
        ("mic-b", "2.0.0"),
    ]
    assert first_of_each(found)["mic-a"].folder == str(site.folder)


def test_an_empty_entry_is_the_current_folder() -> None:
    assert folders_of(["", ".", str(Path.cwd())]) == ["."]


def test_odd_names_are_read_from_the_metadata(site: Any) -> None:
    info = site.add("Odd.Name", "3.0")
    info.rename(site.folder / "odd.dist-info")
    egg = site.folder / "Old_Egg.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Name: Old_Egg\nVersion: 4.0\n")
    egg = site.folder / "Second_Egg-5.0-py3.11.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Name: Second.Egg\nVersion: 5.0\nRequires-Dist: x\n")
    (site.folder / "nothing.dist-info").mkdir()
    (site.folder / "file-1.0.dist-info").write_text("not a folder")
    found = {each.name: each for each in scan([str(site.folder)])}
    versions = {name: each.version for name, each in found.items()}
    assert versions == {"odd-name": "3.0", "old-egg": "4.0", "second-egg": "5.0", "file": "1.0"}
    assert found["second-egg"].headers("requires-dist") == ["x"]


def test_headers_end_at_the_body() -> None:
    text = "Name: a\nRequires-Dist: b\nrequires-dist:  c ; x\n\nRequires-Dist: d\n"
    assert headers_of(text, "Requires-Dist") == ["b", "c ; x"]
    assert headers_of("", "Name") == []
    assert headers_of("Name: a", "Name") == ["a"]


def test_entry_points_are_read_as_the_format_has_them(site: Any) -> None:
    site.add(
        "mic-a",
        entry_points="lost = before:any\n[g]\n# no = comment:x\n; no = comment:x\n"
        " a = b:c [extra]\nnonsense\n\n[ h ]\nd=e\n",
    )
    (each,) = scan([str(site.folder)])
    assert list(each.entry_points()) == [
        ("", "lost", "before:any"),
        ("g", "a", "b:c"),
        ("h", "d", "e"),
    ]


def test_metadata_that_is_not_text_does_no_harm(site: Any) -> None:
    info = site.add("mic-a")
    (info / "entry_points.txt").write_bytes(b"[g]\na = b\xff:c\n")
    (each,) = scan([str(site.folder)])
    assert list(each.entry_points()) == [("g", "a", "b\ufffd:c")]
    assert each.read("missing") == ""


def test_archives_on_the_path_are_read_too(site: Any, tmp_path: Path) -> None:
    archive = tmp_path / "app.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(
            "mic_a-1.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: mic-a\nVersion: 1.5\n"
        )
        packed.writestr("mic_a-1.5.dist-info/entry_points.txt", "[g]\na = b:c\n")
        packed.writestr("mic_b-1.5.dist-info/RECORD", "")
    site.add("mic-b")
    first, each = scan([str(site.folder), str(archive)])
    assert first.name == "mic-b"
    assert (each.name, each.version, each.folder) == ("mic-a", "1.5", str(archive))
    assert list(each.entry_points()) == [("g", "a", "b:c")]
    assert each.headers("Name") == ["mic-a"]
    assert each.read("RECORD") == ""
    assert sys.path.count(str(archive)) == 0


def test_no_more_of_a_file_is_read_than_is_bounded(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("mic-a", entry_points="[g]\na = b:c\nd = e:f\n")
    (each,) = scan([str(site.folder)])
    monkeypatch.setattr("mic.cli._installed._MOST_BYTES", 11)
    assert list(each.entry_points()) == [("g", "a", "b:c")]
