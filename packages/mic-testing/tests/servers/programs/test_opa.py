from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mic.testing.servers._programs.hosting import Answer, Request
from mic.testing.servers._programs.opa import Opa

SIMPLE = "package a\nimport rego.v1\nallow if input.n == data.limit\nmissing if input.none\n"


class Caller:
    def __init__(self, store: Path) -> None:
        self.opa = Opa(store)

    def __call__(self, method: str, path: str, body: Any = b"") -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        words = tuple(each for each in path.split("/") if each)
        answer: Answer = self.opa.respond(Request(method, words, "", {}, data))
        return answer.status, answer.body


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "store.json")


def test_health(call: Caller) -> None:
    assert call("GET", "/health") == (200, {})


def test_a_document_is_defined_or_not(call: Caller) -> None:
    assert call("PUT", "/v1/policies/one/two", SIMPLE.encode()) == (200, {})
    assert call("PUT", "/v1/data/limit", 5) == (204, b"")
    assert call("POST", "/v1/data/a/allow", {"input": {"n": 5}}) == (200, {"result": True})
    assert call("POST", "/v1/data/a/allow", {"input": {"n": 6}}) == (200, {})
    assert call("POST", "/v1/data/a/allow") == (200, {})
    assert call("GET", "/v1/data/limit") == (200, {"result": 5})
    assert call("GET", "/v1/data/no/such") == (200, {})
    call("PUT", "/v1/data/a/base", 6)
    assert call("POST", "/v1/data", {"input": {"n": 5}}) == (
        200,
        {"result": {"limit": 5, "a": {"allow": True, "base": 6}}},
    )


def test_false_is_not_undefined(call: Caller) -> None:
    call("PUT", "/v1/policies/one", b"package a\nimport rego.v1\ndefault x := false\n")
    assert call("GET", "/v1/data/a/x") == (200, {"result": False})


def test_a_policy_is_given_back_and_removed(call: Caller) -> None:
    call("PUT", "/v1/policies/one", SIMPLE.encode())
    assert call("GET", "/v1/policies/one") == (200, {"result": {"id": "one", "raw": SIMPLE}})
    assert call("DELETE", "/v1/policies/one") == (200, {})
    assert call("DELETE", "/v1/policies/one")[0] == 404
    assert call("GET", "/v1/policies/one")[1]["code"] == "resource_not_found"


def test_a_policy_that_does_not_compile_is_refused(call: Caller) -> None:
    status, body = call("PUT", "/v1/policies/one", b"package a\nallow if {")
    assert (status, body["code"]) == (400, "invalid_parameter")
    assert body["errors"] == [{"code": "rego_parse_error", "message": "this is unclosed"}]
    assert call("GET", "/v1/policies/one")[0] == 404


def test_an_evaluation_that_fails_is_an_internal_error(call: Caller) -> None:
    call(
        "PUT",
        "/v1/policies/one",
        b"package a\nimport rego.v1\nx := 1 if input.a\nx := 2 if input.b",
    )
    status, body = call("POST", "/v1/data/a/x", {"input": {"a": True, "b": True}})
    assert (status, body["code"]) == (500, "internal_error")
    assert body["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_malformed_input_is_refused(call: Caller, body: bytes) -> None:
    status, answer = call("POST", "/v1/data/a", body)
    assert (status, answer["code"]) == (400, "invalid_parameter")


def test_data_is_put_below_data(call: Caller) -> None:
    assert call("PUT", "/v1/data", {"a": {"b": 1}}) == (204, b"")
    assert call("PUT", "/v1/data", [1])[0] == 400
    assert call("PUT", "/v1/data/a/c/d", 2) == (204, b"")
    assert call("PUT", "/v1/data/a/b/x", 3)[0] == 404
    assert call("GET", "/v1/data/a") == (200, {"result": {"b": 1, "c": {"d": 2}}})
    assert call("DELETE", "/v1/data/a/c/d") == (204, b"")
    for path in ("/v1/data/a/c/d", "/v1/data/a/b/x", "/v1/data/no/such/path", "/v1/data"):
        assert call("DELETE", path)[0] == 404
    assert call("GET", "/v1/data/a") == (200, {"result": {"b": 1, "c": {}}})


def test_an_unknown_page(call: Caller) -> None:
    assert call("GET", "/v2")[0] == 404


def test_everything_is_there_again(call: Caller, tmp_path: Path) -> None:
    call("PUT", "/v1/policies/one", SIMPLE.encode())
    call("PUT", "/v1/data/limit", 5)
    again = Caller(tmp_path / "store.json")
    assert again("POST", "/v1/data/a/allow", {"input": {"n": 5}}) == (200, {"result": True})
