"""The inspection of wheels finds what is planted in them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.build import build_all, main
from tools.smoke import Lab, inspect_wheel, survivors
from tools.uv import find_uv
from tools.workspace import Distribution, Workspace


@pytest.fixture
def checkout(tree: Any) -> Any:
    tree.write(
        "packages/mic-a/pyproject.toml",
        '[build-system]\nrequires = ["uv_build>=0.9,<0.14"]\nbuild-backend = "uv_build"\n'
        '[project]\nname = "mic-a"\nversion = "1.0.0"\nlicense-files = ["LICENSE"]\n'
        '[tool.uv.build-backend]\nmodule-name = "mic.a"\n',
    )
    tree.write("packages/mic-a/LICENSE", "MIT")
    tree.write("packages/mic-a/src/mic/a/__init__.py", "x = 1\n")
    tree.write("packages/mic-a/src/mic/a/py.typed")
    tree.write("packages/mic-a/src/mic/a/script.lua", "return 1\n")
    return tree


def _built(tree: Any) -> tuple[Path, Distribution]:
    workspace: Workspace = tree.load()
    (wheel,) = build_all(workspace, tree.root / "out", sdists=False)
    return wheel, workspace.distributions[0]


def _altered(wheel: Path, changes: dict[str, bytes | None]) -> Path:
    """The wheel with members added or replaced (`None`: left out), RECORD as it was."""
    target = wheel.with_name("altered.whl")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w") as fresh:
        for name in old.namelist():
            if name not in changes:
                fresh.writestr(name, old.read(name))
        for name, content in changes.items():
            if content is not None:
                fresh.writestr(name, content)
    return target


INFO = "mic_a-1.0.0.dist-info"


def test_a_built_wheel_is_as_it_should_be_and_has_its_data_files(checkout: Any) -> None:
    wheel, distribution = _built(checkout)
    assert inspect_wheel(wheel, distribution) == []
    assert "mic/a/script.lua" in zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mic/__init__.py": b""}, "holds mic/__init__.py, outside its portions"),
        ({"mic/py.typed": b""}, "holds mic/py.typed, outside its portions"),
        ({"other/x.py": b""}, "holds other/x.py, outside its portions"),
        ({"mic/a/tests/test_x.py": b""}, "holds mic/a/tests/test_x.py, which is not for users"),
        ({"mic/a/py.typed": None}, "lacks mic/a/py.typed"),
        ({"mic/a/py.typed": None}, "RECORD and content differ: mic/a/py.typed"),
        ({"mic/a/__init__.py": b"x = 2\n"}, "RECORD has another hash or size: mic/a/__init__.py"),
        ({f"{INFO}/licenses/LICENSE": None}, "holds no licence"),
        (
            {f"{INFO}/METADATA": b"Requires-Dist: pytest>=8\n"},
            "requires pytest>=8, which only tests need",
        ),
    ],
)
def test_what_is_wrong_is_found(checkout: Any, changes: dict[str, bytes | None], says: str) -> None:
    wheel, distribution = _built(checkout)
    assert says in inspect_wheel(_altered(wheel, changes), distribution)


def test_the_build_command_replaces_earlier_builds(
    checkout: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.write("dist/mic_a-0.9.0-py3-none-any.whl")
    assert main(checkout.root) == 0
    names = sorted(path.name for path in (checkout.root / "dist").iterdir())
    assert names == ["mic_a-1.0.0-py3-none-any.whl", "mic_a-1.0.0.tar.gz"]
    assert "2 files in" in capsys.readouterr().out


def test_a_broken_manifest_fails_the_build_and_is_shown(
    checkout: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout.root / "packages/mic-a/src/mic/a/__init__.py").unlink()
    checkout.write("packages/mic-a/src/mic/b.py")
    assert main(checkout.root) == 1
    assert "__init__.py" in capsys.readouterr().err


def test_the_wheel_of_a_sdist_is_the_wheel_of_the_tree(checkout: Any, tmp_path: Path) -> None:
    import tarfile

    wheel, _ = _built(checkout)
    build_all(checkout.load(), tmp_path / "both")
    with tarfile.open(tmp_path / "both" / "mic_a-1.0.0.tar.gz") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    folder = tmp_path / "unpacked" / "packages" / "mic-a"
    folder.parent.mkdir()
    (tmp_path / "unpacked" / "mic_a-1.0.0").rename(folder)
    unpacked = Workspace(
        tmp_path / "unpacked",
        {},
        (Distribution(folder, checkout.load().distributions[0].manifest),),
    )
    (again,) = build_all(unpacked, tmp_path / "again", sdists=False)
    assert again.read_bytes() == wheel.read_bytes()


def test_survivors_are_those_that_do_not_need_what_is_gone(tree: Any) -> None:
    for name, needs in {"a": "", "b": '"mic-a==1"', "c": '"mic-b==1"', "d": ""}.items():
        tree.write(f"packages/mic-{name}/pyproject.toml", f"[project]\ndependencies = [{needs}]\n")
        tree.write(f"packages/mic-{name}/src/mic/{name}/__init__.py")
    workspace = tree.load()
    assert survivors(workspace, "mic-a") == ["mic.d"]
    assert survivors(workspace, "mic-c") == ["mic.a", "mic.b", "mic.d"]


def test_a_lab_shows_what_a_command_said(tmp_path: Path) -> None:
    lab = Lab(tmp_path, wheels=tmp_path, constraints=tmp_path / "none", uv=find_uv())
    with pytest.raises(AssertionError, match="No module named 'no_such_thing'"):
        lab.imports(Path(sys.executable), ["no_such_thing"])
    with pytest.raises(AssertionError, match="no-such-thing"):
        lab.install(Path(sys.executable), ["no-such-thing==1"])


def test_an_import_that_warns_is_a_failure(tmp_path: Path) -> None:
    lab = Lab(tmp_path, wheels=tmp_path, constraints=tmp_path / "none", uv=find_uv())
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "mic").mkdir()
    (site / "mic" / "loud.py").write_text("import warnings\nwarnings.warn('old')\n", "utf-8")
    (site / "mic" / "quiet.py").write_text("", "utf-8")
    lab.imports(environment / "bin" / "python", ["mic.quiet"])
    with pytest.raises(AssertionError, match="UserWarning: old"):
        lab.imports(environment / "bin" / "python", ["mic.loud"])
