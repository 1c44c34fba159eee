"""What Python files import and bind, read without running them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One imported thing: its dotted path, its line, and whether only type checkers see it.

    `from a import b` has the path `a.b`; whether `b` is a module or a name is not known here.
    """

    path: str
    line: int
    typing_only: bool


@functools.lru_cache(maxsize=4096)
def _parse(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file, read once for all rules."""
    return _parse(path, path.stat().st_mtime_ns)


def python_files(folder: Path) -> list[Path]:
    """All Python files below a folder, sorted."""
    return sorted(folder.rglob("*.py"))


def imports_of(tree: ast.Module, package: str) -> list[Import]:
    """Every import, also inside functions and through a constant `import_module("...")`.

    Args:
        tree: the module.
        package: the package that relative imports start from.
    """
    return list(_imports(tree.body, package, typing_only=False))


def _imports(nodes: list[ast.stmt], package: str, *, typing_only: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.If) and is_type_checking(node.test):
            yield from _imports(node.body, package, typing_only=True)
            yield from _imports(node.orelse, package, typing_only=typing_only)
            continue
        for inner in [node] if isinstance(node, ast.Import | ast.ImportFrom) else _inside(node):
            for path in _paths(inner, package):
                line = getattr(inner, "lineno", 0)
                yield Import(path, line, typing_only)


def _inside(node: ast.stmt) -> Iterator[ast.AST]:
    yield from ast.walk(node)


def _paths(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = package.split(".")
            start = parts[: len(parts) - node.level + 1]
            base = ".".join([*start, *([node.module] if node.module else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and call_name(node) == "import_module" and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return [first.value]
    return []


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def call_name(node: ast.Call) -> str:
    """The last part of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def bound_names(body: list[ast.stmt]) -> set[str]:
    """The names that statements bind at their own level, branches included."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.If):
            names |= bound_names(node.body) | bound_names(node.orelse)
        elif isinstance(node, ast.Try):
            names |= bound_names(node.body)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {
                inner.id
                for target in targets
                for inner in ast.walk(target)
                if isinstance(inner, ast.Name)
            }
    return names


def module_file(source: Path, module: str) -> Path | None:
    """The file of a dotted module below a source folder, `None` when there is none."""
    base = source.joinpath(*module.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def package_of(source: Path, file: Path) -> str:
    """The package that a file's relative imports start from."""
    return ".".join(file.parent.relative_to(source).parts)
