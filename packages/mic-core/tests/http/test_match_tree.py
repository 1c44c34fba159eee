from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._match_tree import DuplicateRouteError, MatchTree
from mic.http._templates import PATTERNS, Template, parse_template


def tree(*routes: str) -> MatchTree[str]:
    parsed = [route.split(" ") for route in routes]
    return MatchTree([(method, parse_template(path), path) for method, path in parsed])


def found(matcher: MatchTree[str], method: str, path: str) -> tuple[str, dict[str, str]]:
    match = matcher.find(method, path)
    assert match is not None
    return match


OVERLAPPING = (
    "GET /a/b",
    "GET /a/{x:int}",
    "GET /a/{x:uuid}",
    "GET /a/{x}",
    "GET /a/{rest:path}",
    "GET /{x}/c",
)


@pytest.mark.parametrize("order", list(permutations(OVERLAPPING))[::97])
def test_the_most_specific_template_wins_in_any_order(order: tuple[str, ...]) -> None:
    matcher = tree(*order)
    assert found(matcher, "GET", "/a/b") == ("/a/b", {})
    assert found(matcher, "GET", "/a/7") == ("/a/{x:int}", {"x": "7"})
    assert found(matcher, "GET", "/a/x") == ("/a/{x}", {"x": "x"})
    assert found(matcher, "GET", "/a/x/y") == ("/a/{rest:path}", {"rest": "x/y"})
    assert found(matcher, "GET", "/b/c") == ("/{x}/c", {"x": "b"})


def test_a_dead_end_is_left_again() -> None:
    matcher = tree("GET /a/b/x", "GET /a/{y}/z", "GET /{rest:path}")
    assert found(matcher, "GET", "/a/b/z") == ("/a/{y}/z", {"y": "b"})
    assert found(matcher, "GET", "/a/b/q") == ("/{rest:path}", {"rest": "a/b/q"})


def test_a_route_for_the_method_wins_over_a_closer_one_without_it() -> None:
    matcher = tree("POST /items/special", "GET /items/{id}")
    assert found(matcher, "GET", "/items/special") == ("/items/{id}", {"id": "special"})


def test_allowed_methods_are_the_union_of_all_templates_that_fit() -> None:
    matcher = tree("POST /items/special", "GET /items/{id}", "PUT /{rest:path}", "PATCH /a/{x}/c")
    assert matcher.find("DELETE", "/items/special") is None
    assert matcher.methods("/items/special") == ("GET", "HEAD", "OPTIONS", "POST", "PUT")
    assert matcher.methods("/a/b/c") == ("OPTIONS", "PATCH", "PUT")


@pytest.mark.parametrize("path", ["/a/", "//a", "/a//b", "", "a", "/b/c", "/x/", "/x"])
def test_a_path_that_no_template_fits_has_no_methods(path: str) -> None:
    assert tree("GET /a", "GET /a/b", "GET /x/{a}", "GET /x/{a:path}").methods(path) == ()


def test_values_belong_to_their_own_parameters() -> None:
    matcher = tree("GET /{a}/x/{b:int}/{c:path}", "GET /{a}/{b}/{c}/{d}/z")
    assert found(matcher, "GET", "/1/x/2/3/4")[1] == {"a": "1", "b": "2", "c": "3/4"}
    assert found(matcher, "GET", "/1/x/y/3/z")[1] == {"a": "1", "b": "x", "c": "y", "d": "3"}


def test_get_serves_head_unless_head_is_declared() -> None:
    assert found(tree("GET /a"), "HEAD", "/a")[0] == "/a"
    both = MatchTree([(m, parse_template("/a"), m) for m in ("GET", "HEAD")])
    assert found(both, "HEAD", "/a")[0] == "HEAD"


@pytest.mark.parametrize("path", ["/a/", "//a", "/a//b", "", "a", "/b", "/a/b/c", "/a/%62"])
def test_matching_is_exact(path: str) -> None:
    assert tree("GET /a", "GET /a/b").find("GET", path) is None


@pytest.mark.parametrize("path", ["/x/", "/x//y", "/x"])
def test_values_are_never_empty(path: str) -> None:
    assert tree("GET /x/{a}", "GET /x/{a:path}").find("GET", path) is None


@pytest.mark.parametrize(
    "routes",
    [("GET /a", "GET /a"), ("GET /{x}", "GET /{y}"), ("GET /a", "POST /a/")],
)
def test_colliding_routes_are_refused(routes: tuple[str, ...]) -> None:
    with pytest.raises(DuplicateRouteError, match=r"declared twice|trailing slash"):
        tree(*routes)


def test_the_root_and_a_declared_trailing_slash_are_paths_of_their_own() -> None:
    matcher = tree("GET /", "GET /a/")
    assert found(matcher, "GET", "/")[0] == "/"
    assert found(matcher, "GET", "/a/")[0] == "/a/"
    assert matcher.find("GET", "/a") is None


SEGMENTS = st.sampled_from(["a", "b", "7", "{x}", "{x:int}", "{x:float}"])
PATHS = st.lists(st.sampled_from(["a", "b", "7", "1.5", "", "é"]), min_size=1, max_size=4)


def fits(template: Template, path: str) -> bool:
    parts = path[1:].split("/")
    if len(parts) != len(template.segments):
        return False
    return all(
        segment.text == part
        if segment.kind is None
        else bool(part) and PATTERNS[segment.kind].fullmatch(part) is not None
        for segment, part in zip(template.segments, parts, strict=True)
    )


@given(st.lists(st.lists(SEGMENTS, min_size=1, max_size=3), min_size=1, max_size=6), PATHS)
def test_a_path_matches_exactly_when_a_template_fits(
    templates: list[list[str]], parts: list[str]
) -> None:
    texts = {
        "/" + "/".join(s.replace("x", f"p{i}") for i, s in enumerate(segments))
        for segments in templates
    }
    by_shape = {parse_template(text).shape: text for text in texts}
    routes = [(f"GET {text}") for text in by_shape.values()]
    path = "/" + "/".join(parts)
    fitting = [text for text in by_shape.values() if fits(parse_template(text), path)]
    match = tree(*routes).find("GET", path)
    assert (match is not None) == bool(fitting)
    assert tree(*routes).methods(path) == (("GET", "HEAD", "OPTIONS") if fitting else ())
    if match is not None:
        text, values = match
        assert text in fitting
        # the values, put into the template, give the path back
        assert path == "/" + "/".join(
            segment.text if segment.kind is None else values[segment.text]
            for segment in parse_template(text).segments
        )
