"""What importing the portion costs, and that every public name is there."""

import subprocess
import sys
from pathlib import Path

import pytest

import mic.http

HEAVY = (
    "asyncio",
    "concurrent.futures",
    "email",
    "fastapi",
    "http",
    "ipaddress",
    "json",
    "litestar",
    "logging",
    "multipart",
    "pydantic",
    "pydantic_core",
    "secrets",
    "ssl",
    "starlette",
    "tempfile",
    "urllib",
)
MODULES = [
    ".".join(("mic.http", *file.relative_to(Path(mic.http.__file__).parent).with_suffix("").parts))
    for file in sorted(Path(mic.http.__file__).parent.rglob("*.py"))
    if file.name != "__init__.py"
]


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.parametrize("module", ["mic.http", "mic.http.principal"])
def test_importing_brings_nothing_heavy(module: str) -> None:
    # The interpreter itself may have some of them, where a `.pth` file of the environment asks.
    program = f"import sys; before = set(sys.modules); import {module}; "
    assert run(program + f"print(sorted((set(sys.modules) - before) & set({HEAVY})))") == "[]"


def test_all_names_together_bring_no_framework_and_no_form_parser() -> None:
    program = "import sys; from mic.http import *; print(sorted(set(sys.modules) & "
    assert run(program + "{'fastapi', 'litestar', 'multipart', 'starlette', 'uvicorn'}))") == "[]"


def test_a_document_is_what_loads_the_writer_of_documents() -> None:
    program = "import sys; from mic.http import build_asgi_app, compile_routes, HttpRouteSpec; "
    loaded = "print('mic.http.openapi' in sys.modules)"
    assert run(program + loaded) == "False"
    assert run(program + "mic = __import__('mic.http').http.openapi; " + loaded) == "True"


def test_every_module_can_be_the_first_to_be_imported() -> None:
    program = f"""
import importlib, sys
for name in {MODULES}:
    for loaded in [each for each in sys.modules if each.startswith("mic.http")]:
        del sys.modules[loaded]
    importlib.import_module(name)
"""
    assert run(program) == ""


@pytest.mark.parametrize("name", mic.http.__all__)
def test_every_public_name_is_there_and_kept(name: str) -> None:
    found = getattr(mic.http, name)
    assert vars(mic.http)[name] is found


def test_names_are_listed_before_they_are_imported() -> None:
    listed = run("import mic.http; print(*dir(mic.http))").split()
    assert set(mic.http.__all__) <= set(listed)
    assert {"context", "middleware", "openapi", "params", "principal"} <= set(listed)
