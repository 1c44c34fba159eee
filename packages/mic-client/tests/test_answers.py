from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.client._answers import error_of, is_about, retry_after_of, unusable
from mic.model import error_factories


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 12 ", 12),
        ("9" * 30, 366 * 86_400),
        ("-1", None),
        ("1.5", None),
        ("\u0663", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86_400),
        ("Fri, 99 Dec 2030 23:59:59 GMT", None),
        ("Fri, 31 Dec 2030 23:59:59 +9999999999", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_of(value) == seconds


@given(st.text(max_size=80))
def test_retry_after_never_raises(value: str) -> None:
    found = retry_after_of(value)
    assert found is None or 0 <= found <= 366 * 86_400


def test_what_the_body_says_of_retrying(problem: Callable[..., httpx.Response]) -> None:
    def said(response: httpx.Response) -> bool | None:
        return error_of(response, response.content, "", error_factories(()))[1]

    assert said(problem(409, "a.b", retryable=True)) is True
    assert said(problem(409, "a.b", retryable=False)) is False
    assert said(problem(409, "a.b", retryable="yes")) is None
    assert said(problem(409, "a.b")) is None
    assert said(httpx.Response(409, json={"retryable": True})) is None


def test_whom_an_error_is_about() -> None:
    request = httpx.Request("GET", "http://stock.example/")
    response = httpx.Response(200, request=request)
    assert is_about(httpx.DecodingError("x", request=request), response)
    assert not is_about(httpx.DecodingError("x"), response)
    other: Any = httpx.Request("GET", "http://stock.example/")
    assert not is_about(httpx.DecodingError("x", request=other), response)


def test_an_answer_that_cannot_be_used() -> None:
    error = unusable("is no JSON", status=200)
    assert (error.message, error.details) == (
        "the answer of the upstream service is no JSON",
        {"status_code": 200},
    )
    assert unusable("is no JSON").details == {}
