"""Waiting on an event loop."""

import asyncio

from mic.datastorage._settlement import Settlement
from mic.datastorage._waiting_async import DeadlineProbe, _late, call_hook, settle


async def test_a_hook_may_be_a_coroutine_function_or_not() -> None:
    seen: list[str] = []

    async def later() -> None:
        await asyncio.sleep(0)
        seen.append("later")

    await call_hook(later)
    await call_hook(lambda: seen.append("now"))
    assert seen == ["later", "now"]


async def test_a_step_settles() -> None:
    async def succeed() -> None:
        await asyncio.sleep(0)

    async def fail() -> None:
        raise LookupError("of the step")

    assert await settle(succeed, grace_seconds=1) == Settlement()
    settlement = await settle(fail, grace_seconds=1)
    assert isinstance(settlement.error, LookupError)
    assert not settlement.pending


async def test_a_cancelled_caller_waits_for_the_outcome() -> None:
    finish = asyncio.Event()
    settled: list[Settlement] = []

    async def step() -> None:
        await finish.wait()

    async def caller() -> None:
        settled.append(await settle(step, grace_seconds=60))
        settled[0].raise_outcome()

    task = asyncio.create_task(caller())
    await asyncio.sleep(0)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert settled == []
    finish.set()
    await asyncio.wait({task})
    assert task.cancelled()
    assert settled[0].succeeded
    assert isinstance(settled[0].cancelled, asyncio.CancelledError)


async def test_the_grace_is_over_some_time() -> None:
    finish = asyncio.Event()
    ended: list[str] = []

    async def step() -> None:
        await finish.wait()
        ended.append("late")

    task = asyncio.create_task(settle(step, grace_seconds=0.01))
    await asyncio.sleep(0)
    task.cancel()
    settlement = await task
    assert settlement.pending
    assert not settlement.succeeded
    assert len(_late) == 1
    finish.set()
    for late in list(_late):
        await late
    assert ended == ["late"]
    await asyncio.sleep(0)
    assert not _late


async def test_one_probe_serves_all_who_ask_meanwhile() -> None:
    answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    calls: list[float] = []

    async def probe(timeout_seconds: float) -> str | None:
        calls.append(timeout_seconds)
        return await answer

    asking = DeadlineProbe(probe)
    tasks = [asyncio.create_task(asking.run(5)) for _ in range(3)]
    await asyncio.sleep(0)
    answer.set_result("auth")
    assert await asyncio.gather(*tasks) == ["auth"] * 3
    assert calls == [5]
    assert await asking.run(1) == "auth"
    assert calls == [5, 1]


async def test_a_probe_that_hangs_or_raises() -> None:
    async def hang(timeout_seconds: float) -> str | None:
        await asyncio.Event().wait()
        return None

    async def fail(timeout_seconds: float) -> str | None:
        raise LookupError("of the driver")

    async def stop(timeout_seconds: float) -> str | None:
        raise asyncio.CancelledError

    assert await DeadlineProbe(hang).run(0.01) == "timeout"
    assert await DeadlineProbe(fail).run(1) == "refused"
    assert await DeadlineProbe(stop).run(1) == "timeout"


def test_a_probe_of_a_loop_that_is_gone_is_asked_anew() -> None:
    answers: list[str | None] = []

    async def probe(timeout_seconds: float) -> str | None:
        if not answers:
            await asyncio.Event().wait()
        return answers[0]

    asking = DeadlineProbe(probe)
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    asked = first.create_task(asking.run(60))
    first.run_until_complete(asyncio.sleep(0))
    answers.append("refused")
    assert second.run_until_complete(asking.run(60)) == "refused"
    pending = asyncio.all_tasks(first)
    for task in pending:
        task.cancel()
    first.run_until_complete(asyncio.wait(pending))
    assert asked.cancelled()
    first.close()
    second.close()
