import pytest

from mic.http import route_spec
from mic.http.route_spec import AuthMode, HttpRouteSpec


def handler() -> None: ...


def test_the_published_positions_hold() -> None:
    spec = HttpRouteSpec("GET", "/", "n", "c", handler, "s", ("t",), AuthMode.USER)
    assert (spec.method, spec.path, spec.name, spec.category) == ("GET", "/", "n", "c")
    assert (spec.summary, spec.tags, spec.auth) == ("s", ("t",), AuthMode.USER)


def test_a_spec_is_frozen_and_hashable_whatever_its_metadata() -> None:
    spec = HttpRouteSpec("GET", "/", "n", "c", handler, metadata={"limit": ["x"]})
    assert len({spec, spec}) == 1
    with pytest.raises(AttributeError, match="cannot assign"):
        spec.path = "/x"  # type: ignore[misc]


def test_what_is_new_is_keyword_only() -> None:
    with pytest.raises(TypeError, match="positional arguments"):
        HttpRouteSpec("GET", "/", "n", "c", handler, "s", (), AuthMode.USER, "d")  # type: ignore[call-arg]


def test_the_other_specs_are_importable_from_here() -> None:
    for name in route_spec.__all__:
        assert hasattr(route_spec, name)
