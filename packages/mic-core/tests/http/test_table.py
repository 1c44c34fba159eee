from typing import Any

import pytest

from mic.http.context import RequestState
from mic.http.route_spec import RouteDefinitionError
from mic.http.table import RouteTable, compile_routes, look_up


async def handler() -> None: ...


async def one(item_id: str) -> None: ...


@pytest.fixture
def table(make_route: Any) -> RouteTable:
    return compile_routes(
        (
            make_route(handler, "GET", "/items", name="list"),
            make_route(one, "GET", "/items/{item_id}", name="read"),
        )
    )


def test_a_match_has_route_and_parameters(table: RouteTable) -> None:
    match = table.match("GET", "/items/7")
    assert match is not None
    assert match.route is not None
    assert (match.route.spec.name, dict(match.path_params)) == ("read", {"item_id": "7"})
    assert repr(match.route) == "<CompiledRoute read: GET /items/{item_id}>"


def test_a_wrong_method_tells_the_right_ones(table: RouteTable) -> None:
    match = table.match("PUT", "/items")
    assert match is not None
    assert (match.route, match.allowed) == (None, ("GET", "HEAD", "OPTIONS"))


def test_an_unknown_path_is_nothing(table: RouteTable) -> None:
    assert table.match("GET", "/other") is None


def test_a_table_is_iterable_and_sized(table: RouteTable) -> None:
    assert [route.spec.name for route in table] == ["list", "read"]
    assert len(table) == 2


def test_urls_are_made_by_name(table: RouteTable) -> None:
    assert table.url_for("read", item_id="a b") == "/items/a%20b"
    with pytest.raises(LookupError, match="no route is named 'write'"):
        table.url_for("write")


def test_names_are_unique(make_route: Any) -> None:
    with pytest.raises(RouteDefinitionError, match="two routes are named 'same'"):
        compile_routes(
            (
                make_route(handler, path="/a", name="same"),
                make_route(handler, path="/b", name="same"),
            )
        )


def test_shapes_are_unique(make_route: Any) -> None:
    with pytest.raises(RouteDefinitionError, match="GET /a is declared twice"):
        compile_routes(
            (make_route(handler, path="/a", name="1"), make_route(handler, path="/a", name="2"))
        )


def test_a_request_is_looked_up_once_and_again_when_it_was_rewritten(table: RouteTable) -> None:
    scope: dict[str, Any] = {"method": "GET", "path": "/api/items"}
    state = RequestState()
    first = look_up(table, scope, state, prefix="/api")
    assert first is not None
    assert look_up(table, scope, state, prefix="/api") is first
    for changed in ({"path": "/api/items/7"}, {"method": "POST"}):
        scope.update(changed)
        again = look_up(table, scope, state, prefix="/api")
        assert again == table.match(scope["method"], scope["path"][4:])
    assert look_up(table, scope, state) is None
