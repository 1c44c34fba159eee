"""When a call is repeated, and when it is not."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from mic.client import AsyncServiceHttpClient, HttpRetryPolicy, _settings
from mic.http.context import bind
from mic.model import (
    ConflictError,
    DeadlineExceededError,
    DomainError,
    RateLimitedError,
    TransientError,
)
from mic.testing import FakeSigner, ManualClock

Make = Callable[..., AsyncServiceHttpClient]
Problem = Callable[..., httpx.Response]
GOOD = httpx.Response(200, json={"ok": True})


@pytest.fixture
def policy() -> HttpRetryPolicy:
    return HttpRetryPolicy()


class Unlimited:
    """A budget that never says no, and counts."""

    def __init__(self) -> None:
        self.deposits = self.withdrawals = 0

    def deposit(self) -> None:
        self.deposits += 1

    def withdraw(self) -> bool:
        self.withdrawals += 1
        return True


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
async def test_a_status_is_tried_again(
    make: Make, upstream: Any, sleeper: Any, policy: HttpRetryPolicy, status: int
) -> None:
    upstream.answers = [httpx.Response(status), httpx.Response(status), GOOD]
    assert (await make(retry=policy).get("/items")).status_code == 200
    assert (upstream.count, sleeper.slept) == (3, [0.1, 0.2])


@pytest.mark.parametrize("status", [400, 404, 409, 500, 501])
async def test_another_status_is_not(
    make: Make, upstream: Any, policy: HttpRetryPolicy, status: int
) -> None:
    upstream.answers = [httpx.Response(status)]
    with pytest.raises(DomainError, match="answered with an error"):
        await make(retry=policy).get("/items")
    assert upstream.count == 1


@pytest.mark.parametrize(
    "raised", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.PoolTimeout("x"), OSError()]
)
async def test_a_transport_failure_is_tried_again(
    make: Make, upstream: Any, policy: HttpRetryPolicy, raised: Exception
) -> None:
    upstream.answers = [raised, raised, raised, GOOD]
    with pytest.raises(TransientError, match="upstream service") as caught:
        await make(retry=policy).get("/items")
    assert upstream.count == 3
    assert caught.value.details["attempts"] == 3


@pytest.mark.parametrize("raised", [httpx.DecodingError("x"), httpx.LocalProtocolError("x")])
async def test_what_is_our_own_fault_is_not(
    make: Make, upstream: Any, policy: HttpRetryPolicy, raised: Exception
) -> None:
    upstream.answers = [raised, GOOD]
    with pytest.raises(DomainError, match=r"upstream service|the request has"):
        await make(retry=policy).get("/items")
    assert upstream.count == 1


async def test_the_other_service_decides(
    make: Make, upstream: Any, problem: Problem, policy: HttpRetryPolicy
) -> None:
    client = make(retry=policy)
    upstream.answers = [problem(503, "items.broken", retryable=False), GOOD]
    with pytest.raises(TransientError, match="said"):
        await client.get("/items")
    assert upstream.count == 1
    upstream.answers = [problem(409, "items.busy", retryable=True), GOOD]
    assert (await client.get("/items")).status_code == 200
    upstream.answers = [httpx.Response(409, json={"retryable": True}), GOOD]
    with pytest.raises(ConflictError, match="answered with an error"):
        await client.get("/items")


async def test_without_a_policy_there_is_one_attempt(make: Make, upstream: Any) -> None:
    upstream.answers = [httpx.Response(503), GOOD]
    with pytest.raises(TransientError, match="upstream service") as caught:
        await make().get("/items")
    assert upstream.count == 1
    assert "attempts" not in caught.value.details


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_only_with_a_key(
    make: Make, upstream: Any, policy: HttpRetryPolicy, method: str
) -> None:
    upstream.answers = [httpx.Response(503), httpx.Response(503), GOOD]
    client = make(retry=policy)
    with pytest.raises(TransientError, match="upstream service"):
        await client.request(method, "/items", json={})
    assert upstream.count == 1
    await client.request(method, "/items", json={}, headers={"idempotency-key": "theirs"})
    assert upstream.sent("idempotency-key") == ["", "theirs", "theirs"]


async def test_the_key_is_the_same_in_all_attempts(
    make: Make, upstream: Any, policy: HttpRetryPolicy
) -> None:
    made = iter("abc")
    upstream.answers = [httpx.Response(503), httpx.ConnectError("x"), GOOD]
    client = make(retry=policy, idempotency_key_factory=lambda: next(made))
    await client.post("/items", json={"a": 1})
    await client.post("/items", json={"a": 1})
    assert upstream.sent("idempotency-key") == ["a", "a", "a", "b"]
    assert [json.loads(each.read()) for each in upstream.requests] == [{"a": 1}] * 4


async def pieces() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"


@pytest.mark.parametrize(
    ("body", "attempts"),
    [
        ({"content": b"a"}, 2),
        ({"json": [1]}, 2),
        ({"data": {"a": "1"}}, 2),
        ({"files": {"a": b"1"}}, 1),
    ],
    ids=["bytes", "json", "form", "multipart"],
)
async def test_bodies_that_can_be_sent_again(
    make: Make, upstream: Any, policy: HttpRetryPolicy, body: Any, attempts: int
) -> None:
    upstream.answers = [httpx.Response(503), GOOD]
    client = make(retry=policy)
    answer = await client.post("/items", idempotency_key="k", raise_for_status=False, **body)
    assert upstream.count == attempts
    assert answer.status_code == (200 if attempts == 2 else 503)


async def test_a_generator_is_sent_once(make: Make, upstream: Any, policy: HttpRetryPolicy) -> None:
    upstream.answers = [httpx.ConnectError("x"), GOOD]
    with pytest.raises(TransientError, match="could not be reached"):
        await make(retry=policy).post("/items", idempotency_key="k", content=pieces())
    assert upstream.count == 1


async def test_each_attempt_has_a_token_and_the_time_left(
    make: Make, upstream: Any, clock: ManualClock, policy: HttpRetryPolicy
) -> None:
    class Signer(FakeSigner):
        def token(self, **what: Any) -> str:
            return f"token-at-{clock():.1f}"

    def slow(request: httpx.Request) -> httpx.Response:
        clock.advance(5)
        return httpx.Response(503)

    upstream.answers = [slow, slow, GOOD]
    await make(signer=Signer(), retry=policy).get("/items", headers={"x-a": "1"})
    assert upstream.sent("authorization") == [
        "Bearer token-at-1000.0",
        "Bearer token-at-1005.1",
        "Bearer token-at-1010.3",
    ]
    left = [int(each) for each in upstream.sent("x-request-timeout-ms")]
    assert left == pytest.approx([30_000, 24_900, 19_700], abs=1)
    assert upstream.sent("x-a") == ["1"] * 3


async def test_their_own_timeout_header_stays(
    make: Make, upstream: Any, policy: HttpRetryPolicy
) -> None:
    upstream.answers = [httpx.Response(503), GOOD]
    await make(retry=policy).get("/items", headers={"X-Request-Timeout-Ms": "5"})
    assert upstream.sent("x-request-timeout-ms") == ["5", "5"]
    upstream.answers = [httpx.Response(503), GOOD]
    await make(retry=policy, timeout_header=None).get("/items")
    assert upstream.sent("x-request-timeout-ms")[2:] == ["", ""]


async def test_retry_after_is_waited_for(
    make: Make, upstream: Any, sleeper: Any, policy: HttpRetryPolicy, problem: Problem
) -> None:
    upstream.answers = [
        httpx.Response(503, headers={"retry-after": "3"}),
        problem(429, "rate_limited", retry_after_seconds=4),
        GOOD,
    ]
    await make(retry=policy).get("/items")
    assert sleeper.slept == [3, 4]


async def test_too_much_patience_is_not_given(make: Make, upstream: Any, sleeper: Any) -> None:
    upstream.answers = [httpx.Response(429, headers={"retry-after": "31"})]
    with pytest.raises(RateLimitedError, match="upstream service") as caught:
        await make(retry=HttpRetryPolicy()).get("/items")
    assert caught.value.retry_after_seconds == 31
    upstream.answers = [httpx.Response(429, headers={"retry-after": "11"})]
    with pytest.raises(RateLimitedError, match="upstream service"):
        await make(retry=HttpRetryPolicy(), total_timeout_seconds=10).get("/items")
    assert (upstream.count, sleeper.slept) == (2, [])


async def test_the_deadline_stops_retries(
    make: Make, upstream: Any, clock: ManualClock, policy: HttpRetryPolicy
) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        clock.advance(9.95)
        return httpx.Response(503)

    upstream.answers = [slow]
    with pytest.raises(TransientError, match="answered with an error") as caught:
        await make(retry=policy, total_timeout_seconds=10).get("/items")
    assert upstream.count == 1
    assert caught.value.details == {"status_code": 503}


async def test_a_deadline_that_passes_while_it_sleeps(
    make: Make, upstream: Any, clock: ManualClock, policy: HttpRetryPolicy
) -> None:
    async def sleep(seconds: float) -> None:
        clock.advance(100)

    upstream.answers = [httpx.Response(503)]
    with pytest.raises(TransientError, match="answered with an error"):
        await make(retry=policy, sleep_fn=sleep).get("/items")
    assert upstream.count == 1


async def test_no_time_left_sends_nothing(
    make: Make, upstream: Any, signer: FakeSigner, clock: ManualClock
) -> None:
    with bind(deadline=clock()), pytest.raises(DeadlineExceededError, match="no time") as caught:
        await make().get("/items")
    assert caught.value.code == "transient.deadline_exceeded"
    assert (upstream.count, len(signer.asked)) == (0, 0)


async def test_opening_the_client_is_part_of_the_time_of_the_first_call(
    make: Make, upstream: Any, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[Any]:
        clock.advance(4)
        return []

    monkeypatch.setattr(_settings, "installed_propagators", found)
    client = make(propagate=None)
    with pytest.raises(DeadlineExceededError, match="no time"):
        await client.get("/items", total_timeout_seconds=3)
    assert upstream.count == 0
    assert (await client.get("/items", total_timeout_seconds=3)).status_code == 200
    late = make(propagate=None).stream("GET", "/items", total_timeout_seconds=3)
    with pytest.raises(DeadlineExceededError, match="no time"):
        await late.__aenter__()


async def test_the_deadline_of_the_request_being_served(
    make: Make, upstream: Any, clock: ManualClock
) -> None:
    with bind(deadline=clock() + 2.5):
        await make().get("/items")
    with bind(deadline=clock() + 60):
        await make().get("/items")
    assert upstream.sent("x-request-timeout-ms") == ["2500", "10000"]


async def test_a_budget_of_ones_own(make: Make, upstream: Any) -> None:
    budget = Unlimited()
    upstream.answers = [httpx.Response(503)]
    client = make(retry=HttpRetryPolicy(max_attempts=5, budget=budget))
    for _ in range(2):
        with pytest.raises(TransientError, match="upstream service"):
            await client.get("/items")
    assert (budget.deposits, budget.withdrawals, upstream.count) == (2, 8, 10)


async def test_a_service_that_is_down_sees_little_more_than_the_calls(
    make: Make, upstream: Any
) -> None:
    upstream.answers = [httpx.Response(503)]
    client = make(retry=HttpRetryPolicy())
    for _ in range(1_000):
        with pytest.raises(TransientError, match="upstream service"):
            await client.get("/items")
    assert 1_100 <= upstream.count <= 1_110


async def test_an_error_status_that_is_wanted_is_tried_again_too(
    make: Make, upstream: Any, policy: HttpRetryPolicy, problem: Problem
) -> None:
    upstream.answers = [problem(409, "items.busy", retryable=True), httpx.Response(503)]
    answer = await make(retry=policy).get("/items", raise_for_status=False)
    assert (answer.status_code, upstream.count) == (503, 3)
    upstream.answers = [httpx.Response(409, content=b" " * 100_000)]
    answer = await make(retry=policy).get("/items", raise_for_status=False)
    assert (answer.status_code, len(answer.content), upstream.count) == (409, 100_000, 4)
