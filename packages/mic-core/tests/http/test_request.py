from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._request import (
    LazyPairs,
    context_of,
    cookie_pairs,
    header_pairs_of,
    query_pairs,
    route_path,
)
from mic.http.context import request_state
from mic.http.correlation import CorrelationStart
from mic.http.principal import Principal


def scope(**fields: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": "/", "headers": [], **fields}


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        (b"", []),
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        (b"a=b+c&d=%2B%26", [("a", "b c"), ("d", "+&")]),
        (b"a&b=&=c&&", [("a", ""), ("b", ""), ("", "c")]),
        (b"a=%C3%A9&b=%ff", [("a", "é"), ("b", "\ufffd")]),
        (b"a=\xc3\xa9&b=\xff", [("a", "é"), ("b", "\ufffd")]),
        (b"a=1=2;3", [("a", "1=2;3")]),
    ],
)
def test_queries(raw: bytes, pairs: list[tuple[str, str]]) -> None:
    assert query_pairs(raw) == pairs


@given(st.binary(max_size=200))
def test_no_query_raises(raw: bytes) -> None:
    assert all(isinstance(value, str) for pair in query_pairs(raw) for value in pair)


def test_headers_are_lower_case_and_latin_1() -> None:
    assert header_pairs_of(scope(headers=[(b"X-A", b"\xe9")])) == [("x-a", "é")]


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        (b"a=1; b=2", [("a", "1"), ("b", "2")]),
        (b"a=%31", [("a", "%31")]),
        (b'a="x y"', [("a", "x y")]),
        (b'a="\\"\\054\\\\"', [("a", '",\\')]),
        (b'a="', [("a", '"')]),
        (b"novalue; =x; a=", [("a", "")]),
        (b"a=b=c", [("a", "b=c")]),
    ],
)
def test_cookies(line: bytes, pairs: list[tuple[str, str]]) -> None:
    assert cookie_pairs(scope(headers=[(b"x", b"y=z"), (b"cookie", line)])) == pairs


def test_a_hostile_cookie_is_read_in_linear_time() -> None:
    value = b'"' + b"\\" * 1_000_000 + b'"'
    ((_, text),) = cookie_pairs(scope(headers=[(b"cookie", b"a=" + value)]))
    assert text == "\\" * 500_000


def test_lazy_pairs_are_parsed_once_and_read_only() -> None:
    calls = []

    def read() -> list[tuple[str, str]]:
        calls.append(1)
        return [("a", "1"), ("a", "2"), ("b", "3")]

    last, joined = LazyPairs(read), LazyPairs(read, joined=True)
    assert calls == []
    assert (last["a"], joined["a"]) == ("2", "1, 2")
    assert (last["b"], len(last), list(last)) == ("3", 2, ["a", "b"])
    assert last.every("a") == ("1", "2")
    assert len(calls) == 2
    assert not isinstance(last, MutableMapping)


def test_the_representation_shows_no_value() -> None:
    assert repr(LazyPairs(lambda: [("cookie", "secret")])) == "<1 values: cookie>"


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/api/x", "/api", "/x"),
        ("/api", "/api", "/"),
        ("/apix", "/api", "/apix"),
        ("/x", "/api", "/x"),
        ("/x", "", "/x"),
    ],
)
def test_the_mount_point_is_taken_off_whole_segments_only(
    path: str, root: str, expected: str
) -> None:
    assert route_path(scope(path=path, root_path=root)) == expected


def test_a_context_tells_what_is_known() -> None:
    request = scope(
        path="/items/7",
        query_string=b"q=1",
        scheme="https",
        client=("192.0.2.1", 1),
        state={"db": 1},
        headers=[(b"cookie", b"a=1")],
    )
    state = request_state(request)
    state.principal = Principal("ann")
    state.correlation = CorrelationStart("c", "r", 0.0)
    state.path_params = {"id": "7"}
    context = context_of(request)
    assert (context.subject_id, context.correlation_id, context.request_id) == ("ann", "c", "r")
    assert (context.path, context.scheme, context.client_host) == ("/items/7", "https", "192.0.2.1")
    assert dict(context.query_params) == {"q": "1"}
    assert dict(context.cookies) == {"a": "1"}
    assert (context.path_param("id"), context.state["db"]) == ("7", 1)
    assert context.scope["path"] == "/items/7"


def test_a_bare_request_has_no_identity() -> None:
    context = context_of(scope(), None)
    assert (context.subject_id, context.client_host, context.request_id) == (None, None, None)
    assert dict(context.state) == {}
    with pytest.raises(TypeError, match="does not support item assignment"):
        context.scope["x"] = 1  # type: ignore[index]


def test_the_trusted_address_wins_over_the_peer() -> None:
    request = scope(client=("192.0.2.1", 1))
    request_state(request).client_host = "198.51.100.1"
    assert context_of(request, request_state(request)).client_host == "198.51.100.1"
