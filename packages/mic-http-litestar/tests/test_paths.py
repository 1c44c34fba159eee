from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mic.http.adapter import compile_routes
from mic.http.asgi import build_asgi_app
from mic.http.request_context import HttpRequestContext
from mic.http.route_spec import HttpRouteSpec, RouteDefinitionError
from mic.litestar import build_litestar_app
from mic.litestar._paths import Place, places_of
from mic.testing.route_client import AsyncRouteClient, ClientOptions


def client(app: Any, **settings: Any) -> AsyncRouteClient:
    """A client of an app; Litestar's types of scope and messages are stricter than ASGI's."""
    return AsyncRouteClient.for_app(app, settings=ClientOptions(**settings))


def route(method: Any, path: str) -> HttpRouteSpec:
    name = f"{method} {path}"

    async def tell(context: HttpRequestContext) -> list[Any]:
        return [name, dict(context.path_params)]

    return HttpRouteSpec(method, path, name, "test", tell)


def places(*routes: tuple[Any, str]) -> list[tuple[str, str, str | None]]:
    found = places_of(compile_routes(route(*each) for each in routes))
    return [
        (place.method, place.path, None if place.route is None else place.route.spec.name)
        for place in found
    ]


def test_a_route_has_its_place_and_hidden_ones_for_head_and_options() -> None:
    assert places(("GET", "/items/{id:int}")) == [
        ("OPTIONS", "/items/{id:str}", None),
        ("GET", "/items/{id:str}", "GET /items/{id:int}"),
        ("HEAD", "/items/{id:str}", None),
    ]


def test_declared_head_and_options_take_the_hidden_places() -> None:
    assert places(("GET", "/"), ("HEAD", "/"), ("OPTIONS", "/")) == [
        ("OPTIONS", "/", "OPTIONS /"),
        ("GET", "/", "GET /"),
        ("HEAD", "/", "HEAD /"),
    ]


def test_options_come_first_because_litestar_would_add_its_own() -> None:
    methods = [method for method, _, _ in places(("GET", "/a"), ("POST", "/b"), ("PUT", "/c"))]
    assert methods[:3] == ["OPTIONS"] * 3
    assert "OPTIONS" not in methods[3:]


def test_a_static_path_takes_the_methods_of_a_template_that_fits_it_too() -> None:
    found = places(("DELETE", "/items/{id}"), ("GET", "/items/search"))
    assert ("DELETE", "/items/search", None) in found


def test_a_static_segment_that_hides_a_parameter_gets_an_alias() -> None:
    found = places(("GET", "/a/{x}/c"), ("GET", "/a/b/d/{y}"))
    assert ("GET", "/a/b/c", None) in found


def test_an_alias_may_need_an_alias() -> None:
    found = places(("GET", "/{x}/{y}/c"), ("GET", "/a/{y}/d/{z}"), ("GET", "/a/b/e/{z}"))
    assert ("GET", "/a/{mic_1:str}/c", None) in found
    assert ("GET", "/a/b/c", None) in found


def test_static_text_beside_a_path_parameter_gets_aliases() -> None:
    found = places(("GET", "/f/{rest:path}"), ("GET", "/f/x/{y}/w"))
    assert ("GET", "/f/x", None) in found
    assert ("GET", "/f/x/{mic_2:path}", None) in found


def test_templates_that_litestar_cannot_tell_apart_share_a_place() -> None:
    found = places(("GET", "/items/{id:int}"), ("GET", "/items/{id}"))
    assert [each for each in found if each[0] == "GET"] == [
        ("GET", "/items/{id:str}", "GET /items/{id:int}")
    ]


def test_paths_that_differ_in_names_of_parameters_keep_their_own_documentation() -> None:
    assert places(("GET", "/items/{id}"), ("DELETE", "/items/{other}")) == [
        ("OPTIONS", "/items/{id:str}", None),
        ("OPTIONS", "/items/{other:str}", None),
        ("DELETE", "/items/{other:str}", "DELETE /items/{other}"),
        ("GET", "/items/{id:str}", "GET /items/{id}"),
        ("HEAD", "/items/{id:str}", None),
    ]


def test_empty_segments_are_folded_as_litestar_folds_them() -> None:
    assert {path for _, path, _ in places(("GET", "/a//b/"))} == {"/a/b"}


def test_a_place_is_a_value() -> None:
    assert Place("/", "GET", None) == Place("/", "GET", None)


SEGMENTS = st.sampled_from(["a", "b", "{x}", "{y}", "{n:int}", ""])
TEMPLATES = st.builds(
    lambda parts, tail: "/" + "/".join([*parts, *tail]),
    st.lists(SEGMENTS, max_size=3),
    st.sampled_from([[], [], [], ["{rest:path}"]]),
)
ROUTES = st.lists(
    st.tuples(st.sampled_from(["GET", "POST", "DELETE", "OPTIONS"]), TEMPLATES),
    min_size=1,
    max_size=6,
)
PATHS = st.lists(st.sampled_from(["a", "b", "7", "c", "", "a%2Fb"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
REQUESTS = st.lists(
    st.tuples(st.sampled_from(["GET", "HEAD", "POST", "DELETE", "OPTIONS"]), PATHS),
    min_size=1,
    max_size=12,
)


@settings(max_examples=120, deadline=None)
@given(ROUTES, REQUESTS)
async def test_litestar_answers_as_the_bare_app_whatever_the_table(
    declared: list[tuple[str, str]], requests: list[tuple[str, str]]
) -> None:
    specs: list[HttpRouteSpec] = []
    for method, path in declared:
        try:
            compile_routes([*specs, route(method, path)])
        except RouteDefinitionError:
            continue
        specs.append(route(method, path))
    bare = client(build_asgi_app(routes=specs), raise_errors=False)
    app = build_litestar_app(routes=specs, stack=None, openapi_config=None)
    adapted = client(app, raise_errors=False)
    for method, path in requests:
        expected = await bare.request(method, path)
        given = await adapted.request(method, path)
        assert (given.status_code, given.headers, given.body) == (
            expected.status_code,
            expected.headers,
            expected.body,
        )


@pytest.mark.parametrize("path", ["/items", "/items/", "//items", "/items/7", "/no"])
async def test_the_bare_app_and_litestar_agree_on_a_plain_table(path: str) -> None:
    specs = [route("GET", "/items"), route("POST", "/items/{n:int}")]
    bare = await client(build_asgi_app(routes=specs)).get(path)
    given = await client(build_litestar_app(routes=specs, stack=None)).get(path)
    assert (given.status_code, given.body) == (bare.status_code, bare.body)
