import asyncio
import threading
import time
from typing import Any

import pytest

from mic.http._auth_mode import AuthMode
from mic.http._deadline import deadline_of, within
from mic.http._run import compile_route
from mic.http.authenticators import bearer_authenticator
from mic.http.context import current_deadline
from mic.http.options import HttpOptions
from mic.http.principal import Principal
from mic.model import DeadlineExceededError


async def nothing() -> None: ...


def passing(app: Any) -> Any:
    """Middleware that adds nothing."""
    return app


@pytest.mark.parametrize(
    ("patience", "timeout", "seconds"),
    [
        (None, None, None),
        (None, 5.0, 5.0),
        (b"2000", None, 2.0),
        (b"2000", 5.0, 2.0),
        (b"9000", 5.0, 5.0),
        (b"", 5.0, 5.0),
        (b"-1", 5.0, 5.0),
        (b"1.5", 5.0, 5.0),
        (b"2000, 1", 5.0, 5.0),
        (b"1" * 11, 5.0, 5.0),
        (b"0", 5.0, 0.0),
    ],
)
def test_the_sooner_limit_counts_and_what_is_no_number_does_not(
    patience: bytes | None, timeout: float | None, seconds: float | None
) -> None:
    before = time.monotonic()
    deadline = deadline_of(patience, timeout)
    if seconds is None:
        assert deadline is None
    else:
        assert deadline is not None
        assert before + seconds <= deadline <= time.monotonic() + seconds


async def test_work_gives_its_result_within_the_deadline() -> None:
    async def work(one: int, *, two: int) -> int:
        return one + two

    assert await within(time.monotonic() + 60, work, 1, two=2) == 3


async def test_work_whose_time_is_up_is_not_begun() -> None:
    begun: list[bool] = []

    async def work() -> None:
        begun.append(True)

    with pytest.raises(DeadlineExceededError, match="the deadline of the request has passed"):
        await within(time.monotonic(), work)
    assert begun == []


async def test_work_that_takes_longer_is_cancelled() -> None:
    cancelled: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(DeadlineExceededError, match="the deadline of the request has passed"):
        await within(time.monotonic() + 0.01, work)
    assert cancelled == [True]


async def test_a_timeout_of_the_work_itself_stays_what_it_is() -> None:
    async def work() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await within(time.monotonic() + 60, work)


@pytest.mark.parametrize("headers", [[], [("x-request-timeout-ms", "60000")]])
async def test_a_deadline_is_bound_and_passed_it_is_a_504(
    make_route: Any, call: Any, headers: Any
) -> None:
    cancelled: list[bool] = []

    async def slow() -> None:
        assert current_deadline() is not None
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    route = compile_route(make_route(slow, timeout_seconds=0.02))
    reply = await call(route, headers=headers)
    assert (reply.status, reply.json()["code"]) == (504, "transient.deadline_exceeded")
    assert cancelled == [True]
    assert current_deadline() is None


@pytest.mark.parametrize("middleware", [(), (passing,)])
async def test_the_gate_counts_into_the_deadline(
    make_route: Any, call: Any, middleware: Any
) -> None:
    async def verify(token: str) -> Principal:
        if token == "slow":
            await asyncio.Event().wait()
        return Principal(token)

    options = HttpOptions(authenticator=bearer_authenticator(verify))
    for token, seconds, status in (("slow", 0.02, 504), ("quick", 60, 204)):
        route = compile_route(
            make_route(nothing, middleware=middleware, auth=AuthMode.USER, timeout_seconds=seconds),
            options=options,
        )
        reply = await call(route, headers=[("authorization", f"Bearer {token}")])
        assert reply.status == status


@pytest.mark.parametrize(
    ("value", "status"),
    [("0", 504), ("000", 504), ("60000", 204), ("x", 204), ("-1", 204), ("9" * 11, 204)],
)
async def test_the_callers_patience_counts(
    make_route: Any, call: Any, value: str, status: int
) -> None:
    reply = await call(
        compile_route(make_route(nothing)), headers=[("X-Request-Timeout-Ms", value)]
    )
    assert reply.status == status


async def test_the_deadline_header_may_be_ignored(make_route: Any, call: Any) -> None:
    route = compile_route(make_route(nothing), options=HttpOptions(deadline_header=None))
    assert (await call(route, headers=[("X-Request-Timeout-Ms", "0")])).status == 204


async def test_somebody_elses_timeout_is_no_deadline(make_route: Any, call: Any) -> None:
    async def handler() -> None:
        raise TimeoutError("a driver's")

    with pytest.raises(TimeoutError, match="driver"):
        await call(compile_route(make_route(handler, timeout_seconds=60)))


async def test_a_thread_past_its_deadline_keeps_its_slot(make_route: Any, call: Any) -> None:
    release = threading.Event()

    def slow() -> None:
        release.wait(10)

    options = HttpOptions(thread_limit=1, thread_queue_limit=0)
    route = compile_route(make_route(slow, timeout_seconds=0.02), options=options)
    assert (await call(route)).status == 504
    full = await call(route)
    assert (full.status, full.json()["code"]) == (503, "http.overloaded")
    assert full.header("retry-after") == "1"
    release.set()
    deadline = time.monotonic() + 10
    while (await call(route)).status != 204:
        assert time.monotonic() < deadline
