"""W09: tests mirror modules, and a README shows how to install and use its distribution."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tools.checker.findings import Report
from tools.checker.python_source import parse, python_files
from tools.workspace import Distribution, Workspace

ALSO = "tests"
"""`[tool.mic.tests]` of a manifest: test file -> what it tests, when that is no one module."""

_FREE = re.compile(r"test_(async_)?(contract|init|public|readme|typing)(_\w+)?$")
"""Test files of a distribution as a whole."""

_TWIN_WORDS = {"async", "sync"}


def w09_tests_and_readme(workspace: Workspace, report: Report) -> None:
    """Every module with code has a test file named like it, and every test file has a module."""
    for each in workspace.distributions:
        _check_readme(each, report)
        _check_mirror(each, report)


def _check_readme(each: Distribution, report: Report) -> None:
    readme = each.folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    install = re.search(rf"pip install .*{re.escape(each.name)}\b", text)
    report.unless(install, readme, f'add an install line: pip install "{each.name}"')
    report.unless("```python" in text, readme, "add an example in a ```python block")


def _check_mirror(each: Distribution, report: Report) -> None:
    also = each.tool(ALSO)
    tests = {
        file.relative_to(each.folder / "tests").as_posix(): _key_of_test(each, file)
        for file in python_files(each.folder / "tests")
        if file.name.startswith("test_") or file.name.endswith("_test.py")
    }
    modules = {
        file: _keys_of_module(each, file)
        for file in python_files(each.folder / "src")
        if file.name != "__init__.py"
    }
    for file, keys in modules.items():
        if _has_code(parse(file)):
            report.unless(
                any(_mirrors(test, key) for test in tests.values() for key in keys)
                or str(file.relative_to(each.folder / "src")) in also.values(),
                file,
                f"add its tests: tests/test_{min(keys, key=len)}.py",
            )
    every_key = {key for keys in modules.values() for key in keys}
    for name, test in tests.items():
        report.unless(
            _FREE.match(Path(name).stem)
            or name in also
            or any(_mirrors(test, key) for key in every_key),
            each.folder / "tests" / name,
            f"mirrors no module; rename it, or say what it tests under [tool.mic.{ALSO}]",
        )


def _key_of_test(each: Distribution, file: Path) -> str:
    parts = file.relative_to(each.folder / "tests").with_suffix("").parts
    words = [part.strip("_") for part in (*parts[:-1], parts[-1].removeprefix("test_"))]
    return "_".join(words)


def _keys_of_module(each: Distribution, file: Path) -> set[str]:
    """The names that a module's tests may have: with and without its portion and twin words."""
    portion, *rest = file.relative_to(each.namespace_folder).with_suffix("").parts
    words = [part.strip("_") for part in rest]
    plain = [word for word in words if word not in _TWIN_WORDS] or words
    keys = {"_".join(words), "_".join(plain)}
    return keys | {f"{portion}_{key}" for key in keys}


def _mirrors(test: str, key: str) -> bool:
    return test == key or test.startswith(f"{key}_")


def _has_code(tree: ast.Module) -> bool:
    """Whether a module defines anything itself, and does not only pass names on."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, kinds) for node in tree.body)
