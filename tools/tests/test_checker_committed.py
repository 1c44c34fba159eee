"""W07 to W12: entry points, contracts, tests, pages, generated parts, hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HOST = ".".join(["pypi", "org"])
CACHE = "packages/mic-cache"
REDIS = "packages/mic-cache-redis"
DRIVER = f"{REDIS}/src/mic/cache_redis/_driver.py"


def _dead_target(tree: Any) -> None:
    tree.replace(f"{REDIS}/pyproject.toml", "_driver:from_url", "_driver:of_url")


def _dead_module(tree: Any) -> None:
    tree.replace(f"{REDIS}/pyproject.toml", "_driver:from_url", "_drive:from_url")


def _unknown_group(tree: Any) -> None:
    tree.replace(f"{REDIS}/pyproject.toml", 'entry-points."mic.cache"', 'entry-points."mic.cash"')


def _claimed_twice(tree: Any) -> None:
    entry = '[project.entry-points."mic.cache"]\nredis = "mic.cache.base:Cache"\n'
    tree.add("mic-cache", ["mic.cache"], entry, '"mic-core==1.0.0"')


def _no_contract(tree: Any) -> None:
    (tree.root / f"{REDIS}/tests/test_contract.py").unlink()


def _other_contract(tree: Any) -> None:
    tree.replace(f"{REDIS}/tests/test_contract.py", "contracts.cache", "contracts.queue")


def _contract_not_run(tree: Any) -> None:
    tree.replace(f"{REDIS}/tests/test_contract.py", "(CacheBackendContract)", "")


def _untested(tree: Any) -> None:
    (tree.root / f"{REDIS}/tests/test_driver.py").unlink()


def _tests_of_nothing(tree: Any) -> None:
    tree.write(f"{REDIS}/tests/test_elsewhere.py", "x = 1\n")


def _no_install_line(tree: Any) -> None:
    tree.replace(f"{CACHE}/README.md", "pip install", "pip")


def _no_example(tree: Any) -> None:
    tree.replace(f"{CACHE}/README.md", "```python", "```")


def _no_page(tree: Any) -> None:
    (tree.root / "docs/capabilities/cache.md").unlink()


def _unlisted_backend(tree: Any) -> None:
    tree.write("docs/capabilities/cache.md", "## Guarantees\n")


def _no_guarantee(tree: Any) -> None:
    tree.write("docs/capabilities/cache.md", "- `mic-cache-redis`\n")


def _stale_part(tree: Any) -> None:
    tree.replace("README.md", "| `mic.cache` |", "| `mic.cash` |")


def _lost_marks(tree: Any) -> None:
    tree.write("README.md", "nothing\n")


def _named_host(tree: Any) -> None:
    tree.replace(f"{CACHE}/README.md", "```python", f"https://{HOST}/\n```python")


def _own_path(tree: Any) -> None:
    tree.replace(f"{CACHE}/README.md", "```python", f"{tree.root}\n```python")


@pytest.mark.parametrize(
    ("code", "breakage", "says"),
    [
        ("W07", _dead_target, "mic.cache_redis._driver:of_url does not exist"),
        ("W07", _dead_module, "mic.cache_redis._drive:from_url does not exist"),
        ("W07", _unknown_group, "entry-point group 'mic.cash' is no capability"),
        ("W07", _claimed_twice, "'redis' of mic.cache is claimed by mic-cache too"),
        ("W08", _no_contract, "claims schemes of mic.cache and does not run its contract"),
        ("W08", _other_contract, "claims schemes of mic.cache and does not run its contract"),
        ("W08", _contract_not_run, "claims schemes of mic.cache and does not run its contract"),
        ("W09", _untested, "add its tests: tests/test_driver.py"),
        ("W09", _tests_of_nothing, "test_elsewhere.py: mirrors no module"),
        ("W09", _no_install_line, 'add an install line: pip install "mic-cache"'),
        ("W09", _no_example, "add an example in a ```python block"),
        ("W10", _no_page, "write the page of mic.cache"),
        ("W10", _unlisted_backend, "list the backend `mic-cache-redis`"),
        ("W10", _no_guarantee, "say what the capability guarantees"),
        ("W11", _stale_part, "README.md: a generated part differs; run `make docs`"),
        ("W11", _lost_marks, "no marks for the generated region distributions; put the marks back"),
        ("W12", _named_host, "README.md: line 2: names a package registry's host"),
        ("W12", _own_path, "holds the path of a checkout"),
    ],
)
def test_a_broken_rule_is_found_and_its_message_names_the_fix(
    family: Any, code: str, breakage: Callable[[Any], None], says: str
) -> None:
    breakage(family)
    found = family.findings(code)
    assert [each for each in found if says in each], found


def test_a_module_that_passes_names_on_needs_no_tests_and_a_named_file_is_accepted(
    family: Any,
) -> None:
    family.write(f"{CACHE}/src/mic/cache/names.py", "from mic.cache.base import Cache\n")
    family.write(f"{CACHE}/tests/test_parity.py", "x = 1\n")
    manifest = family.read(f"{CACHE}/pyproject.toml")
    family.write(
        f"{CACHE}/pyproject.toml",
        f'{manifest}\n[tool.mic.tests]\n"test_parity.py" = "both twins"\n',
    )
    assert family.findings("W09") == []


@pytest.mark.parametrize(
    "test",
    ["test_core.py", "test_async_core.py", "_async/test_core.py", "cache/test_core_edges.py"],
)
def test_a_twin_and_a_subpackage_have_their_tests_in_any_of_the_mirrored_places(
    family: Any, test: str
) -> None:
    family.write(f"{CACHE}/src/mic/cache/_async/core.py", "class C: ...\n")
    family.write(f"{CACHE}/tests/{test}", "x = 1\n")
    assert family.findings("W09") == []
