from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from mic.testing import RouteResponse
from mic.testing.contracts.http_corpus import APPS, Case, comparable

_PROBLEM: dict[str, Any] = {
    "type": "urn:mic:error:x.y",
    "title": "Bad Request",
    "status": 400,
    "detail": "m",
    "success": False,
    "code": "x.y",
    "message": "m",
    "details": {},
    "retryable": False,
    "errors": [{"in": "query", "pointer": "/n", "message": "m", "type": "missing"}],
}
_CASE = Case("GET", "/", 400, "x.y", errors=["query /n missing"])


def _answer(status: int = 400, body: bytes | None = None, **problem: Any) -> RouteResponse:
    if body is None:
        body = json.dumps({**_PROBLEM, **problem}).encode()
    return RouteResponse(status, ((b"content-type", b"application/problem+json"),), body)


def test_the_right_answer_passes() -> None:
    _CASE.verify(_answer())
    Case("GET", "/", 200, body=b"x", headers={"X-A": "1", "x-b": None}).verify(
        RouteResponse(200, ((b"x-a", b"1"),), b"x")
    )
    Case("HEAD", "/", 400, "x.y").verify(RouteResponse(400, (), b""))
    Case("GET", "/", 200, aborted=True).verify(RouteResponse(200, (), b"x", complete=False))
    Case("GET", "/", 499).verify(RouteResponse(499, (), b"", answered=False, complete=False))


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        (_CASE, _answer(status=500)),
        (_CASE, _answer(code="x.z")),
        (_CASE, _answer(success=True)),
        (_CASE, _answer(status_code=1, errors=[])),
        (_CASE, _answer(message="canary")),
        (_CASE, replace(_answer(), raw_headers=((b"content-type", b"application/json"),))),
        (_CASE, replace(_answer(), complete=False)),
        (_CASE, _answer(body=b'{"code":"x.y","status":400,"success":false}')),
        (Case("GET", "/", 200, body=b"x"), RouteResponse(200, (), b"y")),
        (Case("GET", "/", 200, headers={"x-a": None}), RouteResponse(200, ((b"x-a", b"1"),), b"")),
        (Case("GET", "/", 200, headers={"x-a": "1"}), RouteResponse(200, (), b"")),
        (Case("GET", "/", 200, aborted=True), RouteResponse(200, (), b"")),
    ],
)
def test_a_wrong_answer_is_told(case: Case, answer: RouteResponse) -> None:
    with pytest.raises((AssertionError, KeyError), match=r".*"):
        case.verify(answer)


def test_what_is_made_anew_is_compared_by_its_presence() -> None:
    first = RouteResponse(200, ((b"x-request-id", b"1"), (b"x-a", b"1")), b"")
    assert comparable(first) == comparable(
        replace(first, raw_headers=((b"x-request-id", b"2"), (b"x-a", b"1")))
    )
    others: list[dict[str, Any]] = [
        {"raw_headers": ((b"x-a", b"1"), (b"x-request-id", b"1"))},
        {"raw_headers": ((b"x-a", b"1"),)},
        {"raw_headers": ((b"x-request-id", b"1"), (b"x-a", b"2"))},
        {"status_code": 201},
        {"body": b"x"},
        {"complete": False},
        {"answered": False},
    ]
    for other in others:
        assert comparable(first) != comparable(replace(first, **other))


def test_the_test_id_says_what_is_asked() -> None:
    assert str(Case("GET", "/a", 200, why="because")) == "GET /a because"
    assert str(Case("GET", "/" + "x" * 60, 200)) == "GET /" + "x" * 39 + "..."


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_no_case_is_there_twice(app: Any) -> None:
    seen = Counter(repr((case, case.settings)) for case in app.cases)
    assert [case for case, times in seen.items() if times > 1] == []


def test_the_corpus_is_as_large_as_it_claims() -> None:
    assert sum(len(app.cases) for app in APPS) > 600
    assert {case.method for app in APPS for case in app.cases} >= {
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "HEAD",
        "OPTIONS",
    }
