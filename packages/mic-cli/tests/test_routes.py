"""`routes` and `openapi`, of `mic` and for a service's own command line."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic.cli import build_parser, dispatch, openapi_command, routes_command
from mic.http import AuthMode, HttpRouteSpec, OpenApiInfo, build_openapi

Here = Callable[..., int]
Captured = pytest.CaptureFixture[str]

ROUTES = '''
from mic.contracts import StrictSchema
from mic.http import AuthMode, HttpRouteSpec

class Item(StrictSchema):
    name: str

def read(*, item_id: int) -> Item:
    """Read one."""

def create(*, payload: Item) -> Item:
    """Create one."""

def guard(context): ...

class Guard:
    def __call__(self, context): ...

def get(name, path, handler, **more):
    return HttpRouteSpec(
        method="GET", path=path, name=name, category="items", handler=handler, **more
    )

READ = get("items.read", "/items/{item_id:int}", read)
CREATE = HttpRouteSpec(
    method="POST", path="/items", name="items.create", category="items", handler=create,
    auth=AuthMode.SERVICE, scopes=("a", "b"), guards=(guard, Guard()),
)
LIST = get("items.list", "/items", lambda: None)
ALL = (READ, CREATE, LIST)
NONE = ()
TWICE = [LIST, LIST]
SAME_ID = [LIST, get("a", "/a", lambda: None, operation_id="items.list")]
MIXED = [LIST, "text"]
TEXT = "text"
NUMBER = 3

def build():
    return list(ALL)

def yielding():
    print("noise")
    yield from ALL

def failing():
    yield READ
    raise ValueError("a secret")

async def awaited():
    return ALL

def needs(argument):
    return ALL
'''
APPS = """
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from mic.fastapi import build_fastapi_app
from mic.litestar import build_litestar_app
from orders_app import LIST, READ

FAST = build_fastapi_app(routes=[READ, LIST], title="Fast", version="3.1")
LITE = build_litestar_app(
    routes=[READ, LIST], openapi_config=OpenAPIConfig(title="Lite", version="4.1")
)
BARE = Litestar([], openapi_config=None)

def build():
    return FAST
