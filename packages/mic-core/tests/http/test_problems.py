import json
from typing import Any

import pytest

from mic.http._problems import internal_error, problem_answer
from mic.http._validation import Findings, InvalidRequestError
from mic.http.context import RequestState
from mic.http.correlation import CorrelationStart
from mic.model import (
    ConfigurationError,
    DomainError,
    NotFoundError,
    TransientError,
    UnauthorizedError,
)


def parts(error: DomainError, **options: Any) -> tuple[dict[str, Any], dict[str, str]]:
    answer = problem_answer(error, **options)
    assert answer.status == error.http_status_code or isinstance(error, ConfigurationError)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    assert headers["content-type"] == "application/problem+json"
    assert headers["content-length"] == str(len(answer.body))
    body: dict[str, Any] = json.loads(answer.body)
    return body, headers


def test_members_stand_in_the_documented_order() -> None:
    state = RequestState()
    state.correlation = CorrelationStart("c", "r", 0.0)
    error = TransientError(code="a.b", message="m", details={"x": 1}, retry_after_seconds=1.4)
    body, headers = parts(error, state=state)
    assert list(body.items()) == [
        ("type", "urn:mic:error:a.b"),
        ("title", "Service Unavailable"),
        ("status", 503),
        ("detail", "m"),
        ("instance", "urn:mic:request:r"),
        ("success", False),
        ("code", "a.b"),
        ("message", "m"),
        ("details", {"x": 1}),
        ("retryable", True),
        ("retry_after_seconds", 2),
    ]
    assert headers["retry-after"] == "2"


def test_without_correlation_there_is_no_instance() -> None:
    body, headers = parts(NotFoundError(message="é"), state=RequestState())
    assert "instance" not in body
    assert body["detail"] == "é"
    assert "retry-after" not in headers


def test_every_401_has_a_challenge() -> None:
    assert parts(UnauthorizedError(message="m"))[1]["www-authenticate"] == "Bearer"
    own = UnauthorizedError(message="m", headers={"WWW-Authenticate": "Basic"})
    assert parts(own, challenge="ApiKey")[1]["www-authenticate"] == "Basic"
    assert parts(UnauthorizedError(message="m"), challenge="X")[1]["www-authenticate"] == "X"


def test_a_header_of_the_error_is_not_doubled() -> None:
    error = TransientError(message="m", retry_after_seconds=2, headers={"Retry-After": "9"})
    answer = problem_answer(error)
    assert [value for name, value in answer.headers if name == b"retry-after"] == [b"9"]


def test_the_text_of_a_configuration_error_never_leaves() -> None:
    body, _ = parts(ConfigurationError(message="postgres at db.internal"))
    assert (body["status"], body["code"], body["message"]) == (
        500,
        "internal_error",
        "Internal server error",
    )
    assert internal_error().code == "internal_error"


def test_validation_problems_are_listed_and_text_that_utf_8_lacks_is_replaced() -> None:
    findings = Findings(limit=5)
    findings.missing("query", "\ud800")
    with pytest.raises(InvalidRequestError, match="Invalid request payload") as caught:
        findings.raise_if_any()
    body, _ = parts(caught.value, type_base="https://errors.example/")
    assert body["type"] == "https://errors.example/http.validation_error"
    assert body["errors"] == [
        {"in": "query", "pointer": "/?", "message": "Field required", "type": "missing"}
    ]
    assert body["details"] == {
        "errors": [{"type": "missing", "loc": ["?"], "msg": "Field required"}]
    }


def test_cookies_go_last() -> None:
    answer = problem_answer(NotFoundError(message="m"), cookies=("a=1",))
    assert answer.headers[-1] == (b"set-cookie", b"a=1")
