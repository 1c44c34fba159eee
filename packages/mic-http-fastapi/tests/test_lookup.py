from typing import Any

import pytest

from mic.fastapi._lookup import look_up
from mic.fastapi._prefix import Prefix
from mic.http import HttpRouteSpec, compile_routes


def scope_of(method: str, path: str, root_path: str = "") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "root_path": root_path}


TABLE = compile_routes([HttpRouteSpec("GET", "/items/{key}", "get", "test", lambda key: key)])
OTHER = compile_routes([HttpRouteSpec("GET", "/{rest:path}", "all", "test", lambda rest: rest)])


def test_the_answer_is_kept_while_the_question_is_the_same() -> None:
    scope = scope_of("GET", "/api/items/a")
    first = look_up(scope, TABLE, Prefix("/api"))
    assert look_up(scope, TABLE, Prefix("/api")) is first
    assert first.values == {"key": "a"}


@pytest.mark.parametrize(
    "change",
    [{"path": "/api/items/b"}, {"method": "PUT"}, {"root_path": "/api"}],
)
def test_another_question_is_asked_anew(change: dict[str, str]) -> None:
    scope = scope_of("GET", "/api/items/a")
    first = look_up(scope, TABLE, Prefix("/api"))
    scope.update(change)
    assert look_up(scope, TABLE, Prefix("/api")) is not first


def test_another_table_or_prefix_is_asked_anew() -> None:
    scope = scope_of("GET", "/api/items/a")
    first = look_up(scope, TABLE, Prefix("/api"))
    assert look_up(scope, OTHER, Prefix("/api")).values == {"rest": "items/a"}
    assert look_up(scope, TABLE, Prefix("")).match is None
    assert first.match is not None


def test_what_somebody_else_left_in_the_scope_is_not_believed() -> None:
    scope = scope_of("GET", "/items/a")
    scope["mic.fastapi.lookup"] = "hostile"
    assert look_up(scope, TABLE, Prefix("")).values == {"key": "a"}
