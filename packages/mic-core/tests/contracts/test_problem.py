"""The error body as a schema."""

import json

import pytest
from pydantic import ValidationError

from mic.contracts import FieldProblem, HttpProblem
from mic.model import NotFoundError


def test_what_a_domain_error_writes_is_read() -> None:
    error = NotFoundError(message=" kept ", details={"id": 7}, retry_after_seconds=2)
    problem = HttpProblem.model_validate_json(json.dumps(error.to_problem(instance="urn:x")))
    assert problem.model_dump(mode="json") == error.to_problem(instance="urn:x") | {"errors": []}
    assert list(problem.model_dump()) == [*error.to_problem(instance="urn:x"), "errors"]


def test_a_reader_survives_newer_members() -> None:
    body = NotFoundError(message="m").to_problem() | {
        "added": 1,
        "errors": [{"in": "future", "pointer": "/a ", "message": " m", "type": "t", "more": 2}],
    }
    (field,) = HttpProblem.model_validate(body).errors
    assert (field.source, field.pointer, field.message) == ("future", "/a ", " m")
    assert field == FieldProblem(source="future", pointer="/a ", message=" m", type="t")


def test_a_success_is_no_problem() -> None:
    with pytest.raises(ValidationError, match="Input should be False"):
        HttpProblem.model_validate(NotFoundError(message="m").to_problem() | {"success": True})


def test_the_source_is_called_in_on_the_wire() -> None:
    field = FieldProblem(source="body", pointer="/items/0", message="m", type="missing")
    assert field.model_dump(by_alias=True) == {
        "in": "body",
        "pointer": "/items/0",
        "message": "m",
        "type": "missing",
    }
    for mode in ("validation", "serialization"):
        schema = FieldProblem.model_json_schema(mode=mode)
        assert schema["required"] == ["in", "pointer", "message", "type"]


def test_the_schema_names_what_every_body_has() -> None:
    assert set(HttpProblem.model_json_schema()["required"]) == {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "message",
        "details",
        "retryable",
    }
