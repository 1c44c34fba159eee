"""W05 and W06: imports and tables of contents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CACHE = "packages/mic-cache"
REDIS = "packages/mic-cache-redis"
DRIVER = f"{REDIS}/src/mic/cache_redis/_driver.py"


def _no_python(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\ndef\n")


def _undeclared(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\ndef f(): import packaging\n")


def _undeclared_by_name(tree: Any) -> None:
    tree.write(
        f"{CACHE}/src/mic/cache/base.py",
        "import mic.model\nfrom importlib import import_module\nimport_module('packaging')\n",
    )


def _undeclared_sibling(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\nimport mic.cache_redis\n")


def _not_installed(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\nimport no_such_thing\n")


def _unowned(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/base.py", "import mic.model\nimport mic.nowhere\n")


def _unused(tree: Any) -> None:
    tree.write(DRIVER, "from mic.cache.base import x\nimport mic.model\n")


def _idle_excuse(tree: Any) -> None:
    manifest = tree.read(f"{REDIS}/pyproject.toml")
    tree.write(
        f"{REDIS}/pyproject.toml", f'{manifest}\n[tool.mic.unimported]\npackaging = "no reason"\n'
    )


def _private(tree: Any) -> None:
    tree.replace(DRIVER, "from mic.cache.base import Cache", "from mic.cache._base import Cache")


def _private_in_tests(tree: Any) -> None:
    tree.write(f"{REDIS}/tests/test_driver.py", "from mic.cache.base import _hidden\n")


def _dead_lazy_export(tree: Any) -> None:
    tree.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        'from mic.plugins import LazyExport\nx = {"No": LazyExport("mic.cache_redis", "mic-x")}\n',
    )


def _code_in_init(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\ndef f(): ...\n')


def _unsorted(tree: Any) -> None:
    tree.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        '"""It."""\nfrom a import b, c\n__all__ = ["c", "b"]\n',
    )


def _no_list(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\nfrom a import b\n')


def _built_list(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\nfrom a import b\n__all__ = [*b]\n')


def _unbound(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", '"""It."""\n__all__ = ["Nothing"]\n')


def _no_docstring(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/cache/__init__.py", "__all__: list[str] = []\n")


@pytest.mark.parametrize(
    ("code", "breakage", "says"),
    [
        ("W05", _no_python, "cache/base.py: line 2: invalid syntax"),
        ("W05", _undeclared, "imports packaging; declare packaging in [project] dependencies"),
        ("W05", _undeclared_by_name, "imports packaging; declare packaging"),
        ("W05", _undeclared_sibling, "imports mic.cache_redis; declare mic-cache-redis"),
        ("W05", _not_installed, "imports no_such_thing, which nothing installed provides"),
        ("W05", _unowned, "imports mic.nowhere, which no distribution of the tree owns"),
        ("W05", _unused, "requires packaging, and nothing imports it"),
        ("W05", _idle_excuse, "excuses packaging, which needs no excuse"),
        ("W05", _private, "imports mic.cache._base.Cache, which is private to mic-cache"),
        ("W05", _private_in_tests, "mic.cache.base._hidden, which is private to mic-cache"),
        ("W05", _dead_lazy_export, "lazily exports 'No' of mic.cache_redis, which does not exist"),
        ("W05", _dead_lazy_export, "mic.cache_redis belongs to the distribution mic-cache-redis"),
        ("W06", _code_in_init, "line 2: move this into a module"),
        ("W06", _unsorted, "sort __all__ as sorted() does, each name once: ['b', 'c']"),
        ("W06", _no_list, "add a sorted __all__ that lists what is public"),
        ("W06", _built_list, "write __all__ as one list of plain strings"),
        ("W06", _unbound, "__all__ lists Nothing, which this module does not import"),
        ("W06", _no_docstring, "begin with a docstring"),
    ],
)
def test_a_broken_rule_is_found_and_its_message_names_the_fix(
    family: Any, code: str, breakage: Callable[[Any], None], says: str
) -> None:
    breakage(family)
    found = family.findings(code)
    assert [each for each in found if says in each], found


def test_the_type_of_a_lazy_backend_needs_no_declaration(family: Any) -> None:
    family.write(
        f"{CACHE}/src/mic/cache/base.py",
        "import mic.model\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from mic.cache_redis import RedisCache\n",
    )
    assert family.findings("W05") == []


def test_a_reason_and_a_provided_package_are_heard(family: Any) -> None:
    family.write(DRIVER, "import hypothesis\nfrom mic.cache.base import x\nimport mic.model\n")
    manifest = family.read(f"{REDIS}/pyproject.toml")
    family.write(
        f"{REDIS}/pyproject.toml",
        f'{manifest}\n[tool.mic.unimported]\npackaging = "why"\n'
        '[tool.mic.provided]\npackaging = ["hypothesis"]\n',
    )
    assert family.findings("W05") == []


def test_lazy_exports_stand_in_an_init(family: Any) -> None:
    family.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        """
        '''It.'''
        from typing import TYPE_CHECKING
        from mic.plugins import LazyExport, make_lazy_exports
        if TYPE_CHECKING:
            from mic.cache_redis import RedisCache
        __all__: list[str] = []
        __getattr__, __dir__ = make_lazy_exports(__name__, {"R": LazyExport("a", "b")})
        """,
    )
    assert family.findings("W06") == []


LAZY_NAMES = """
'''It.'''
from typing import TYPE_CHECKING
from mic.plugins import make_lazy_names
if TYPE_CHECKING:
    from mic.cache.base import Cache, Entry
else:
    __getattr__, __dir__ = make_lazy_names(__name__, {"mic.cache.base": ("Cache", "Entry")})
__all__ = ["Cache", "Entry"]
"""


def test_lazy_names_stand_beside_what_type_checkers_see(family: Any) -> None:
    family.write(f"{CACHE}/src/mic/cache/__init__.py", LAZY_NAMES)
    assert family.findings("W06") == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('("Cache",)', ["Entry of mic.cache.base is missing under make_lazy_names"]),
        (
            '("Cache", "Entry", "More")',
            ["More of mic.cache.base is missing under TYPE_CHECKING"],
        ),
        (
            "TABLE",
            [
                "Cache of mic.cache.base is missing under make_lazy_names",
                "Entry of mic.cache.base is missing under make_lazy_names",
            ],
        ),
    ],
)
def test_the_two_lists_of_lazy_names_agree(family: Any, wrong: str, said: list[str]) -> None:
    family.write(
        f"{CACHE}/src/mic/cache/__init__.py", LAZY_NAMES.replace('("Cache", "Entry")', wrong)
    )
    found = family.findings("W06")
    assert len(found) == len(said)
    assert all(any(words in each for each in map(str, found)) for words in said)


def test_no_code_hides_beside_lazy_names(family: Any) -> None:
    family.write(
        f"{CACHE}/src/mic/cache/__init__.py",
        LAZY_NAMES.replace("else:\n", "else:\n    print('x')\n"),
    )
    assert any("move this into a module" in str(each) for each in family.findings("W06"))
