from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, Router, post

from mic.http.route_spec import HttpRouteSpec
from mic.litestar import build_litestar_router
from mic.litestar._refused import allowed_methods

Spec = Callable[..., HttpRouteSpec]


def allowed(app: Litestar, path: str, *listed: str, root: str = "") -> set[str]:
    scope = {
        "type": "http",
        "method": "PUT",
        "path": root + path,
        "raw_path": (root + path).encode(),
        "root_path": root,
    }
    return set(allowed_methods(app, scope, frozenset(listed)))


@pytest.mark.parametrize("root", ["", "/mount"])
def test_only_what_stands_at_the_path_as_sent_counts(root: str, spec: Spec) -> None:
    @post("/items")
    async def native() -> None:
        return None

    router = build_litestar_router(routes=[spec("GET", "/items", "r")])
    other = build_litestar_router(routes=[spec("DELETE", "/other", "o")])
    app = Litestar([router, Router("/v2", route_handlers=[other]), native], logging_config=None)
    listed = ("GET", "HEAD", "OPTIONS", "POST")
    assert allowed(app, "/items", *listed, root=root) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert allowed(app, "/items/", *listed, root=root) == {"POST"}
    assert allowed(app, "/v2/other", "DELETE", "OPTIONS", root=root) == {"DELETE", "OPTIONS"}
    assert allowed(app, "/v2//other", "DELETE", "OPTIONS", root=root) == set()


def test_what_a_route_of_ours_refused_stands(spec: Spec) -> None:
    app = Litestar([], logging_config=None)
    scope: dict[str, Any] = {"route_handler": object()}
    assert allowed_methods(app, scope, frozenset({"GET"})) == {"GET"}
