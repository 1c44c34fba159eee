"""The lifespan of an application (ASGI 3.0, lifespan protocol)."""

from __future__ import annotations

import asyncio
from typing import Any

from mic.testing._http.asgi import ASGIApp, Message, Scope


class LifespanRunner:
    """Starts and stops an application as a server does.

    An application that knows no lifespan raises at once, which counts as started, as in servers.
    One that reports a failure, or raises after the start-up began, fails the test.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.state: dict[str, Any] = {}
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._error: Exception | None = None
        self._asked = False
        self._task = asyncio.create_task(self._run(app))

    async def startup(self) -> None:
        """Run the start-up.

        Raises:
            RuntimeError: The application said that it failed, or raised.
        """
        await self._ask("startup")

    async def shutdown(self) -> None:
        """Run the shutdown, and wait until the application has returned.

        Raises:
            RuntimeError: The application said that it failed, or raised.
        """
        if not self._task.done():
            await self._ask("shutdown")
        await asyncio.wait([self._task])

    async def _ask(self, phase: str) -> None:
        await self._inbox.put({"type": f"lifespan.{phase}"})
        answer = await self._outbox.get()
        if answer is None:
            if self._error is not None and self._asked:
                msg = f"the application raised in its {phase}"
                raise RuntimeError(msg) from self._error
        elif answer["type"] != f"lifespan.{phase}.complete":
            msg = f"the application's {phase} failed: {answer.get('message', '')}"
            raise RuntimeError(msg)

    async def _run(self, app: ASGIApp) -> None:
        scope: Scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await app(scope, self._receive, self._outbox.put)
        except Exception as error:
            self._error = error
        finally:
            self._outbox.put_nowait(None)

    async def _receive(self) -> Message:
        self._asked = True
        return await self._inbox.get()
