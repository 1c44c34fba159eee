import logging
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from litestar import Litestar, get, post
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.params import Body
from pydantic import BaseModel

from mic.http.authenticators import basic_authenticator
from mic.http.options import HttpOptions
from mic.http.route_spec import HttpRouteSpec
from mic.litestar import build_litestar_router, error_handlers
from mic.model import ConflictError
from mic.testing.route_client import AsyncRouteClient, ClientOptions, RouteResponse

Spec = Callable[..., HttpRouteSpec]
QUIET = ClientOptions(raise_errors=False)


class Payload(BaseModel):
    size: int


async def ask(
    *handlers: Any,
    method: str = "GET",
    path: str = "/",
    options: HttpOptions | None = None,
    **sent: Any,
) -> RouteResponse:
    app: Any = Litestar(
        list(handlers), exception_handlers=error_handlers(options), logging_config=None
    )
    return await AsyncRouteClient.for_app(app, settings=QUIET).request(method, path, **sent)


def raising(error: Exception) -> Any:
    @get("/")
    async def native() -> None:
        raise error

    return native


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (NotAuthorizedException(detail="who?"), 401, "auth.missing_credentials", "who?"),
        (PermissionDeniedException(), 403, "auth.forbidden", "Forbidden"),
        (HTTPException(status_code=409, detail="taken"), 409, "http.status_409", "taken"),
        (HTTPException(status_code=502, detail="upstream 10.0.0.7"), 502, "http.status_502", ""),
        (ConflictError(code="a.b", message="taken"), 409, "a.b", "taken"),
        (RuntimeError("canary"), 500, "internal_error", "Internal server error"),
        (KeyError("canary"), 500, "internal_error", "Internal server error"),
    ],
)
async def test_every_error_of_a_native_handler_has_the_one_body(
    error: Exception, status: int, code: str, message: str
) -> None:
    answer = await ask(raising(error))
    problem = answer.json()
    assert answer.header("content-type") == "application/problem+json"
    assert (answer.status_code, problem["code"], problem["success"]) == (status, code, False)
    assert problem["message"].startswith(message)
    assert b"canary" not in answer.body
    assert b"10.0.0.7" not in answer.body


async def test_headers_of_an_exception_are_kept() -> None:
    error = HTTPException(status_code=503, headers={"Retry-After": "7", "X-A": "b"})
    answer = await ask(raising(error))
    assert (answer.header("retry-after"), answer.header("x-a")) == ("7", "b")


async def test_an_exception_that_is_no_error_is_answered_as_it_is() -> None:
    error = HTTPException(status_code=304, headers={"etag": '"1"'})
    answer = await ask(raising(error))
    assert (answer.status_code, answer.body, answer.header("etag")) == (304, b"", '"1"')


async def test_a_401_has_the_challenge_of_the_authenticator() -> None:
    options = HttpOptions(authenticator=basic_authenticator(lambda name, password: None))
    answer = await ask(raising(NotAuthorizedException()), options=options)
    assert (answer.header("www-authenticate") or "").startswith("Basic")
    assert (await ask(raising(NotAuthorizedException()))).header("www-authenticate") == "Bearer"


async def test_the_type_base_is_that_of_the_options() -> None:
    answer = await ask(path="/no", options=HttpOptions(problem_type_base="urn:x:"))
    assert answer.json()["type"] == "urn:x:http.not_found"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # native parameters, written as ever
async def test_what_litestar_finds_wrong_is_told_without_the_values() -> None:
    @post("/{n:int}")
    async def native(data: Annotated[Payload, Body()], n: int, q: int, wanted: str) -> None:
        return None

    answer = await ask(
        native,
        method="POST",
        path="/7?q=canary&wanted=w",
        json={"size": "canary-body"},
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "http.validation_error")
    assert problem["errors"][0]["message"] == "Invalid value"
    assert {each["in"] for each in problem["errors"]} <= {"query", "body"}
    assert b"canary" not in answer.body


@pytest.mark.parametrize(
    ("extra", "errors"),
    [
        (None, []),
        ({"a": 1}, []),
        (["text"], []),
        ([{"message": "canary"}], [("body", "")]),
        ([{"message": "m", "key": "a.b", "source": "cookie"}], [("cookie", "/a/b")]),
        ([{"message": "m", "key": "a", "source": "unknown"}], [("body", "/a")]),
    ],
)
async def test_findings_of_any_form_are_told(extra: Any, errors: list[tuple[str, str]]) -> None:
    answer = await ask(raising(ValidationException(detail="canary", extra=extra)))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "http.validation_error")
    assert [(each["in"], each["pointer"]) for each in problem["errors"]] == errors
    assert b"canary" not in answer.body


async def test_no_more_findings_are_listed_than_the_options_say() -> None:
    extra = [{"key": f"k{n}"} for n in range(5)]
    options = HttpOptions(max_validation_errors=2)
    answer = await ask(raising(ValidationException(extra=extra)), options=options)
    assert len(answer.json()["errors"]) == 2


async def test_a_folded_path_has_no_methods_of_ours(spec: Spec) -> None:
    router = build_litestar_router(routes=[spec("GET", "/items", "r")])
    assert (await ask(router, method="PUT", path="/items")).header("allow") == "GET, HEAD, OPTIONS"
    folded = await ask(router, method="PUT", path="//items")
    assert (folded.status_code, folded.json()["code"]) == (404, "http.not_found")


async def test_a_folded_path_keeps_the_methods_of_others(spec: Spec) -> None:
    @post("/items")
    async def native() -> None:
        return None

    router = build_litestar_router(routes=[spec("GET", "/items", "r")])
    exact = await ask(router, native, method="PUT", path="/items")
    assert exact.header("allow") == "GET, HEAD, OPTIONS, POST"
    folded = await ask(router, native, method="PUT", path="/items/")
    assert (folded.status_code, folded.header("allow")) == (405, "POST")


async def test_the_answer_to_head_has_no_body() -> None:
    answer = await ask(method="HEAD", path="/no")
    assert (answer.status_code, answer.body) == (404, b"")
    assert int(answer.header("content-length") or 0) > 0


async def test_an_unhandled_error_is_logged_once_with_route_and_request(
    spec: Spec, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        msg = "broken"
        raise RuntimeError(msg)

    router = build_litestar_router(routes=[spec("GET", "/", "broken.route", handler=broken)])
    with caplog.at_level(logging.ERROR, logger="mic.http"):
        await ask(router)
    found = [record for record in caplog.records if record.name == "mic.http"]
    assert len(found) == 1
    assert "broken.route" in found[0].getMessage()
    assert found[0].exc_info is not None


def test_the_handlers_are_for_four_kinds() -> None:
    assert {kind.__name__ for kind in error_handlers()} == {
        "DomainError",
        "Exception",
        "HTTPException",
        "ValidationException",
    }
