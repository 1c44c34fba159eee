"""Names of a package's own modules."""

import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mypy import api as mypy_api

import mic.plugins

PAPER = """
from typing import TYPE_CHECKING
from mic.plugins import make_lazy_names

if TYPE_CHECKING:
    from mic.paper._sheets import Sheet
    from mic.paper.books import Book
else:
    __getattr__, __dir__ = make_lazy_names(
        __name__, {"mic.paper._sheets": ("Sheet",), "mic.paper.books": ("Book",)}
    )

__all__ = ["Book", "Sheet"]
"""


@pytest.fixture
def paper(install: Any) -> Any:
    install(
        "mic-paper",
        {
            "mic/paper/__init__.py": PAPER,
            "mic/paper/py.typed": "",
            "mic/paper/_sheets.py": "class Sheet:\n    size: int = 4\n",
            "mic/paper/books.py": "from mic.paper import Sheet\nclass Book:\n    first = Sheet\n",
        },
    )
    return importlib.import_module("mic.paper")


def test_own_names_are_imported_at_their_first_use(paper: Any) -> None:
    assert "mic.paper._sheets" not in sys.modules
    found = paper.Sheet
    assert vars(paper)["Sheet"] is found
    assert found is sys.modules["mic.paper._sheets"].Sheet
    assert "mic.paper.books" not in sys.modules
    assert paper.Book.first is found


def test_own_names_and_public_modules_are_listed(paper: Any) -> None:
    names = dir(paper)
    assert names == sorted(names)
    assert {"Book", "Sheet", "books", "__name__"} <= set(names)
    assert "_sheets" not in names


def test_star_imports_all_own_names(paper: Any) -> None:
    space: dict[str, Any] = {}
    exec("from mic.paper import *", space)
    assert (space["Book"], space["Sheet"]) == (paper.Book, paper.Sheet)


def test_a_public_module_is_an_attribute(paper: Any) -> None:
    assert paper.books is sys.modules["mic.paper.books"]


@pytest.mark.parametrize("name", ["_private", "other"])
def test_private_modules_and_those_of_others_are_no_attributes(name: str) -> None:
    get, names = mic.plugins.make_lazy_names("json", {"json._private": (), "base64.other": ()})
    assert name not in names()
    with pytest.raises(AttributeError, match=f"module 'json' has no attribute '{name}'"):
        get(name)


def test_an_unknown_own_name_is_the_usual_error(paper: Any) -> None:
    with pytest.raises(AttributeError, match=r"^module 'mic.paper' has no attribute 'nothing'$"):
        paper.nothing  # noqa: B018  # the access is what is tested


def test_an_error_inside_an_own_module_passes(install: Any) -> None:
    install(
        "mic-paper",
        {"mic/paper/__init__.py": PAPER, "mic/paper/books.py": "import nothing_of_this_name\n"},
    )
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'nothing_of_this_name'$"):
        importlib.import_module("mic.paper").Book  # noqa: B018  # the access is what is tested


def test_type_checkers_see_own_names_and_no_others(
    paper: Any, install: Any, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from mic.paper import Sheet\nreveal_type(Sheet().size)\nfrom mic.paper import Nothing\n"
    )
    config = tmp_path / "mypy.ini"
    sources = Path(mic.plugins.__file__).parents[2]
    site = Path(paper.__file__).parents[2]
    config.write_text(
        f"[mypy]\nstrict = True\nnamespace_packages = True\nexplicit_package_bases = True\n"
        f"mypy_path = {site}:{sources}\nfollow_imports = silent\n"
    )
    cache = f"--cache-dir={tmp_path / 'cache'}"
    shown, errors, status = mypy_api.run([f"--config-file={config}", cache, str(program)])
    assert re.search(r'Revealed type is "(builtins\.)?int"', shown), shown + errors
    assert 'Module "mic.paper" has no attribute "Nothing"' in shown
    assert status == 1


def test_a_package_of_lazy_names_costs_next_to_nothing() -> None:
    code = "import sys\nimport mic.plugins\nprint(*sys.modules, sep='\\n')\n"
    path = Path(mic.plugins.__file__).parents[2]
    code = f"import sys\nsys.path.insert(0, {str(path)!r})\n{code}"
    listed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    names = set(listed.stdout.split())
    assert "mic.plugins" in names
    assert not names & {"typing", "dataclasses", "inspect", "importlib.metadata", "mic.model"}
