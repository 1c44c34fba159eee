"""Names that live in other distributions."""

import importlib
import re
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest
from mypy import api as mypy_api

import mic.plugins
from mic.plugins import LazyExport, make_lazy_exports

FRONT = """
from typing import TYPE_CHECKING
from mic.plugins import LazyExport, make_lazy_exports

if TYPE_CHECKING:
    from mic.shelf_acme import AcmeShelf as AcmeShelf

eager = 1
__all__ = ["eager"]
__getattr__, __dir__ = make_lazy_exports(
    __name__,
    {
        "AcmeShelf": LazyExport("mic.shelf_acme", "mic-shelf-acme"),
        "Renamed": LazyExport("mic.shelf_acme", "mic-shelf-acme", attribute="AcmeShelf"),
        "Signed": LazyExport(
            "mic.shelf_signed", "mic-shelf-signed", extra="oidc", requires=("not_there",)
        ),
        "Deep": LazyExport("acme_shelf.inner.deep", "acme-shelf"),
    },
)
"""
BACKEND = "class AcmeShelf:\n    size: int = 3\n"


@pytest.fixture
def front(install: Any) -> Any:
    install("mic-shelf", {"mic/shelf/__init__.py": FRONT, "mic/shelf/py.typed": ""})
    return importlib.import_module("mic.shelf")


def test_every_public_name_of_the_portion_is_there() -> None:
    assert sorted(mic.plugins.__all__) == mic.plugins.__all__
    assert all(hasattr(mic.plugins, name) for name in mic.plugins.__all__)


def test_an_absent_backend_is_named(front: Any) -> None:
    with pytest.raises(
        ImportError,
        match=r"^mic\.shelf\.AcmeShelf needs the distribution mic-shelf-acme: "
        r'pip install "mic-shelf-acme" or "mic-struct\[shelf-acme\]"$',
    ) as caught:
        front.AcmeShelf  # noqa: B018  # the access is what is tested
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert caught.value.name == "mic.shelf"
    with pytest.raises(ImportError, match="needs the distribution mic-shelf-acme"):
        exec("from mic.shelf import AcmeShelf", {})


def test_a_name_is_stored_at_its_first_use(front: Any, install: Any) -> None:
    install("mic-shelf-acme", {"mic/shelf_acme/__init__.py": BACKEND})
    assert "AcmeShelf" not in vars(front)
    assert "mic.shelf_acme" not in sys.modules
    found = front.AcmeShelf
    assert vars(front)["AcmeShelf"] is found
    assert found is sys.modules["mic.shelf_acme"].AcmeShelf
    assert front.Renamed is found


def test_dir_lists_what_is_offered_and_star_never_fails(front: Any) -> None:
    names = dir(front)
    assert names == sorted(names)
    assert {"AcmeShelf", "Deep", "Renamed", "Signed", "eager", "__name__"} <= set(names)
    space: dict[str, Any] = {}
    exec("from mic.shelf import *", space)
    assert space["eager"] == 1
    assert "AcmeShelf" not in space


def test_an_import_error_inside_the_backend_passes(front: Any, install: Any) -> None:
    install(
        "mic-shelf-acme",
        {"mic/shelf_acme/__init__.py": "import nothing_of_this_name\n"},
    )
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        front.AcmeShelf  # noqa: B018  # the access is what is tested


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("raise ImportError('own words')", ImportError),
        ("1 / 0", ZeroDivisionError),
        ("raise ModuleNotFoundError('nameless')", ModuleNotFoundError),
    ],
)
def test_any_other_error_of_the_backend_passes(
    front: Any, install: Any, source: str, error: type[Exception]
) -> None:
    install("mic-shelf-acme", {"mic/shelf_acme/__init__.py": source})
    with pytest.raises(error, match=r"own words|division|nameless"):
        front.AcmeShelf  # noqa: B018  # the access is what is tested


def test_a_backend_without_the_attribute_is_its_own_error(front: Any, install: Any) -> None:
    install("mic-shelf-acme", {"mic/shelf_acme/__init__.py": ""})
    with pytest.raises(AttributeError, match=r"mic\.shelf_acme.*AcmeShelf"):
        front.AcmeShelf  # noqa: B018  # the access is what is tested


