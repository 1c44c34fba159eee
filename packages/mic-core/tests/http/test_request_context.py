import pytest

from mic.http._request import LazyPairs
from mic.http.request_context import HttpRequestContext, MultiMapping


def test_a_context_by_hand_needs_nothing() -> None:
    context = HttpRequestContext()
    assert (context.method, context.path, dict(context.headers)) == ("GET", "/", {})
    with pytest.raises(AttributeError, match="cannot assign"):
        context.method = "POST"  # type: ignore[misc]


def test_headers_are_found_in_any_case() -> None:
    context = HttpRequestContext({"X-Tenant": "a", "etag": "b"})
    assert (context.header("x-tenant"), context.header("ETag")) == ("a", "b")
    assert context.header("absent") is None
    assert context.header("absent", default="d") == "d"


def test_the_other_lookups_take_defaults() -> None:
    context = HttpRequestContext(
        cookies={"c": "1"}, path_params={"p": "2"}, query_params={"q": "3"}
    )
    assert (context.cookie("c"), context.path_param("p"), context.query_param("q")) == (
        "1",
        "2",
        "3",
    )
    assert (
        context.cookie("x", default="d"),
        context.path_param("x"),
        context.query_param("x"),
    ) == (
        "d",
        None,
        None,
    )


def test_lists_give_every_value_where_they_are_known() -> None:
    pairs = LazyPairs(lambda: [("a", "1"), ("a", "2")])
    context = HttpRequestContext(headers=pairs, query_params=pairs)
    assert (context.header_list("A"), context.query_list("a")) == (("1", "2"), ("1", "2"))


def test_lists_of_plain_mappings_have_one_value() -> None:
    context = HttpRequestContext({"A": "1"}, query_params={"q": "2"})
    assert (context.header_list("a"), context.query_list("q")) == (("1",), ("2",))
    assert (context.header_list("b"), context.query_list("b")) == ((), ())


def test_a_multi_mapping_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        MultiMapping()  # type: ignore[abstract]
