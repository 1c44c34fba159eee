import pytest

from mic.http._framework_errors import framework_error, framework_findings
from mic.model import DomainError, NotFoundError, TransientError


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "http.status_400"),
        (401, "auth.missing_credentials"),
        (403, "auth.forbidden"),
        (404, "http.not_found"),
        (405, "http.method_not_allowed"),
        (413, "http.payload_too_large"),
        (415, "http.unsupported_media_type"),
        (418, "http.status_418"),
        (500, "internal_error"),
        (503, "http.status_503"),
    ],
)
def test_every_status_has_its_code_and_keeps_its_number(status: int, code: str) -> None:
    error = framework_error(status)
    assert (error.http_status_code, error.code) == (status, code)


def test_a_text_below_500_is_the_message_and_headers_are_kept() -> None:
    error = framework_error(404, detail="no such page", headers={"X-A": "1"})
    assert isinstance(error, NotFoundError)
    assert error.message == "no such page"
    assert dict(error.headers) == {"X-A": "1"}


@pytest.mark.parametrize("detail", [None, "", "  ", {"a": 1}])
def test_anything_else_is_replaced_by_the_phrase(detail: object) -> None:
    assert framework_error(404, detail=detail).message == "Not Found"


def test_no_text_of_a_server_error_is_kept() -> None:
    assert framework_error(500, detail="canary").message == "Internal server error"
    unavailable = framework_error(503, detail="canary")
    assert isinstance(unavailable, TransientError)
    assert unavailable.message == "Service Unavailable"


def test_an_unregistered_status_has_a_message_too() -> None:
    assert framework_error(499).message == "Status 499"


def test_a_frameworks_findings_are_listed_without_their_values() -> None:
    error = framework_findings(
        [
            {"type": "missing", "loc": ("query", "q"), "msg": "Field required", "input": None},
            {"type": "value_error", "loc": (), "msg": "bad canary", "input": "canary"},
            {"type": "missing", "loc": ("body", "items", 0), "msg": "cut off", "input": None},
        ],
        limit=2,
    )
    assert isinstance(error, DomainError)
    assert (error.http_status_code, error.code) == (400, "http.validation_error")
    assert error.details == {
        "errors": [
            {"type": "missing", "loc": ["q"], "msg": "Field required"},
            {"type": "value_error", "loc": [], "msg": "bad …"},
        ],
        "truncated": True,
    }