def test_a_required_module_may_be_what_is_absent(front: Any, install: Any) -> None:
    install("mic-shelf-signed", {"mic/shelf_signed/__init__.py": "import not_there\n"})
    with pytest.raises(ImportError, match=r'"mic-shelf-signed" or "mic-struct\[oidc\]"'):
        front.Signed  # noqa: B018  # the access is what is tested


def test_an_enclosing_package_may_be_what_is_absent(front: Any) -> None:
    with pytest.raises(ImportError, match=r'acme-shelf: pip install "acme-shelf"$'):
        front.Deep  # noqa: B018  # the access is what is tested


def test_an_unknown_name_is_the_usual_error(front: Any) -> None:
    with pytest.raises(AttributeError, match=r"^module 'mic.shelf' has no attribute 'nothing'$"):
        front.nothing  # noqa: B018  # the access is what is tested
    assert not hasattr(front, "nothing")


def test_other_names_go_to_the_fallback() -> None:
    get, _ = make_lazy_exports("x", {}, fallback=lambda name: f"made {name}")
    assert get("thing") == "made thing"


def test_exports_are_copied() -> None:
    exports: dict[str, LazyExport] = {}
    get, _ = make_lazy_exports("x", exports)
    exports["json"] = LazyExport("json", "json")
    with pytest.raises(AttributeError, match="module 'x' has no attribute 'json'"):
        get("json")


@pytest.mark.parametrize(
    ("export", "hint"),
    [
        (LazyExport("m", "mic-a-b"), 'pip install "mic-a-b" or "mic-struct[a-b]"'),
        (LazyExport("m", "mic-auth[oidc]"), 'pip install "mic-auth[oidc]" or "mic-struct[auth]"'),
        (LazyExport("m", "acme"), 'pip install "acme"'),
        (LazyExport("m", "acme", extra="redis"), 'pip install "acme" or "mic-struct[redis]"'),
    ],
)
def test_what_to_install(export: LazyExport, hint: str) -> None:
    assert export.install_hint() == hint


@pytest.mark.parametrize(
    ("missing", "absent"),
    [
        ("a.b", True),
        ("a", True),
        ("x", True),
        ("a.b.c", False),
        ("a.bc", False),
        ("x.y", False),
        ("b", False),
        ("", False),
        (None, False),
    ],
)
def test_what_counts_as_absent(missing: str | None, absent: bool) -> None:
    assert LazyExport("a.b", "d", requires=("x",)).is_absent(missing) is absent


def test_racing_threads_get_one_object(install: Any) -> None:
    module: Any = types.ModuleType("racing_front")
    get, _ = make_lazy_exports("racing_front", {"value": LazyExport("racing_back", "racing")})
    install("racing", {"racing_back.py": "value = object()\n"})
    sys.modules["racing_front"] = module
    barrier = threading.Barrier(16)
    found: list[object] = []

    def race() -> None:
        barrier.wait()
        found.append(get("value"))

    threads = [threading.Thread(target=race) for _ in range(16)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        del sys.modules["racing_front"]
    assert len(found) == 16
    assert all(value is found[0] for value in found)
    assert module.value is found[0]


def test_type_checkers_see_the_real_type(install: Any, tmp_path: Path) -> None:
    site = install(
        "mic-shelf",
        {
            "mic/shelf/__init__.py": FRONT,
            "mic/shelf/py.typed": "",
            "mic/shelf_acme/__init__.py": BACKEND,
            "mic/shelf_acme/py.typed": "",
        },
    )
    program = tmp_path / "program.py"
    program.write_text("from mic.shelf import AcmeShelf\nreveal_type(AcmeShelf().size)\n")
    config = tmp_path / "mypy.ini"
    sources = Path(mic.plugins.__file__).parents[2]
    config.write_text(
        f"[mypy]\nstrict = True\nnamespace_packages = True\nexplicit_package_bases = True\n"
        f"mypy_path = {site}:{sources}\nfollow_imports = silent\n"
    )
    cache = f"--cache-dir={tmp_path / 'cache'}"
    shown, errors, status = mypy_api.run([f"--config-file={config}", cache, str(program)])
    assert re.search(r'Revealed type is "(builtins\.)?int"', shown), shown + errors
    assert status == 0, shown + errors
