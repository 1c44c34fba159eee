"""Domain errors: construction, rendering, pickling and copying."""

import copy
import importlib
import json
import multiprocessing
import pickle
from typing import Any

import pytest

import mic.model
from mic.model import (
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ForbiddenError,
    GoneError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RangeNotSatisfiableError,
    RateLimitedError,
    TransientError,
    UnauthorizedError,
    UnprocessableError,
    UnsupportedMediaTypeError,
    error_class_for,
    public_problem,
)

TABLE: list[tuple[type[DomainError], int, bool, str | None]] = [
    (DomainError, 400, False, None),
    (UnauthorizedError, 401, False, "unauthorized"),
    (ForbiddenError, 403, False, "forbidden"),
    (NotFoundError, 404, False, "not_found"),
    (MethodNotAllowedError, 405, False, "method_not_allowed"),
    (ConflictError, 409, False, "conflict"),
    (GoneError, 410, False, "gone"),
    (PreconditionFailedError, 412, False, "precondition_failed"),
    (PayloadTooLargeError, 413, False, "payload_too_large"),
    (UnsupportedMediaTypeError, 415, False, "unsupported_media_type"),
    (RangeNotSatisfiableError, 416, False, "range_not_satisfiable"),
    (UnprocessableError, 422, False, "unprocessable"),
    (PreconditionRequiredError, 428, False, "precondition_required"),
    (RateLimitedError, 429, True, "rate_limited"),
    (TransientError, 503, True, "transient.unavailable"),
    (DeadlineExceededError, 504, True, "transient.deadline_exceeded"),
    (ConfigurationError, 500, False, "config.invalid"),
]


class OutOfStockError(ConflictError):
    """A subclass whose constructor has a shape of its own."""

    default_code = "orders.out_of_stock"

    def __init__(self, item: str, wanted: int) -> None:
        super().__init__(
            message=f"no {item} left",
            details={"item": item, "wanted": wanted},
            headers={"X-Item": item},
            retryable=True,
            retry_after_seconds=1.5,
            http_status_code=410,
        )
        self.item = item


@pytest.mark.parametrize(("cls", "status", "retryable", "code"), TABLE)
def test_each_class_has_its_status_and_code(
    cls: type[DomainError], status: int, retryable: bool, code: str | None
) -> None:
    error = cls(message="text", code=None if code else "given.code")
    assert (error.http_status_code, error.retryable) == (status, retryable)
    assert error.code == (code or "given.code")
    assert str(error) == error.message == "text"
    assert error.details == {}
    assert error.headers == {}
    assert error.retry_after_seconds is None


@pytest.mark.parametrize(("cls", "status"), [(row[0], row[1]) for row in TABLE[:-1]])
def test_a_status_gives_its_class(cls: type[DomainError], status: int) -> None:
    assert error_class_for(status) is cls


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        *((status, TransientError) for status in (500, 502, 599)),
        *((status, DomainError) for status in (418, 200, 600, -1)),
    ],
)
def test_other_statuses_fall_back(status: int, cls: type[DomainError]) -> None:
    assert error_class_for(status) is cls


def test_subclasses_are_what_handlers_expect() -> None:
    assert issubclass(DeadlineExceededError, TransientError)
    assert not issubclass(RateLimitedError, TransientError)
    assert issubclass(ConfigurationError, ValueError)


def test_every_public_name_is_exported_and_the_published_module_imports() -> None:
    assert sorted(mic.model.__all__) == mic.model.__all__
    assert all(hasattr(mic.model, name) for name in mic.model.__all__)
    assert importlib.import_module("mic.model.errors").DomainError is DomainError


def test_an_instance_overrides_its_class() -> None:
    error = NotFoundError(
        code="items.gone",
        message="m",
        retryable=True,
        http_status_code=410,
        retry_after_seconds=0,
        headers={"Link": "<x>"},
    )
    assert (error.http_status_code, error.retryable) == (410, True)
    assert (error.retry_after_seconds, error.headers) == (0, {"Link": "<x>"})
    assert (NotFoundError.http_status_code, NotFoundError.retryable) == (404, False)
    assert TransientError(message="m", retryable=False).retryable is False


def test_details_are_the_errors_own() -> None:
    given = {"a": 1}
    error = DomainError(code="c", message="m", details=given)
    given["b"] = 2
    assert error.details == {"a": 1}


@pytest.mark.parametrize("code", ["", None])
def test_a_code_is_needed(code: str | None) -> None:
    with pytest.raises(ValueError, match="DomainError: code must not be empty"):
        DomainError(code=code, message="m")


def test_a_message_is_needed() -> None:
    with pytest.raises(ValueError, match="NotFoundError: message must not be empty"):
        NotFoundError(message="")


@pytest.mark.parametrize("wrong", [{"code": 5}, {"message": 5}])
def test_code_and_message_are_strings(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="code and message must be strings"):
        DomainError(**({"code": "c", "message": "m"} | wrong))


