import asyncio
import contextvars

from mic.auth._flight_async import AsyncFlight


class Work:
    """Work that waits until it is let go."""

    def __init__(self) -> None:
        self.began = 0
        self.ended = 0
        self.go = asyncio.Event()

    async def __call__(self) -> None:
        self.began += 1
        await self.go.wait()
        self.ended += 1


def always() -> bool:
    return True


def never() -> bool:
    return False


async def test_everybody_shares_one() -> None:
    work = Work()
    flight = AsyncFlight(work, limit_seconds=60)
    waiting = [asyncio.create_task(flight.share(always)) for _ in range(50)]
    await asyncio.sleep(0)
    await flight.kick(always)
    await asyncio.sleep(0)
    work.go.set()
    await asyncio.gather(*waiting)
    assert (work.began, work.ended) == (1, 1)
    await flight.share(always)
    assert work.began == 2


async def test_what_is_not_wanted_does_not_begin() -> None:
    work = Work()
    flight = AsyncFlight(work, limit_seconds=60)
    await flight.share(never)
    await flight.kick(never)
    assert work.began == 0


async def test_a_cancelled_caller_does_not_cancel_the_work() -> None:
    work = Work()
    flight = AsyncFlight(work, limit_seconds=60)
    first = asyncio.create_task(flight.share(always))
    second = asyncio.create_task(flight.share(never))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    assert first.cancelled()
    work.go.set()
    await second
    assert (work.began, work.ended) == (1, 1)


async def test_a_kick_does_not_wait() -> None:
    work = Work()
    flight = AsyncFlight(work, limit_seconds=60)
    await flight.kick(always)
    assert work.ended == 0
    work.go.set()
    await flight.share(never)
    assert work.ended == 1


async def test_work_that_takes_too_long_is_cancelled() -> None:
    work = Work()
    await AsyncFlight(work, limit_seconds=0.01).share(always)
    assert (work.began, work.ended) == (1, 0)


async def test_closing_cancels() -> None:
    work = Work()
    flight = AsyncFlight(work, limit_seconds=60)
    await flight.kick(always)
    waiting = asyncio.create_task(flight.share(never))
    await asyncio.sleep(0)
    await flight.aclose()
    await waiting
    assert work.ended == 0
    await flight.aclose()


async def test_nothing_of_a_callers_context_lives_on() -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")
    seen: list[str] = []

    async def work() -> None:
        seen.append(request.get())

    request.set("mine")
    await AsyncFlight(work, limit_seconds=60).share(always)
    assert seen == ["none"]


def test_another_loop_begins_anew() -> None:
    ended: list[int] = []

    async def work() -> None:
        await asyncio.sleep(0)
        ended.append(1)

    flight = AsyncFlight(work, limit_seconds=60)
    asyncio.run(flight.kick(always))  # its task dies with the loop
    asyncio.run(flight.share(always))
    assert ended == [1]
