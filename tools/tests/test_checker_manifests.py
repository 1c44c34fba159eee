"""W01 to W04: names, shared metadata, siblings, layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tools.generate.parts import write_stale

CACHE = "packages/mic-cache"
REDIS = "packages/mic-cache-redis"
DRIVER = f"{REDIS}/src/mic/cache_redis/_driver.py"


def _other_name(tree: Any) -> None:
    tree.replace(f"{CACHE}/pyproject.toml", 'name = "mic-cache"', 'name = "mic-cash"')


def _other_module(tree: Any) -> None:
    tree.replace(f"{CACHE}/pyproject.toml", 'module-name = "mic.cache"', 'module-name = "mic.c"')


def _stray_portion(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/stray/__init__.py")


def _old_version(tree: Any) -> None:
    tree.replace(f"{CACHE}/pyproject.toml", 'version = "1.0.0"', 'version = "0.9.0"')


def _other_licence(tree: Any) -> None:
    tree.replace(f"{CACHE}/pyproject.toml", 'license = "MIT"', 'license = "ISC"')


def _own_backend(tree: Any) -> None:
    tree.replace(f"{CACHE}/pyproject.toml", "uv_build>=0.9,<0.14", "hatchling")


def _loose_pin(tree: Any) -> None:
    tree.replace(f"{REDIS}/pyproject.toml", '"mic-cache==1.0.0"', '"mic-cache>=1.0"')


def _no_such_sibling(tree: Any) -> None:
    tree.replace(f"{REDIS}/pyproject.toml", '"mic-cache==1.0.0"', '"mic-cash==1.0.0"')


def _circle(tree: Any) -> None:
    tree.replace(f"{CACHE}/pyproject.toml", '"mic-core==1.0.0"', '"mic-cache-redis==1.0.0"')


def _unlisted_edge(tree: Any) -> None:
    tree.add("mic-queue", ["mic.queue"], requires='"mic-core==1.0.0", "mic-cache==1.0.0"')


def _missing_extra(tree: Any) -> None:
    tree.replace("packages/mic-struct/pyproject.toml", "\ncache = ", "\ncash = ")


def _file_in_namespace(tree: Any) -> None:
    tree.write(f"{CACHE}/src/mic/py.typed")


def _file_in_source(tree: Any) -> None:
    tree.write(f"{CACHE}/src/setup.py")


def _untyped(tree: Any) -> None:
    (tree.root / f"{CACHE}/src/mic/cache/py.typed").unlink()


def _code_in_meta(tree: Any) -> None:
    tree.write("packages/mic-struct/src/mic_struct/__init__.py")


@pytest.mark.parametrize(
    ("code", "breakage", "says"),
    [
        ("W01", _other_name, "[project] name must be 'mic-cache'"),
        ("W01", _other_module, "module-name must be 'mic.cache'"),
        ("W01", _stray_portion, "must hold exactly mic.cache, holds mic.cache, mic.stray"),
        ("W02", _old_version, "[project] version must be '1.0.0'; run `make bump`"),
        ("W02", _other_licence, "[project] license must be 'MIT'"),
        ("W02", _own_backend, "[build-system] must be"),
        ("W03", _loose_pin, "requires 'mic-cache>=1.0'; pin it: mic-cache==1.0.0"),
        ("W03", _no_such_sibling, "'mic-cash==1.0.0', which the tree does not have"),
        ("W03", _circle, "these require each other in a circle: mic-cache, mic-cache-redis"),
        ("W03", _unlisted_edge, "list 'mic-queue -> mic-cache' under [tool.mic] edges"),
        ("W03", _missing_extra, "extra 'cache' must be ['mic-cache==1.0.0']; run `make docs`"),
        ("W04", _file_in_namespace, "src/mic/py.typed: a file here breaks every other"),
        ("W04", _file_in_source, "src/setup.py: only the folder mic stands in src"),
        ("W04", _untyped, "src/mic/cache: add py.typed to this portion"),
        ("W04", _code_in_meta, "the meta-distribution holds metadata only"),
    ],
)
def test_a_broken_rule_is_found_and_its_message_names_the_fix(
    family: Any, code: str, breakage: Callable[[Any], None], says: str
) -> None:
    breakage(family)
    found = family.findings(code)
    assert [each for each in found if says in each], found


def test_a_listed_edge_is_allowed(family: Any) -> None:
    _unlisted_edge(family)
    family.replace(
        "pyproject.toml",
        "[tool.mic]\n",
        '[tool.mic]\nedges = ["mic-queue -> mic-cache"]\n',
    )
    write_stale(family.load())
    assert family.findings("W03") == []
