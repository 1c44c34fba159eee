"""One attempt of a call: sent, and stopped when its time is over."""

from __future__ import annotations

import httpx

from mic.client._async.exchange import AsyncExchange
from mic.client._call import Call
from mic.client._run_async import run_within
from mic.client._slots_async import AsyncSlots
from mic.client.protocols import AsyncBreaker
from mic.model import DomainError


async def guarded(
    breaker: AsyncBreaker,
    client: httpx.AsyncClient,
    slots: AsyncSlots,
    request: httpx.Request,
    call: Call,
    do: AsyncExchange,
) -> None:
    """`send` through a breaker.

    Guarantees: inside the breaker, a failure of the other service is raised, and nothing else.

    Raises:
        Exception: The breaker's own.
    """

    async def sent() -> None:
        await send(client, slots, request, call, do)
        if call.failed:
            raise call.final_error()

    try:
        await breaker.async_call(sent)
    except DomainError as error:
        if error is not call.error:
            raise


async def send(
    client: httpx.AsyncClient,
    slots: AsyncSlots,
    request: httpx.Request,
    call: Call,
    do: AsyncExchange,
) -> None:
    """Send a request; how that ended is in `call`.

    Raises:
        RuntimeError: The httpx client has been closed.
    """
    try:
        response = await run_within(
            do(client, slots, request, call),
            call.timeouts.left(),
            dispose=httpx.Response.aclose,
        )
    except Exception as error:
        if isinstance(error, RuntimeError) and client.is_closed:
            raise
        call.broke(error)
    except BaseException:
        call.observe("cancelled", None)
        raise
    else:
        call.answered(response)
