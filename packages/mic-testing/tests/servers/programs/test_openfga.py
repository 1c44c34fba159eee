from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mic.testing.servers._programs.hosting import Request
from mic.testing.servers._programs.openfga import OpenFga, new_id

MODEL = {
    "schema_version": "1.1",
    "type_definitions": [
        {"type": "user"},
        {
            "type": "doc",
            "relations": {
                "viewer": {"this": {}},
                "endless": {"computedUserset": {"relation": "endless"}},
            },
        },
    ],
}


def _key(user: str = "user:ada", relation: str = "viewer", thing: str = "doc:1") -> dict[str, str]:
    return {"user": user, "relation": relation, "object": thing}


class Caller:
    """Calls a store of its own."""

    def __init__(self, file: Path, store: str = "") -> None:
        self.fga = OpenFga(file)
        self.store = store or self.raw("/stores", {"name": "x"})[1]["id"]

    def raw(self, path: str, body: Any, method: str = "POST") -> tuple[int, Any]:
        words = tuple(each for each in path.split("/") if each)
        answer = self.fga.respond(Request(method, words, "", {}, json.dumps(body).encode()))
        return answer.status, answer.body

    def __call__(self, what: str, body: Any) -> tuple[int, Any]:
        return self.raw(f"/stores/{self.store}/{what}", body)

    def write(self, *keys: dict[str, str]) -> tuple[int, Any]:
        return self("write", {"writes": {"tuple_keys": list(keys)}})


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    made = Caller(tmp_path / "store.json")
    made("authorization-models", MODEL)
    return made


def _refused(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


def test_health(call: Caller) -> None:
    assert call.raw("/healthz", None, "GET") == (200, {"status": "SERVING"})


def test_identities_have_the_shape_of_a_ulid() -> None:
    assert re.fullmatch("0[0-9A-HJKMNP-TV-Z]{25}", new_id())


def test_a_tuple_is_written_checked_and_deleted(call: Caller) -> None:
    check = {"tuple_key": _key()}
    assert call("check", check) == (200, {"allowed": False, "resolution": ""})
    assert call.write(_key()) == (200, {})
    assert call("check", check)[1]["allowed"] is True
    assert call("list-objects", {"type": "doc", "relation": "viewer", "user": "user:ada"}) == (
        200,
        {"objects": ["doc:1"]},
    )
    assert call("write", {"deletes": {"tuple_keys": [_key()]}}) == (200, {})
    assert call("check", check)[1]["allowed"] is False


def test_everything_is_there_again(call: Caller, tmp_path: Path) -> None:
    call.write(_key())
    again = Caller(tmp_path / "store.json", call.store)
    assert again("check", {"tuple_key": _key()})[1]["allowed"] is True


def test_contextual_tuples_count_for_one_question(call: Caller) -> None:
    question = {"tuple_key": _key(), "contextual_tuples": {"tuple_keys": [_key()]}}
    assert call("check", question)[1]["allowed"] is True
    assert call("check", {"tuple_key": _key()})[1]["allowed"] is False
    listed = call("list-objects", question | {"type": "doc", **_key()})
    assert listed[1] == {"objects": ["doc:1"]}


def test_a_batch_answers_each_by_its_identity(call: Caller) -> None:
    call.write(_key())
    checks = [
        {"correlation_id": "1", "tuple_key": _key()},
        {"correlation_id": "2", "tuple_key": _key(user="user:bob")},
        {"correlation_id": "3", "tuple_key": _key(relation="nothing")},
    ]
    status, body = call("batch-check", {"checks": checks})
    assert status == 200
    assert body["result"]["1"] == {"allowed": True}
    assert body["result"]["2"] == {"allowed": False}
    assert body["result"]["3"]["error"]["input_error"] == "validation_error"


@pytest.mark.parametrize("count", [0, 51])
def test_a_batch_has_its_bounds(call: Caller, count: int) -> None:
    checks = [{"correlation_id": str(n), "tuple_key": _key()} for n in range(count)]
    assert _refused(call("batch-check", {"checks": checks})) == (400, "validation_error")


def test_an_identity_stands_for_one_check(call: Caller) -> None:
    checks = [{"correlation_id": "1", "tuple_key": _key()}] * 2
    assert _refused(call("batch-check", {"checks": checks})) == (400, "validation_error")


def test_what_is_written_is_new_and_what_is_deleted_is_there(call: Caller) -> None:
    wrong = (400, "write_failed_due_to_invalid_input")
    call.write(_key())
    assert _refused(call.write(_key())) == wrong
    assert _refused(call("write", {"deletes": {"tuple_keys": [_key(thing="doc:9")]}})) == wrong
    assert _refused(call.write(_key(thing="doc:2"), _key(thing="doc:2"))) == wrong
    assert call.write(_key(thing="doc:2")) == (200, {})


def test_writes_have_their_bounds(call: Caller) -> None:
    assert _refused(call("write", {})) == (400, "invalid_write_input")
    many = [_key(thing=f"doc:{n}") for n in range(101)]
    assert _refused(call.write(*many)) == (400, "exceeded_entity_limit")
    assert call.write(*many[:100]) == (200, {})


@pytest.mark.parametrize(
    ("what", "body", "refused"),
    [
        ("check", {"tuple_key": _key(relation="nothing")}, (400, "validation_error")),
        ("check", {"tuple_key": _key(thing="planet")}, (400, "validation_error")),
        ("check", {"tuple_key": _key(user="")}, (400, "validation_error")),
        ("check", {}, (400, "validation_error")),
        (
            "check",
            {"tuple_key": _key(relation="endless")},
            (400, "authorization_model_resolution_too_complex"),
        ),
        (
            "check",
            {"tuple_key": _key(), "authorization_model_id": "0NO"},
            (400, "authorization_model_not_found"),
        ),
        (
            "list-objects",
            {"type": "doc", "relation": "nothing", "user": "user:ada"},
            (400, "validation_error"),
        ),
        ("expand", {}, (404, "undefined_endpoint")),
    ],
)
def test_what_is_wrong_is_refused(
    call: Caller, what: str, body: Any, refused: tuple[int, str]
) -> None:
    assert _refused(call(what, body)) == refused


def test_the_model_that_is_named_decides(call: Caller) -> None:
    old = call("authorization-models", MODEL)[1]["authorization_model_id"]
    call("authorization-models", {"type_definitions": [{"type": "doc"}]})
    assert _refused(call("check", {"tuple_key": _key()})) == (400, "validation_error")
    named = {"tuple_key": _key(), "authorization_model_id": old}
    assert call("check", named) == (200, {"allowed": False, "resolution": ""})


def test_a_store_without_a_model_decides_nothing(tmp_path: Path) -> None:
    call = Caller(tmp_path / "other.json")
    assert _refused(call("check", {"tuple_key": _key()})) == (
        400,
        "latest_authorization_model_not_found",
    )


def test_an_unknown_store_and_an_unknown_page(call: Caller) -> None:
    assert _refused(call.raw("/stores/0NO/check", {})) == (404, "store_id_not_found")
    assert _refused(call.raw("/nothing", {}, "GET")) == (404, "undefined_endpoint")
