"""A problem document becomes the exception again, and never more than that."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.model import (
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ErrorFactory,
    NotFoundError,
    RateLimitedError,
    TransientError,
    error_factories,
    error_from_problem,
)

FIXED = "the upstream service answered with an error"


class StockError(ConflictError):
    default_code = "stock.empty"

    def __init__(self, item: str) -> None:
        super().__init__(message=f"no {item}", details={"item": item}, retry_after_seconds=7)


class TimedOutError(DeadlineExceededError):
    default_code = "stock.timed_out"


def problem_of(**changes: Any) -> dict[str, Any]:
    return {**NotFoundError(code="a.b", message="m", details={"x": 1}).to_problem(), **changes}


def test_a_registered_class_comes_back_whole() -> None:
    sent = StockError("lamp")
    error = error_from_problem(sent.to_problem(), status=409, errors=[StockError])
    assert type(error) is StockError
    assert error.to_problem() == sent.to_problem()
    assert error.details == {"item": "lamp"}


def test_a_registered_class_comes_back_from_a_server_error() -> None:
    sent = TimedOutError(message="late", details={"a": 1}, retryable=False)
    error = error_from_problem(sent.to_problem(), status=504, errors=(TimedOutError,))
    assert type(error) is TimedOutError
    assert error.to_problem() == sent.to_problem()


@pytest.mark.parametrize(
    ("status", "cls", "own_status"),
    [
        (401, "UnauthorizedError", 401),
        (404, "NotFoundError", 404),
        (408, "TransientError", 503),
        (418, "DomainError", 418),
        (425, "TransientError", 503),
        (429, "RateLimitedError", 429),
        (500, "TransientError", 503),
        (502, "TransientError", 503),
        (504, "DeadlineExceededError", 504),
    ],
)
def test_the_status_decides_without_a_registry(status: int, cls: str, own_status: int) -> None:
    error = error_from_problem(problem_of(), status=status)
    assert type(error).__name__ == cls
    assert error.http_status_code == own_status
    assert (error.code, error.message, error.details) == ("a.b", "m", {"x": 1})


@pytest.mark.parametrize("retryable", [True, False])
def test_retryable_is_carried_over(retryable: bool) -> None:
    body = problem_of(retryable=retryable)
    assert error_from_problem(body, status=404).retryable is retryable
    assert error_from_problem(body, status=503).retryable is retryable


@pytest.mark.parametrize("retryable", [None, 1, "false"])
def test_a_malformed_retryable_says_nothing(retryable: Any) -> None:
    assert error_from_problem(problem_of(retryable=retryable), status=503).retryable is True


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [(3, 3), (0, 0), (2.5, 2.5), (10**400, 366 * 86_400), (1e300, 366 * 86_400)],
)
def test_retry_after_is_carried_over_within_reason(given_: float, seconds: float) -> None:
    error = error_from_problem(problem_of(retry_after_seconds=given_), status=429)
    assert error.retry_after_seconds == seconds
    assert isinstance(error, RateLimitedError)


@pytest.mark.parametrize("given_", [-1, float("nan"), float("inf"), True, "3", None, [3]])
def test_a_malformed_retry_after_says_nothing(given_: Any) -> None:
    error = error_from_problem(problem_of(retry_after_seconds=given_), status=429)
    assert error.retry_after_seconds is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "a.b"},
        {"message": "m"},
        {"code": "A.b", "message": "m"},
        {"code": "a..b", "message": "m"},
        {"code": "a.b\n", "message": "m"},
        {"code": "", "message": "m"},
        {"code": "a" * 129, "message": "m"},
        {"code": "a.b", "message": ""},
        {"code": "a.b", "message": " \x00\n"},
        {"code": "a.b", "message": 5},
        {"code": ["a"], "message": "m"},
    ],
)
def test_a_foreign_body_contributes_nothing(body: dict[str, Any]) -> None:
    body |= {"details": {"secret": "canary"}, "retryable": True, "retry_after_seconds": 5}
    for status, code in ((404, "upstream.error"), (503, "transient.upstream_error")):
        error = error_from_problem(body, status=status)
        assert (error.code, error.message, error.details) == (code, FIXED, {})
        assert error.retry_after_seconds is None
        assert error.retryable is (status == 503)
    assert error_from_problem(body, status=408).code == "transient.upstream_error"


def test_the_longest_code_is_taken() -> None:
    assert error_from_problem(problem_of(code="a" * 128), status=404).code == "a" * 128


def test_the_message_is_cut_and_cleaned() -> None:
    body = problem_of(message="\x1b[31mred\r\n\u2028\ud800" + "x" * 600)
    error = error_from_problem(body, status=404)
    assert error.message == "[31mred" + "x" * 493
    assert error_from_problem(problem_of(message=" a "), status=404).message == " a "


@pytest.mark.parametrize("missing", ["type", "success"])
def test_a_server_error_speaks_only_in_a_full_document(missing: str) -> None:
    body = problem_of(message="canary")
    del body[missing]
    error = error_from_problem(body, status=500)
    assert (error.code, error.message, error.details) == ("a.b", FIXED, {})
    assert error_from_problem(body, status=409).message == "canary"


def test_a_success_is_no_problem_document() -> None:
    body = problem_of(success=True, message="canary")
    assert error_from_problem(body, status=500).message == FIXED


@pytest.mark.parametrize(
    "details",
    [
        "text",
        ["list"],
        {"x": "y" * 16_400},
        {"x": float("nan")},
        {"x": object()},
        {1: object()},
        {"x": ["\ud800"]},
        {"x": list(range(17_000))},
    ],
)
def test_unfit_details_are_dropped(details: Any) -> None:
    assert error_from_problem(problem_of(details=details), status=404).details == {}


def test_details_of_eight_levels_are_kept_and_nine_dropped() -> None:
    eight: Any = 1
    for _ in range(8):
        eight = {"n": eight}
    assert error_from_problem(problem_of(details=eight), status=404).details == eight
    assert error_from_problem(problem_of(details={"n": eight}), status=404).details == {}
    lists: Any = []
    for _ in range(10_000):
        lists = [lists]
    assert error_from_problem(problem_of(details={"n": lists}), status=404).details == {}


def test_details_are_a_copy() -> None:
    body = problem_of(details={"list": [1]})
    error_from_problem(body, status=404).details["list"].append(2)
    assert body["details"] == {"list": [1]}


def test_the_longest_prefix_decides() -> None:
    def factory(cls: type[DomainError]) -> ErrorFactory:
        return lambda **values: cls(**values)

    registry: Mapping[str, ErrorFactory] = {
        "a.": factory(NotFoundError),
        "a.b.": factory(ConflictError),
        "a.b.c": factory(RateLimitedError),
    }
    found = {
        code: type(error_from_problem(problem_of(code=code), status=400, errors=registry))
        for code in ("a.x", "a.b", "a.b.x", "a.b.x.y", "a.b.c", "a.b.c.d", "b", "ab.c", "a")
    }
    assert found == {
        "a.x": NotFoundError,
        "a.b": NotFoundError,
        "a.b.x": ConflictError,
        "a.b.x.y": ConflictError,
        "a.b.c": RateLimitedError,
        "a.b.c.d": ConflictError,
        "b": DomainError,
        "ab.c": DomainError,
        "a": DomainError,
    }


def test_a_factory_gets_what_was_sent() -> None:
    seen: list[dict[str, Any]] = []

    def factory(**values: Any) -> DomainError:
        seen.append(values)
        return StockError("chair")

    body = problem_of(retry_after_seconds=9, retryable=True)
    error = error_from_problem(body, status=409, errors={"a.b": factory})
    assert seen == [{"code": "a.b", "message": "m", "details": {"x": 1}}]
    assert (error.details, error.retry_after_seconds) == ({"item": "chair"}, 9)
    assert error.retryable is True


def test_a_factory_that_fails_falls_back_to_the_status() -> None:
    def broken(**values: Any) -> DomainError:
        raise RuntimeError("no")

    def confused(**values: Any) -> Any:
        return "not an error"

    for factory in (broken, confused):
        error = error_from_problem(problem_of(), status=404, errors={"a.b": factory})
        assert type(error) is NotFoundError
        assert error.code == "a.b"


def test_a_class_can_be_registered_under_any_code() -> None:
    error = error_from_problem(problem_of(), status=422, errors={"a.": StockError})
    assert type(error) is StockError
    assert (error.code, error.http_status_code) == ("a.b", 422)


class BareError(DomainError):
    """Has no code of its own."""


class InheritedError(NotFoundError):
    """Has the code of a generic class only."""


class InheritingError(StockError):
    """Has the code of its own base."""


@pytest.mark.parametrize("cls", [DomainError, BareError, InheritedError])
def test_a_class_without_a_code_of_its_own_is_refused(cls: type[DomainError]) -> None:
    with pytest.raises(ValueError, match="needs a default_code of its own"):
        error_factories([cls])
    with pytest.raises(ValueError, match="needs a default_code of its own"):
        error_from_problem({}, status=404, errors=[cls])


def test_two_classes_with_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two error classes have the default_code stock\.empty"):
        error_factories([StockError, InheritingError])


@pytest.mark.parametrize("wrong", [[object()], [int], [StockError("x")], [5]])
def test_what_is_no_error_class_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="holds subclasses of DomainError"):
        error_factories(wrong)


@pytest.mark.parametrize("wrong", [{1: StockError}, {"a.b": "text"}])
def test_what_is_no_factory_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="maps codes to error classes or factories"):
        error_factories(wrong)


def test_a_checked_registry_is_not_checked_again() -> None:
    checked = error_factories([StockError, StockError, NotFoundError, InheritingError][:3])
    assert dict(checked) == {"stock.empty": StockError, "not_found": NotFoundError}
    assert error_factories(checked) is checked
    assert dict(error_factories([InheritingError])) == {"stock.empty": InheritingError}
    assert dict(error_factories({"a.": StockError})) == {"a.": StockError}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    body=st.dictionaries(
        st.sampled_from(
            ["code", "message", "details", "retryable", "retry_after_seconds", "type", "success"]
        ),
        JSON | st.sampled_from(["a.b", "stock.empty", False]),
    ),
    status=st.integers(-10, 1000),
)
def test_any_body_gives_an_error(body: dict[str, Any], status: int) -> None:
    error = error_from_problem(body, status=status, errors=[StockError])
    assert isinstance(error, DomainError)
    json.dumps(error.to_problem(), allow_nan=False)


@given(
    code=st.from_regex(r"\A[a-z0-9_]{1,9}(\.[a-z0-9_]{1,9}){0,3}\Z"),
    message=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(
        str.strip
    ),
    details=st.dictionaries(st.text(), st.integers() | st.text()),
    retry_after=st.none() | st.integers(1, 10**6),
    cls=st.sampled_from([NotFoundError, ConflictError, RateLimitedError, TransientError]),
)
def test_what_we_write_we_read(
    code: str,
    message: str,
    details: dict[str, Any],
    retry_after: int | None,
    cls: type[DomainError],
) -> None:
    sent = cls(code=code, message=message, details=details, retry_after_seconds=retry_after)
    body = json.loads(json.dumps(sent.to_problem()))
    error = error_from_problem(body, status=sent.http_status_code)
    assert type(error) is cls
    assert error.to_problem() == sent.to_problem()