"""


@pytest.fixture
def orders(on_path: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    on_path.add("orders", files={"orders_app.py": ROUTES, "orders_apps.py": APPS})
    monkeypatch.chdir(tmp_path)
    return importlib.import_module("orders_app")


@pytest.fixture
def apps(orders: Any) -> Any:
    return importlib.import_module("orders_apps")


def test_routes_are_sorted_by_path_and_method(orders: Any, here: Here, capsys: Captured) -> None:
    assert here("routes", "orders_app:ALL", "--json") == 0
    captured = capsys.readouterr()
    rows = json.loads(captured.out)
    assert captured.err == ""
    assert [(row["path"], row["method"]) for row in rows] == [
        ("/items", "GET"),
        ("/items", "POST"),
        ("/items/{item_id:int}", "GET"),
    ]
    assert rows[1] == {
        "method": "POST",
        "path": "/items",
        "name": "items.create",
        "category": "items",
        "auth": "service",
        "scopes": ["a", "b"],
        "guards": ["guard", "Guard"],
    }
    assert here("routes", "orders_app:build") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["METHOD", "PATH", "NAME", "CATEGORY", "AUTH", "SCOPES", "GUARDS"]
    assert len(lines) == 4
    assert here("routes", "orders_app:yielding") == 0
    captured = capsys.readouterr()
    assert (captured.out.splitlines(), captured.err) == (lines, "noise\n")
    assert here("routes", "orders_app:NONE") == 0
    assert capsys.readouterr().out == "no routes\n"


@pytest.mark.parametrize("command", ["routes", "openapi"])
@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("orders_app:TWICE", 1, "two routes are named 'items.list'"),
        ("orders_app:MIXED", 78, "orders_app:MIXED is of the type list"),
        ("orders_app:TEXT", 78, "orders_app:TEXT is of the type str"),
        ("orders_app:NUMBER", 78, "orders_app:NUMBER is of the type int"),
        ("orders_app:needs", 78, "orders_app:needs cannot be called without arguments: TypeError"),
        ("orders_app:failing", 78, "orders_app:failing cannot be iterated: ValueError"),
        ("orders_app:awaited", 78, "orders_app:awaited is of the type coroutine"),
        ("orders_app:absent", 78, "orders_app:absent cannot be loaded: AttributeError"),
        ("not_there_at_all:X", 78, "not_there_at_all:X cannot be loaded: ModuleNotFoundError"),
        ("orders_app", 2, "'orders_app' is not MODULE:ATTR"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    orders: Any, here: Here, command: str, target: str, code: int, said: str, capsys: Captured
) -> None:
    assert here(command, target) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert here(command, target, "--json") == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in json.loads(captured.err)["message"]


def test_routes_are_not_asked_of_an_application(apps: Any, here: Here, capsys: Captured) -> None:
    for name in ("FAST", "LITE"):
        assert here("routes", f"orders_apps:{name}") == 78
        assert "name the routes that it is made of" in capsys.readouterr().err


def test_a_route_that_fails_while_an_application_is_made_is_reported(
    on_path: Any, here: Here, capsys: Captured
) -> None:
    source = "from mic.http import RouteDefinitionError\nraise RouteDefinitionError('two routes')\n"
    on_path.add("orders", files={"orders_bad.py": source})
    assert here("openapi", "orders_bad:app") == 1
    assert capsys.readouterr().err == "error: two routes [cli.bad_route]\n"


def test_an_operation_id_given_twice_is_reported(orders: Any, here: Here, capsys: Captured) -> None:
    assert here("openapi", "orders_app:SAME_ID") == 1
    assert "operation id 'items.list'" in capsys.readouterr().err


def test_the_document_is_that_of_build_openapi(orders: Any, here: Here, capsys: Captured) -> None:
    flags = ("--title", "Orders", "--version", "2.0")
    for target in ("ALL", "build"):
        assert here("openapi", f"orders_app:{target}", *flags) == 0
        first = capsys.readouterr().out
        assert json.loads(first) == build_openapi(orders.ALL, OpenApiInfo("Orders", "2.0"))
        assert here("openapi", f"orders_app:{target}", *flags, "--json") == 0
        assert capsys.readouterr().out == first
    assert here("openapi", "orders_app:ALL") == 0
    assert json.loads(capsys.readouterr().out) == build_openapi(orders.ALL, OpenApiInfo())


def test_two_processes_write_the_same_bytes(orders: Any, run_mic: Any, on_path: Any) -> None:
    first, second = (
        run_mic(
            "openapi", "orders_app:build", "--app-dir", str(on_path.folder), PYTHONHASHSEED=seed
        )
        for seed in ("1", "2")
    )
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["paths"]


def test_applications_are_asked_by_their_own_method(
    apps: Any, here: Here, capsys: Captured
) -> None:
    for name, expected in (
        ("FAST", apps.FAST.openapi()),
        ("build", apps.FAST.openapi()),
        ("LITE", apps.LITE.openapi_schema.to_schema()),
    ):
        assert here("openapi", f"orders_apps:{name}") == 0
        document = json.loads(capsys.readouterr().out)
        assert document == json.loads(json.dumps(expected))
        assert here("openapi", f"orders_apps:{name}", "--title", "Mine") == 0
        assert json.loads(capsys.readouterr().out)["info"] == {**document["info"], "title": "Mine"}
    assert here("openapi", "orders_apps:BARE") == 78
    assert "orders_apps:BARE writes no document: " in capsys.readouterr().err


def test_a_file_is_written_whole(orders: Any, here: Here, capsys: Captured, tmp_path: Path) -> None:
    assert here("openapi", "orders_app:ALL") == 0
    printed = capsys.readouterr().out
    assert here("openapi", "orders_app:ALL", "--output", "out.json") == 0
    assert capsys.readouterr().out == "wrote out.json\n"
    assert (tmp_path / "out.json").read_text() == printed
    assert here("openapi", "orders_app:ALL", "--output", "out.json", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"output": "out.json", "bytes": len(printed)}
    assert here("openapi", "orders_app:ALL", "--output", "missing/out.json") == 1
    assert "No such file or directory" in capsys.readouterr().err


def test_a_service_has_the_same_commands(orders: Any, capsys: Captured, tmp_path: Path) -> None:
    loaded: list[int] = []

    def load() -> list[HttpRouteSpec]:
        loaded.append(1)
        return list(orders.ALL)

    info = OpenApiInfo("Orders", "1.0")
    commands = [routes_command(load), openapi_command(load, info)]
    parser = build_parser(prog="orders", description="", commands=commands, json_output=True)
    assert not loaded
    assert dispatch(parser, ["routes", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == [
        "items.list",
        "items.create",
        "items.read",
    ]
    assert dispatch(parser, ["openapi"]) == 0
    assert json.loads(capsys.readouterr().out) == build_openapi(orders.ALL, info)
    assert dispatch(parser, ["openapi", "--output", "a.json"]) == 0
    assert json.loads((tmp_path / "a.json").read_text()) == build_openapi(orders.ALL, info)
    assert AuthMode.SERVICE.value == "service"
