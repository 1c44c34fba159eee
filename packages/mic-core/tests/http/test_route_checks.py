import threading
from typing import Any, NoReturn

import pytest

from mic.http._run import compile_route
from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import RouteDefinitionError
from mic.model import ConflictError


async def nothing() -> None: ...


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"method": "BREW"}, "method must be one of"),
        ({"run_in_thread": False}, "run_in_thread cannot apply to an async handler"),
        ({"timeout_seconds": 0.0}, "timeout_seconds must be above 0"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds must be above 0"),
        ({"max_body_bytes": 0}, "max_body_bytes must be at least 1"),
        ({"success_status": 404}, r"success_status must be 200\.\.299"),
        ({"response_model": threading.Lock}, "cannot read the response model"),
    ],
)
def test_an_option_that_cannot_apply_is_refused(
    make_route: Any, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RouteDefinitionError, match=reason):
        compile_route(make_route(nothing, **options))


def test_generators_are_refused_with_the_way_out(make_route: Any) -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        yield b""

    def sync_chunks():  # type: ignore[no-untyped-def]
        yield b""

    for handler in (chunks, sync_chunks):
        with pytest.raises(RouteDefinitionError, match=r"return HttpResponseSpec\.streaming"):
            compile_route(make_route(handler))


def test_a_guard_is_asked_about_the_route_when_it_is_compiled(make_route: Any) -> None:
    class Picky:
        def __call__(self, context: HttpRequestContext) -> None: ...

        def check_route(self, parameters: frozenset[str]) -> None:
            if "tenant" not in parameters:
                raise ValueError("needs a tenant")

    async def handler(tenant: str) -> None: ...

    assert compile_route(make_route(handler, guards=(Picky(),))).parameters
    with pytest.raises(RouteDefinitionError, match="needs a tenant"):
        compile_route(make_route(nothing, guards=(Picky(),)))


async def test_a_handler_that_never_returns_has_no_model(make_route: Any, call: Any) -> None:
    async def refuse() -> NoReturn:
        raise ConflictError(code="a.b", message="m")

    route = compile_route(make_route(refuse))
    assert route.response_model is None
    assert (await call(route)).status == 409
