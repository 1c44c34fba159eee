"""What is read out of Python files, and whose an import is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.checker import installed
from tools.checker.python_source import bound_names, imports_of

SOURCE = """
import a.b
from . import c
from .d import e
from ..f import g
from importlib import import_module
import typing
if typing.TYPE_CHECKING:
    import h
else:
    import i
def later():
    if True:
        import j
    import_module("k.l")
    import_module(name)
"""


def test_every_kind_of_import_is_found_with_its_full_path() -> None:
    found = {(each.path, each.typing_only) for each in imports_of(ast.parse(SOURCE), "mic.x.y")}
    plain = {
        *("a.b", "mic.x.y.c", "mic.x.y.d.e", "mic.x.f.g", "importlib.import_module", "typing"),
        *("i", "j", "k.l"),
    }
    assert found == {(path, False) for path in plain} | {("h", True)}


def test_names_are_bound_by_every_kind_of_statement() -> None:
    source = (
        "import a.b\nfrom c import d as e\nx, (y, *z) = 1, (2,)\nw: int = 1\nv.u = 1\n"
        "def f(): inner = 1\nclass G: ...\nif a:\n    p = 1\nelse:\n    q = 1\n"
        "try:\n    r = 1\nexcept OSError: ...\n"
    )
    names = bound_names(ast.parse(source).body)
    assert {"a", "e", "x", "y", "z", "w", "f", "G", "p", "q", "r"} <= names
    assert not names & {"b", "d", "inner"}


def test_where_distributions_share_a_name_the_longest_path_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, files in {
        "shared-api": ["shared_ns/trace/__init__.py"],
        "shared_sdk": ["shared_ns/sdk/trace.py"],
    }.items():
        info = tmp_path / f"{name.replace('-', '_')}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", "utf-8"
        )
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(installed, "_owners", installed._owners.__wrapped__)
    owner_of = installed.owner_of.__wrapped__
    assert owner_of("shared_ns.trace.Span") == "shared-api"
    assert owner_of("shared_ns.sdk.trace.Tracer") == "shared-sdk"
    assert owner_of("shared_ns.other") == "shared-api"
