from __future__ import annotations

import pytest

from mic.testing._http.response import RouteResponse

_ANSWER = RouteResponse(
    200,
    (
        (b"Content-Type", b"text/plain"),
        (b"x-two", b"1"),
        (b"x-two", b"\xe9"),
        (b"set-cookie", b"a=1; HttpOnly; Path=/"),
        (b"set-cookie", b'b="x y"'),
        (b"set-cookie", b"a=2"),
    ),
    b'{"a":1}',
)


def test_headers_are_in_order_and_found_in_any_case() -> None:
    assert _ANSWER.headers[:3] == (("Content-Type", "text/plain"), ("x-two", "1"), ("x-two", "é"))
    assert _ANSWER.header("content-TYPE") == "text/plain"
    assert _ANSWER.header_list("X-Two") == ("1", "é")
    assert _ANSWER.header("absent") is None
    assert _ANSWER.header_list("absent") == ()


def test_one_value_of_a_header_that_came_twice_is_refused() -> None:
    with pytest.raises(AssertionError, match="header x-two was sent 2 times"):
        _ANSWER.header("x-two")


def test_cookies_are_name_and_value() -> None:
    assert _ANSWER.cookies == {"a": "2", "b": "x y"}


def test_the_body_as_text_and_json() -> None:
    assert _ANSWER.text == '{"a":1}'
    assert _ANSWER.json() == {"a": 1}


def test_an_answer_is_complete_unless_said() -> None:
    assert (_ANSWER.answered, _ANSWER.complete, _ANSWER.error) == (True, True, None)
