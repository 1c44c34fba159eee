from __future__ import annotations

import pytest

from mic.testing._http.asgi import Message, Receive, Scope, Send
from mic.testing._http.lifespan import LifespanRunner


async def test_startup_and_shutdown_run_in_one_call_and_share_the_state() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            message = await receive()
            seen.append(message["type"])
            scope["state"]["phase"] = phase
            await send({"type": f"lifespan.{phase}.complete"})
        seen.append("returned")

    runner = LifespanRunner(app)
    await runner.startup()
    assert runner.state == {"phase": "startup"}
    await runner.shutdown()
    assert seen == ["lifespan.startup", "lifespan.shutdown", "returned"]


async def test_an_application_without_lifespan_counts_as_started() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"

    runner = LifespanRunner(app)
    await runner.startup()
    await runner.shutdown()
    assert runner.state == {}


async def test_an_application_that_returns_at_once_counts_as_started() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        return

    runner = LifespanRunner(app)
    await runner.startup()
    await runner.shutdown()
    assert runner.state == {}


def _failing(phase: str, answer: Message | Exception) -> LifespanRunner:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == f"lifespan.{phase}":
                if isinstance(answer, Exception):
                    raise answer
                await send(answer)
                return
            await send({"type": f"{message['type']}.complete"})

    return LifespanRunner(app)


async def test_a_failed_startup_is_told() -> None:
    runner = _failing("startup", {"type": "lifespan.startup.failed", "message": "no database"})
    with pytest.raises(RuntimeError, match="the application's startup failed: no database"):
        await runner.startup()


async def test_an_exception_in_the_startup_is_told() -> None:
    runner = _failing("startup", LookupError("broken"))
    with pytest.raises(RuntimeError, match="raised in its startup") as caught:
        await runner.startup()
    assert isinstance(caught.value.__cause__, LookupError)


async def test_a_failed_shutdown_is_told() -> None:
    runner = _failing("shutdown", {"type": "lifespan.shutdown.failed"})
    await runner.startup()
    with pytest.raises(RuntimeError, match="the application's shutdown failed: "):
        await runner.shutdown()


async def test_an_exception_in_the_shutdown_is_told() -> None:
    runner = _failing("shutdown", LookupError("broken"))
    await runner.startup()
    with pytest.raises(RuntimeError, match="raised in its shutdown"):
        await runner.shutdown()
