from copy import deepcopy
from typing import Any

import pytest

from mic.http.adapter import compile_routes
from mic.http.context import request_state
from mic.litestar._group import Prefix, RouteGroup, enter, sent_path


def scope(path: str = "/", raw: bytes | None = None, root: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "root_path": root}
    return made if raw is None else {**made, "raw_path": raw}


@pytest.mark.parametrize(
    ("raw", "root", "path"),
    [
        (b"/a//b/", "", "/a//b/"),
        (b"/a%2Fb", "", "/a/b"),
        (b"/%C3%BC", "", "/ü"),
        ("/ü".encode(), "", "/ü"),
        (b"/%FF", "", "/\ufffd"),
        (b"/a?b=c", "", "/a"),
        (b"/m/a", "/m", "/a"),
        (b"/m/a", "/m/", "/a"),
        (b"/m", "/m", "/"),
        (b"/mount", "/m", "/mount"),
        (b"/a", "/m", "/a"),
    ],
)
def test_the_path_is_what_was_sent_less_the_mount_point(raw: bytes, root: str, path: str) -> None:
    assert sent_path(scope("/folded", raw, root)) == path


@pytest.mark.parametrize("raw", [None, b""])
def test_without_a_raw_path_litestars_view_stands(raw: bytes | None) -> None:
    assert sent_path(scope("/folded", raw)) == "/folded"


@pytest.mark.parametrize(
    ("layers", "path", "rest"),
    [
        (["/"], "/items", "/items"),
        (["/", "/api", "/"], "/api/items", "/items"),
        (["/api/v1"], "/api/v1", ""),
        (["/api"], "/other", None),
        (["/api"], "//api/items", None),
        (["/t/{tenant:str}"], "/t/acme/items", "/items"),
        (["/t/{tenant:str}", "/x.y"], "/t/acme/x.y/items", "/items"),
        (["/t/{tenant:str}", "/x.y"], "/t/acme/xzy/items", None),
        (["/t/{tenant:str}"], "/t//items", None),
    ],
)
def test_a_prefix_is_taken_off(layers: list[str], path: str, rest: str | None) -> None:
    assert Prefix(layers).strip(path) == rest


def test_a_prefix_is_written_as_templates_are() -> None:
    assert Prefix(["/", "/t/{tenant:str}", "x"]).text == "/t/{tenant}/x"
    assert Prefix(["/"]).text == ""


def test_a_group_stays_one_object_when_routers_are_copied(spec: Any) -> None:
    group = RouteGroup(compile_routes([spec("GET", "/items")]))
    assert deepcopy([group])[0] is group


def test_a_group_finds_nothing_under_another_prefix(spec: Any) -> None:
    group = RouteGroup(compile_routes([spec("GET", "/items")]))
    assert group.match(scope(raw=b"/items"), Prefix(["/api"])) is None
    found = group.match(scope(raw=b"/api/items"), Prefix(["/api"]))
    assert found is not None
    assert found.route is not None


@pytest.mark.parametrize(("known", "label"), [(None, "/api/items/{n}"), ("/before", "/before")])
def test_the_state_is_told_route_parameters_and_label(
    spec: Any, known: str | None, label: str
) -> None:
    group = RouteGroup(compile_routes([spec("GET", "/items/{n}")]))
    prefix = Prefix(["/api"])
    made = scope(raw=b"/api/items/7")
    request_state(made).label = known
    match = group.match(made, prefix)
    assert match is not None
    assert match.route is not None
    enter(made, match, match.route, prefix)
    state = request_state(made)
    assert (state.route, state.path_params, state.label) == (match.route.spec, {"n": "7"}, label)