@pytest.mark.parametrize("seconds", [-0.001, float("nan"), float("inf"), float("-inf")])
def test_retry_after_is_finite_and_not_negative(seconds: float) -> None:
    with pytest.raises(ValueError, match="retry_after_seconds must be finite"):
        TransientError(message="m", retry_after_seconds=seconds)


@pytest.mark.parametrize("status", [399, 600, 0, 200])
def test_the_status_is_one_of_an_error(status: int) -> None:
    with pytest.raises(ValueError, match="between 400 and 599"):
        DomainError(code="c", message="m", http_status_code=status)


@pytest.mark.parametrize("status", [400, 599])
def test_the_bounds_of_the_status_are_allowed(status: int) -> None:
    assert DomainError(code="c", message="m", http_status_code=status).http_status_code == status


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\n", "ä"])
def test_a_header_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="must be a token"):
        DomainError(code="c", message="m", headers={name: "v"})


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\rb", "a\x00b", "\x7f", "€"])
def test_a_header_value_cannot_split_the_answer(value: str) -> None:
    with pytest.raises(ValueError, match="the value of the header X must be Latin-1"):
        DomainError(code="c", message="m", headers={"X": value})


@pytest.mark.parametrize("headers", [{"X": 1}, {1: "x"}])
def test_headers_are_strings(headers: dict[Any, Any]) -> None:
    with pytest.raises(TypeError, match="headers must map strings to strings"):
        DomainError(code="c", message="m", headers=headers)


def test_a_problem_has_its_members_in_order() -> None:
    error = NotFoundError(code="items.not_found", message="no such item", retry_after_seconds=1.2)
    problem = error.to_problem(instance="urn:mic:request:1")
    assert list(problem.items()) == [
        ("type", "urn:mic:error:items.not_found"),
        ("title", "Not Found"),
        ("status", 404),
        ("detail", "no such item"),
        ("instance", "urn:mic:request:1"),
        ("success", False),
        ("code", "items.not_found"),
        ("message", "no such item"),
        ("details", {}),
        ("retryable", False),
        ("retry_after_seconds", 2),
    ]


def test_optional_members_are_left_out() -> None:
    problem = NotFoundError(message="m").to_problem(type_base="https://errors.example/")
    assert problem["type"] == "https://errors.example/not_found"
    assert "instance" not in problem
    assert "retry_after_seconds" not in problem


def test_a_problem_shares_nothing_with_the_error() -> None:
    error = DomainError(code="c", message="m", details={"list": [1]})
    problem = error.to_problem()
    problem["details"]["list"].append(2)
    assert error.details == {"list": [1]}


def test_public_problem_shows_a_domain_error() -> None:
    error = ConflictError(message="m", details={"a": 1})
    assert public_problem(error, instance="i", type_base="b:") == error.to_problem(
        instance="i", type_base="b:"
    )


@pytest.mark.parametrize(
    "error", [ConfigurationError(message="canary"), KeyError("canary"), SystemExit("canary")]
)
def test_public_problem_hides_everything_else(error: BaseException) -> None:
    problem = public_problem(error, instance="i")
    assert problem == {
        "type": "urn:mic:error:internal_error",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Internal server error",
        "instance": "i",
        "success": False,
        "code": "internal_error",
        "message": "Internal server error",
        "details": {},
        "retryable": False,
    }
    assert "canary" not in json.dumps(problem)


def assert_same(restored: object, original: DomainError) -> None:
    assert type(restored) is type(original)
    assert vars(restored) == vars(original)
    assert isinstance(restored, DomainError)
    assert restored.args == original.args
    assert restored.to_problem() == original.to_problem()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_class_survives_pickle(protocol: int) -> None:
    errors = [cls(message="m", code="a.b", details={"x": [1]}) for cls, *_ in TABLE]
    for error in [*errors, OutOfStockError("lamp", 3)]:
        assert_same(pickle.loads(pickle.dumps(error, protocol)), error)


def test_copies_do_not_call_the_constructor() -> None:
    error = OutOfStockError("lamp", 3)
    error.add_note("seen at the desk")
    assert_same(copy.copy(error), error)
    deep = copy.deepcopy(error)
    assert_same(deep, error)
    deep.details["item"] = "chair"
    assert error.details["item"] == "lamp"


def raise_out_of_stock(item: str) -> None:
    raise OutOfStockError(item, 2)


def test_an_error_crosses_processes() -> None:
    # `spawn` starts a fresh interpreter: nothing is inherited, everything is pickled.
    with (
        multiprocessing.get_context("spawn").Pool(1) as pool,
        pytest.raises(OutOfStockError, match="no lamp left") as caught,
    ):
        # An error that does not unpickle kills the pool's own thread: hence the time limit.
        pool.apply_async(raise_out_of_stock, ("lamp",)).get(timeout=60)
    assert caught.value.item == "lamp"
    assert caught.value.http_status_code == 410
