"""The wheels as a user gets them: built, installed outside the tree, imported, taken out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.build import build_all
from tools.requirements import LOCK, pins_of
from tools.smoke import Lab, inspect_wheel, survivors
from tools.uv import find_uv
from tools.workspace import META, ROOT, TESTING, Distribution, load_workspace

WORKSPACE = load_workspace(ROOT)
NAMES = [each.name for each in WORKSPACE.distributions]
MEMBERS = [each.name for each in WORKSPACE.members]

pytestmark = pytest.mark.timeout(600)


def _wheel_name(each: Distribution) -> str:
    return f"{each.name.replace('-', '_')}-{WORKSPACE.version}-py3-none-any.whl"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    build_all(WORKSPACE, folder, sdists=False)
    return folder


@pytest.fixture(scope="module")
def lab(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("lab")
    constraints = folder / "constraints.txt"
    pins = pins_of((ROOT / LOCK).read_text(encoding="utf-8"))
    constraints.write_text("\n".join(pins), encoding="utf-8")
    return Lab(folder, wheels=wheels, constraints=constraints, uv=find_uv(ROOT))


@pytest.fixture(scope="module")
def everything(lab: Lab) -> Path:
    return lab.make("everything", [f"{META}[all]=={WORKSPACE.version}", TESTING])


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_holds_its_portions_and_nothing_else(name: str, wheels: Path) -> None:
    distribution = WORKSPACE.find(name)
    assert inspect_wheel(wheels / _wheel_name(distribution), distribution) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_works_alone(name: str, lab: Lab) -> None:
    program = lab.make(f"alone-{name}", [f"{name}=={WORKSPACE.version}"])
    lab.check(program)
    lab.imports(program, WORKSPACE.find(name).portions)


def test_everything_works_together(lab: Lab, everything: Path) -> None:
    lab.check(everything)
    lab.imports(everything, [part for each in WORKSPACE.members for part in each.portions])


@pytest.mark.parametrize("name", MEMBERS)
def test_the_others_work_when_one_is_uninstalled(name: str, lab: Lab, everything: Path) -> None:
    left = survivors(WORKSPACE, name)
    lab.uninstall(everything, name)
    lab.imports(everything, left)
    if WORKSPACE.find(name).portions:
        with pytest.raises(AssertionError, match="ModuleNotFoundError: No module named"):
            lab.imports(everything, WORKSPACE.find(name).portions)
    lab.install(everything, [f"{name}=={WORKSPACE.version}"])
    lab.imports(everything, WORKSPACE.find(name).portions)
