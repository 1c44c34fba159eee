"""Finding programs on a machine that a test makes up."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tools.pythons import find_pythons, probe
from tools.uv import find_uv, floor_of, version_of

OTHER = (3, 12) if sys.version_info[:2] != (3, 12) else (3, 13)
NAME = f"python{OTHER[0]}.{OTHER[1]}"


def _script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _writes_uv(folder: Path) -> str:
    """Shell words that put a uv into a folder."""
    program = f"'{folder}/uv'"
    return f"printf '#!/bin/sh\\necho uv 0.9.1\\n' > {program}; /bin/chmod +x {program}"


def _python(path: Path, *, minor: tuple[int, int] = OTHER, whole: bool = True) -> Path:
    needed = "exit 0" if whole else "exit 1"
    answer = f'*executable*) echo "{minor[0]} {minor[1]} $0" ;; *) {needed} ;;'
    return _script(path, f'case "$3" in {answer} esac')


def _find(path: Path, **more: str) -> list[tuple[str, Path, bool]]:
    found = find_pythons({"PATH": str(path), **more})
    return [(each.name, each.path, each.whole) for each in found]


NAMED = f"{OTHER[0]}.{OTHER[1]}"


def test_a_python_on_path_is_found_and_a_shim_that_does_not_run_is_passed_over(
    tmp_path: Path,
) -> None:
    _script(tmp_path / "shims" / NAME, "echo 'not installed' >&2; exit 127")
    real = _python(tmp_path / "root" / "versions" / "x" / "bin" / NAME)
    assert _find(tmp_path / "shims", PYENV_ROOT=str(tmp_path / "root")) == [(NAMED, real, True)]
    assert _find(tmp_path / "shims") == []


def test_pyenv_says_where_its_versions_are(tmp_path: Path) -> None:
    real = _python(tmp_path / "home" / "versions" / "x" / "bin" / NAME)
    _script(tmp_path / "bin" / "pyenv", f'echo "{tmp_path}/home"')
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    found = find_pythons({"PATH": path, "HOME": str(tmp_path / "nowhere")})
    assert real in {each.path for each in found} or NAMED in {each.name for each in found}


def test_a_home_folder_with_pyenv_is_looked_into(tmp_path: Path) -> None:
    real = _python(tmp_path / ".pyenv" / "versions" / "x" / "bin" / NAME)
    assert _find(tmp_path, HOME=str(tmp_path)) == [(NAMED, real, True)]


def test_a_broken_python_is_taken_only_when_nothing_better_has_its_version(tmp_path: Path) -> None:
    broken = _python(tmp_path / "a" / NAME, whole=False)
    assert _find(tmp_path / "a") == [(NAMED, broken, False)]
    real = _python(tmp_path / ".pyenv" / "versions" / "x" / "bin" / NAME)
    assert _find(tmp_path / "a", HOME=str(tmp_path)) == [(NAMED, real, True)]


def test_a_python_of_another_version_than_its_name_is_passed_over(tmp_path: Path) -> None:
    _python(tmp_path / NAME, minor=(3, 9))
    assert _find(tmp_path) == []


def test_the_running_interpreter_is_whole() -> None:
    python = probe(Path(sys.executable))
    assert python is not None
    assert (python.minor, python.whole) == (sys.version_info[:2], True)


@pytest.fixture
def checkout(tree: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    text = tree.read("pyproject.toml")
    tree.write("pyproject.toml", f'{text}\n[tool.uv]\nrequired-version = ">=0.9"\n')
    monkeypatch.setenv("PATH", str(tree.root / "bin"))
    return tree


def test_a_uv_on_path_that_is_new_enough_is_used(checkout: Any) -> None:
    program = _script(checkout.root / "bin" / "uv", "echo uv 0.10.1 '(x)'")
    assert floor_of(checkout.root) == (0, 9)
    assert version_of(program) == (0, 10, 1)
    assert find_uv(checkout.root) == program


@pytest.mark.parametrize("says", ["echo uv 0.8.9", "echo uv", "exit 1"])
def test_otherwise_the_private_one_is(checkout: Any, says: str) -> None:
    _script(checkout.root / "bin" / "uv", says)
    private = _script(checkout.root / ".tools" / "uv-target" / "bin" / "uv", "echo uv 0.9.0")
    assert find_uv(checkout.root) == private


def test_an_absent_one_is_fetched_by_name(
    checkout: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    venv = checkout.root / ".tools" / "uv" / "bin"
    pip = _script(
        checkout.root / "pip",
        f"echo \"$@\" > '{checkout.root}/asked'; {_writes_uv(venv)}",
    )
    python = _script(
        checkout.root / "python", f"/bin/mkdir -p '{venv}'; /bin/cp '{pip}' '{venv}/python'"
    )
    monkeypatch.setattr(sys, "executable", str(python))
    assert find_uv(checkout.root) == venv / "uv"
    assert "fetching uv" in capsys.readouterr().out
    asked = checkout.read("asked").split()
    assert asked[-1] == "uv>=0.9"
    assert not [word for word in asked if "/" in word]


def test_a_python_without_venv_uses_a_target_folder(
    checkout: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = checkout.root / ".tools" / "uv-target" / "bin"
    python = _script(
        checkout.root / "python",
        f'[ "$2" = venv ] && exit 1; /bin/mkdir -p "{bin_folder}"; {_writes_uv(bin_folder)}',
    )
    monkeypatch.setattr(sys, "executable", str(python))
    assert find_uv(checkout.root) == bin_folder / "uv"


def test_a_python_without_pip_or_venv_cannot_fetch_it(
    checkout: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = _script(checkout.root / "python", "exit 1")
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(RuntimeError, match=r"uv 0\.9 or newer is needed: install it, or give"):
        find_uv(checkout.root)
