# Generated from async/test_client_errors.py by "make unasync"; edit that file.
"""What comes back instead of an answer."""

import gzip
import inspect
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mic.client import ServiceHttpClient, UpstreamResponseError
from mic.model import (
    ConflictError,
    DeadlineExceededError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    TransientError,
    UnauthorizedError,
)
from mic.testing import Canaries, ManualClock, assert_no_secrets

Make = Callable[..., ServiceHttpClient]
Problem = Callable[..., httpx.Response]


class SoldOutError(ConflictError):
    default_code = "items.sold_out"

    def __init__(self, sku: str) -> None:
        super().__init__(message=f"{sku} is sold out", details={"sku": sku})


def error_of(make: Make, upstream: Any, answer: Any, **options: Any) -> DomainError:
    upstream.answers = [answer]
    with pytest.raises(DomainError, match=r"^[^\n]+$") as caught:
        make(**options).get("/items/1")
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "own"),
    [
        (400, DomainError, 400),
        (401, UnauthorizedError, 401),
        (403, ForbiddenError, 403),
        (404, NotFoundError, 404),
        (408, TransientError, 503),
        (409, ConflictError, 409),
        (418, DomainError, 418),
        (425, TransientError, 503),
        (429, RateLimitedError, 429),
        (500, TransientError, 503),
        (503, TransientError, 503),
        (504, DeadlineExceededError, 504),
        (599, TransientError, 503),
    ],
)
def test_a_status_is_a_class(
    make: Make, upstream: Any, problem: Problem, status: int, kind: type[DomainError], own: int
) -> None:
    error = error_of(make, upstream, problem(status, "items.failed", details={"a": [1]}))
    assert type(error) is kind
    assert (error.code, error.message) == ("items.failed", "said the other service")
    assert error.details == {"a": [1], "status_code": status}
    assert error.http_status_code == own
    foreign = error_of(make, upstream, httpx.Response(status, text="<html>secret</html>"))
    assert type(foreign) is kind
    prefix = "transient.upstream_error" if issubclass(kind, TransientError) else "upstream.error"
    assert foreign.code == prefix
    assert "secret" not in repr(vars(foreign))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "auth.missing_credentials"),
        (401, "service_auth.expired"),
        (403, "csrf.invalid_token"),
        (429, "rate_limited"),
        (503, "transient.jwks_unavailable"),
    ],
)
def test_codes_of_the_family_survive(
    make: Make, upstream: Any, problem: Problem, status: int, code: str
) -> None:
    assert (error_of(make, upstream, problem(status, code))).code == code


def test_an_older_body(make: Make, upstream: Any) -> None:
    older = {"success": False, "code": "items.gone", "message": "gone", "details": {"id": 1}}
    error = error_of(make, upstream, httpx.Response(404, json=older))
    assert (type(error), error.code, error.message) == (NotFoundError, "items.gone", "gone")
    assert error.details == {"id": 1, "status_code": 404}
    failed = error_of(make, upstream, httpx.Response(500, json={**older, "type": "x"}))
    assert failed.code == "items.gone"
    assert failed.message == "the upstream service answered with an error"
    assert failed.details == {"status_code": 500}


def test_a_registered_class_comes_back(make: Make, upstream: Any, problem: Problem) -> None:
    answer = problem(409, "items.sold_out", details={"sku": "a"}, retryable=True)
    error = error_of(make, upstream, answer, errors=[SoldOutError])
    assert type(error) is SoldOutError
    assert error.details == {"sku": "a", "status_code": 409}
    assert error.retryable
    assert type(pickle.loads(pickle.dumps(error))) is SoldOutError


def test_an_answer_that_a_test_gives_whole(make: Make, problem: Problem) -> None:
    answers = iter([problem(404, "items.gone"), httpx.Response(500, content=b"x" * 100_000)])
    transport = httpx.MockTransport(lambda request: next(answers))
    client = make(client=httpx.Client(transport=transport))
    with pytest.raises(NotFoundError, match="said the other service"):
        client.get("/items")
    with pytest.raises(TransientError, match="answered with an error"):
        client.get("/items")


