"""What the two slow tools would run, without running it."""

from __future__ import annotations

from typing import Any

import pytest

from tools import floors, mutants


@pytest.fixture
def family(tree: Any) -> Any:
    for name, needs in {"core": "", "testing": "core", "a": "core", "b": "a"}.items():
        pin = f'"mic-{needs}==1.0.0"' if needs else ""
        tree.write(f"packages/mic-{name}/pyproject.toml", f"[project]\ndependencies = [{pin}]\n")
    tree.write("requirements.lock", "pytest==9.0 \\\n    --hash=sha256:0\nother==1\nmypy==2\n")
    text = tree.read("pyproject.toml")
    tree.write("pyproject.toml", f'{text}\n[dependency-groups]\ndev = ["mypy>=1"]\n')
    return tree


def _named(tree: Any, more: str) -> None:
    text = tree.read("packages/mic-b/pyproject.toml")
    tree.write("packages/mic-b/pyproject.toml", f"{text}\n{more}")


def test_floors_install_the_distribution_its_extras_and_its_siblings(family: Any) -> None:
    _named(
        family,
        '[tool.mic.floors]\ntests = ["tests"]\nextras = ["x"]\nsibling-extras = {mic-a = ["y"]}\n',
    )
    workspace = family.load()
    wanted = floors.requirements_of(workspace.find("mic-b"), workspace)
    packages = family.root / "packages"
    assert wanted == [
        f"--editable={packages}/mic-b[x]",
        *(f"--editable={packages}/mic-{name}" for name in ("a[y]", "core", "testing")),
    ]


def test_floors_install_further_siblings_that_tests_need(family: Any) -> None:
    _named(family, '[tool.mic.floors]\ntests = ["tests"]\nsiblings = ["mic-c"]\n')
    family.write("packages/mic-c/pyproject.toml", "[project]\ndependencies = []\n")
    workspace = family.load()
    wanted = floors.requirements_of(workspace.find("mic-b"), workspace)
    assert f"--editable={family.root / 'packages' / 'mic-c'}" in wanted


def test_floors_run_what_manifests_name_and_say_what_failed(
    family: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert floors.main([], root=family.root) == 2
    assert "no distribution names floor tests" in capsys.readouterr().err
    _named(family, '[tool.mic.floors]\ntests = ["tests"]\n')
    uv = family.root / "uv"
    uv.write_text(
        "#!/bin/sh\nfor word; do last=$word; done\n"
        'if [ "$1" = venv ]; then mkdir -p "$last/bin"; cp "$0" "$last/bin/python"; fi\n'
        'echo "$@" >> calls; [ ! -e fails ]\n',
        encoding="utf-8",
    )
    uv.chmod(0o755)
    monkeypatch.setattr(floors, "find_uv", lambda _root: uv)
    assert floors.main(["mic-b"], root=family.root) == 0
    calls = family.read("calls").splitlines()
    assert [call.split()[0] for call in calls] == ["venv", "pip", "-m"]
    assert "--resolution=lowest-direct" in calls[1]
    assert calls[1].endswith(" pytest==9.0 mypy==2")
    family.write("fails")
    assert floors.main([], root=family.root) == 1
    assert "mic-b: failed on its floors" in capsys.readouterr().out


def test_mutants_are_made_of_a_copy_of_the_named_modules(family: Any) -> None:
    _named(family, '[tool.mic.mutants]\nonly = ["src/mic/b/x.py"]\ntests = ["tests/test_x.py"]\n')
    family.write("packages/mic-b/src/mic/b/x.py")
    family.write("packages/mic-b/tests/test_x.py")
    folder = family.root / "mutants" / "mic-b"
    mutants.prepare(family.load().find("mic-b"), folder)
    settings = (folder / "setup.cfg").read_text(encoding="utf-8")
    assert "only_mutate =\n    src/mic/b/x.py\n" in settings
    assert "test_selection =\n    tests/test_x.py\n" in settings
    assert (folder / "src/mic/b/x.py").exists()


def test_survivors_are_read_from_what_mutmut_prints() -> None:
    text = "    a.x__mutmut_1: survived\n    a.x__mutmut_2: killed\n    a.x__mutmut_3: no tests\n"
    assert mutants.survivors_of(text) == ["a.x__mutmut_1", "a.x__mutmut_3"]


def test_having_nothing_to_mutate_is_a_failure(
    family: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mutants.main([""], root=family.root) == 2
    assert "no distribution names modules" in capsys.readouterr().err
