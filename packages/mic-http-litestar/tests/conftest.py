from collections.abc import Callable
from typing import Any

import pytest

from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import HttpRouteSpec

Spec = Callable[..., HttpRouteSpec]


@pytest.fixture
def spec() -> Spec:
    """Makes a route whose handler tells its name and what it was matched with."""

    def make(method: Any, path: str, name: str | None = None, **options: Any) -> HttpRouteSpec:
        own = name or f"{method} {path}"

        async def tell(context: HttpRequestContext) -> list[Any]:
            return [own, dict(context.path_params)]

        return HttpRouteSpec(method, path, own, "test", options.pop("handler", tell), **options)

    return make