def test_factories(make: Make, upstream: Any, problem: Problem) -> None:
    def sold_out(*, code: str, message: str, details: dict[str, Any]) -> DomainError:
        return ForbiddenError(code=code, message="made", details=details)

    def broken(**what: Any) -> DomainError:
        raise KeyError(what["code"])

    errors = {"items.": sold_out, "orders.": broken}
    error = error_of(make, upstream, problem(409, "items.sold_out"), errors=errors)
    assert (type(error), error.message) == (ForbiddenError, "made")
    for code in ("orders.gone", "others.gone"):
        error = error_of(make, upstream, problem(409, code), errors=errors)
        assert (type(error), error.code) == (ConflictError, code)


def test_retry_after(make: Make, upstream: Any, problem: Problem) -> None:
    def seconds(**headers: str) -> float | None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = problem(429, "rate_limited", headers=names, retry_after_seconds=3)
        return (error_of(make, upstream, answer)).retry_after_seconds

    assert seconds() == 3
    assert seconds(retry_after="7") == 7
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    found = seconds(retry_after=soon)
    assert found is not None
    assert 60 < found <= 100
    assert seconds(retry_after="Sun, 06 Nov 1994 08:49:37 GMT") == 0
    assert seconds(retry_after="soon") == 3


def test_retryable_is_carried_over(make: Make, upstream: Any, problem: Problem) -> None:
    error = error_of(make, upstream, problem(503, "items.broken", retryable=False))
    assert (type(error), error.retryable) == (TransientError, False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"code": 1, "message": "secret"}',
        b'{"code": "Items.Secret", "message": "secret"}',
        b'{"code": "items.secret"}',
        b'{"code": "items.secret", "message": "\\u0000"}',
        b'{"code": "' + b"a" * 129 + b'", "message": "secret"}',
        b'{"code": "items.secret", "message": "secret"',
        b"[" * 60_000,
        b"<html>" + b"secret" * 20_000,
        b'{"code": "items.secret", "message": "secret", "pad": "' + b"x" * 65_536 + b'"}',
    ],
    ids=range(13),
)
@pytest.mark.parametrize("status", [404, 500])
def test_a_body_that_is_not_ours_leaves_nothing(
    make: Make, upstream: Any, content: bytes, status: int
) -> None:
    error = error_of(
        make,
        upstream,
        httpx.Response(status, content=content, headers={"content-type": "application/json"}),
    )
    assert error.message == "the upstream service answered with an error"
    assert error.details == {"status_code": status}
    assert "secret" not in repr(vars(error))
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_a_coded_body(make: Make, upstream: Any, problem: Problem, coding: str) -> None:
    body = gzip.compress(problem(404, "items.gone").content)
    answer = httpx.Response(
        404, stream=httpx.ByteStream(body), headers={"content-encoding": coding}
    )

    def answered(request: httpx.Request) -> httpx.Response:
        return answer

    client = make(client=httpx.Client(transport=httpx.MockTransport(answered)))
    with pytest.raises(NotFoundError, match="said the other service"):
        client.get("/items")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"0" * 200_000_000, 1)),
        ("gzip", gzip.compress(b" " * 60_000) * 2),
        ("gzip", b"no gzip"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}"))),
        ("br", b"{}"),
        ("zstd", b"{}"),
    ],
    ids=["bomb", "twice", "broken", "nested", "br", "zstd"],
)
def test_a_body_that_cannot_be_decoded(make: Make, coding: str, body: bytes) -> None:
    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            500, stream=httpx.ByteStream(body), headers={"content-encoding": coding}
        )

    client = make(client=httpx.Client(transport=httpx.MockTransport(answered)))
    with pytest.raises(TransientError, match="answered with an error"):
        client.get("/items")


def http_errors() -> list[type[Exception]]:
    found = [each for _, each in sorted(vars(httpx).items()) if inspect.isclass(each)]
    return [each for each in found if issubclass(each, (httpx.HTTPError, httpx.InvalidURL))]


TIMEOUTS = {"ConnectTimeout": "connect", "ReadTimeout": "read", "WriteTimeout": "write"}
UNUSABLE = {"DecodingError", "TooManyRedirects", "InvalidURL"}
REFUSED = {"LocalProtocolError", "UnsupportedProtocol"}


