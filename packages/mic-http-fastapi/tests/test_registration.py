from typing import Any

import pytest
from fastapi import FastAPI

from mic.fastapi._registration import make_router
from mic.http import HttpRouteSpec


def spec(method: Any, path: str) -> HttpRouteSpec:
    return HttpRouteSpec(method, path, f"{method}.{path}", "test", lambda: method)


def shown(routes: list[HttpRouteSpec]) -> list[tuple[str, str, bool]]:
    """What FastAPI sees: method, path, and whether it stands in documents."""
    router: Any = make_router(routes=routes, options=None, prefix="/p")
    return [(route.method, route.path, route.include_in_schema) for route in router.routes]


def test_every_get_has_a_hidden_head_and_every_path_a_hidden_options() -> None:
    assert shown([spec("GET", "/a"), spec("POST", "/a"), spec("PUT", "/b")]) == [
        ("GET", "/p/a", True),
        ("POST", "/p/a", True),
        ("PUT", "/p/b", True),
        ("HEAD", "/p/a", False),
        ("OPTIONS", "/p/a", False),
        ("OPTIONS", "/p/b", False),
    ]


def test_declared_ones_are_not_hidden_behind_others() -> None:
    assert shown([spec("GET", "/a"), spec("HEAD", "/a"), spec("OPTIONS", "/a")]) == [
        ("GET", "/p/a", True),
        ("HEAD", "/p/a", True),
        ("OPTIONS", "/p/a", True),
    ]


@pytest.mark.parametrize("prefix", ["p", "/p/", "/"])
def test_a_prefix_begins_with_a_slash_and_does_not_end_with_one(prefix: str) -> None:
    with pytest.raises(ValueError, match="must begin with '/'"):
        make_router(routes=[], options=None, prefix=prefix)


def test_one_router_serves_several_apps() -> None:
    router = make_router(routes=[spec("GET", "/a")], options=None)
    for prefix in ("/one", "/two"):
        app = FastAPI()
        app.include_router(router, prefix=prefix)
        assert str(app.url_path_for("GET./a")) == f"{prefix}/a"
