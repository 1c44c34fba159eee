"""What a circuit breaker sees."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from mic.client import AsyncServiceHttpClient, HttpRetryPolicy
from mic.http.context import bind
from mic.model import DeadlineExceededError, DomainError, TransientError, UnauthorizedError
from mic.testing import FakeSigner, ManualClock

T = TypeVar("T")
Make = Callable[..., AsyncServiceHttpClient]


class CircuitOpenError(TransientError):
    default_code = "transient.circuit_open"


class Breaker:
    """Opens at the first exception of any kind; a result of an earlier epoch changes nothing."""

    def __init__(self) -> None:
        self.calls = 0
        self.failures: list[BaseException] = []
        self.is_open = False

    async def async_call(self, coro_fn: Callable[[], Awaitable[T]], /) -> T:
        if self.is_open:
            raise CircuitOpenError(message="open")
        self.calls += 1
        try:
            return await coro_fn()
        except BaseException as error:
            self.failures.append(error)
            self.is_open = True
            raise


@pytest.fixture
def breaker() -> Breaker:
    return Breaker()


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 409, 425, 429])
async def test_business_errors_do_not_open_it(
    make: Make, upstream: Any, breaker: Breaker, status: int
) -> None:
    upstream.answers = [httpx.Response(status)]
    client = make(circuit_breaker=breaker)
    assert (await client.get("/items", raise_for_status=False)).status_code == status
    if status >= 400:
        with pytest.raises(DomainError, match="answered with an error"):
            await client.get("/items")
    assert (breaker.failures, breaker.is_open) == ([], False)


@pytest.mark.parametrize(
    "raised",
    [httpx.DecodingError("x"), httpx.LocalProtocolError("x"), httpx.TooManyRedirects("x")],
)
async def test_nor_what_is_not_the_fault_of_the_way(
    make: Make, upstream: Any, breaker: Breaker, raised: Exception
) -> None:
    upstream.answers = [raised]
    with pytest.raises(DomainError, match=r"upstream service|the request has"):
        await make(circuit_breaker=breaker).get("/items")
    assert breaker.failures == []


async def test_nor_what_was_never_sent(
    make: Make, upstream: Any, breaker: Breaker, clock: ManualClock
) -> None:
    failing = FakeSigner(UnauthorizedError(message="no key"))
    with pytest.raises(UnauthorizedError, match="no key"):
        await make(circuit_breaker=breaker, signer=failing).get("/items")
    with bind(deadline=clock()), pytest.raises(DeadlineExceededError, match="no time"):
        await make(circuit_breaker=breaker).get("/items")
    with pytest.raises(DomainError, match="not below"):
        await make(circuit_breaker=breaker).get("http://evil.example/")
    redirected = httpx.Response(302, headers={"location": "http://evil.example/"})
    upstream.answers = [redirected]
    with pytest.raises(DomainError, match="not below"):
        await make(circuit_breaker=breaker).get("/items", follow_redirects=True)
    assert (breaker.failures, breaker.calls) == ([], 1)


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(503), httpx.ConnectError("x"), OSError()]
)
async def test_failures_open_it(make: Make, upstream: Any, breaker: Breaker, answer: Any) -> None:
    upstream.answers = [answer]
    client = make(circuit_breaker=breaker)
    with pytest.raises(TransientError, match="upstream service") as first:
        await client.get("/items")
    assert breaker.failures == [first.value]
    with pytest.raises(CircuitOpenError, match="open"):
        await client.get("/items")
    assert upstream.count == 1


async def test_a_failure_whose_answer_is_wanted(
    make: Make, upstream: Any, breaker: Breaker
) -> None:
    upstream.answers = [httpx.Response(500, text="body")]
    answer = await make(circuit_breaker=breaker).get("/items", raise_for_status=False)
    assert (answer.status_code, answer.text) == (500, "body")
    assert breaker.is_open


async def test_an_open_breaker_is_not_tried_again(
    make: Make, upstream: Any, breaker: Breaker, sleeper: Any
) -> None:
    upstream.answers = [httpx.Response(503)]
    with pytest.raises(CircuitOpenError, match="open") as caught:
        await make(circuit_breaker=breaker, retry=HttpRetryPolicy()).get("/items")
    assert caught.value.details == {}
    assert (upstream.count, sleeper.slept) == (1, [0.1])


async def test_each_attempt_is_a_call_of_it(make: Make, upstream: Any, breaker: Breaker) -> None:
    upstream.answers = [httpx.Response(429), httpx.Response(408), httpx.Response(200)]
    await make(circuit_breaker=breaker, retry=HttpRetryPolicy()).get("/items")
    assert breaker.calls == 3


async def test_a_result_that_comes_when_it_is_open(
    make: Make, upstream: Any, breaker: Breaker
) -> None:
    client = make(circuit_breaker=breaker)

    def opens_meanwhile(request: httpx.Request) -> httpx.Response:
        breaker.is_open = True
        return httpx.Response(200)

    upstream.answers = [opens_meanwhile]
    assert (await client.get("/items")).status_code == 200
    assert breaker.is_open
    with pytest.raises(CircuitOpenError, match="open"):
        await client.get("/items")


async def test_a_stream_goes_through_it(make: Make, upstream: Any, breaker: Breaker) -> None:
    upstream.answers = [httpx.Response(503)]
    stream = make(circuit_breaker=breaker).stream("GET", "/items")
    with pytest.raises(TransientError, match="answered with an error"):
        await stream.__aenter__()
    assert breaker.is_open


async def test_what_is_no_breaker(make: Make) -> None:
    with pytest.raises(TypeError, match="circuit_breaker must have a method"):
        make(circuit_breaker=object())

    class Silent:
        async def async_call(self, coro_fn: Callable[[], Awaitable[T]], /) -> T | None:
            return None

    with pytest.raises(RuntimeError, match="neither called nor raised"):
        await make(circuit_breaker=Silent()).get("/items")