@pytest.mark.parametrize("kind", http_errors(), ids=lambda kind: kind.__name__)
def test_what_a_transport_raises(make: Make, upstream: Any, kind: type[Exception]) -> None:
    raised: Exception
    if kind is httpx.HTTPStatusError:
        request = httpx.Request("GET", "http://stock.example/")
        response = httpx.Response(404, text="secret")
        raised = httpx.HTTPStatusError("secret", request=request, response=response)
    else:
        raised = kind("secret")
    error = error_of(make, upstream, raised)
    name = kind.__name__
    where = {"method": "GET", "url": "http://stock.example/v1/items/1"}
    if name in TIMEOUTS or name == "TimeoutException":
        assert (type(error), error.code) == (TransientError, "transient.upstream_timeout")
        assert error.details == {**where, "phase": TIMEOUTS.get(name, "total")}
    elif name == "PoolTimeout":
        assert (type(error), error.code) == (TransientError, "transient.client_saturated")
    elif name in UNUSABLE:
        assert (type(error), error.code) == (UpstreamResponseError, "upstream.invalid_response")
        assert error.http_status_code == 502
    elif name in REFUSED:
        assert (type(error), error.code) == (DomainError, "client.invalid_request")
    elif name == "HTTPStatusError":
        assert (type(error), error.code) == (NotFoundError, "upstream.error")
    else:
        assert (type(error), error.code) == (TransientError, "transient.upstream_network")
        assert error.details == where
    assert "secret" not in f"{error}{error.details}"


@pytest.mark.parametrize(
    "raised", [OSError("secret"), RuntimeError("secret"), TimeoutError(), KeyError("secret")]
)
def test_what_is_no_error_of_httpx(make: Make, upstream: Any, raised: Exception) -> None:
    error = error_of(make, upstream, raised)
    assert error.code in {"transient.upstream_network", "transient.upstream_timeout"}
    assert error.__cause__ is raised


def test_a_status_error_about_a_redirect(make: Make, upstream: Any) -> None:
    request = httpx.Request("GET", "http://stock.example/")
    raised = httpx.HTTPStatusError("x", request=request, response=httpx.Response(302))
    assert (error_of(make, upstream, raised)).code == "transient.upstream_network"


MEMBERS = st.sampled_from(["code", "message", "details", "type", "success", "retryable"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=6),
    max_leaves=10,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()),
    status=st.integers(400, 599),
    media=st.sampled_from(["application/problem+json", "text/html", ""]),
)
def test_whatever_is_answered_is_an_error_of_the_model(
    make: Make, upstream: Any, body: bytes, status: int, media: str
) -> None:
    answer = httpx.Response(status, content=body, headers={"content-type": media})
    error = error_of(make, upstream, answer)
    assert error.details["status_code"] == status


def test_no_secret_is_in_an_error(
    make: Make, upstream: Any, clock: ManualClock, secret_canaries: Canaries
) -> None:
    values = list(secret_canaries.values)
    errors = []
    for at, value in enumerate(values[:40]):
        answer: Any = httpx.RemoteProtocolError(value)
        if at % 2:
            answer = httpx.Response(
                500, json={"code": "x", "message": value, "details": {"a": value}}
            )
        errors.append(error_of(make, upstream, answer))
    assert_no_secrets(
        secret_canaries, [f"{each!r} {each.details} {each.__cause__!r}" for each in errors]
    )


def test_an_error_status_that_is_wanted(make: Make, upstream: Any, problem: Problem) -> None:
    upstream.answers = [problem(404, "items.gone"), problem(500, "items.broken")]
    client = make()
    gone = client.get("/items", raise_for_status=False)
    assert (gone.status_code, gone.json()["code"]) == (404, "items.gone")
    broken = client.get("/items", raise_for_status=False)
    assert (broken.status_code, broken.json()["code"]) == (500, "items.broken")


def test_a_redirect_that_is_not_followed_is_an_answer(make: Make, upstream: Any) -> None:
    upstream.answers = [httpx.Response(302, headers={"location": "/v1/others"})]
    assert (make().get("/items")).status_code == 302
    assert upstream.count == 1
