"""One attempt of a call, through the breaker where there is one."""

from __future__ import annotations

import httpx

from mic.client._async.exchange import AsyncExchange
from mic.client._call import Call
from mic.client._run_async import run_within
from mic.client._slots_async import AsyncSlots
from mic.client.protocols import AsyncBreaker
from mic.model import DomainError


async def attempt(
    client: httpx.AsyncClient,
    slots: AsyncSlots,
    call: Call,
    breaker: AsyncBreaker | None,
    do: AsyncExchange,
) -> None:
    """Make one attempt; how it ended is in `call`.

    Guarantees: inside the breaker, a failure of the other service is raised, and nothing else.

    Raises:
        DomainError: Nothing was sent, or the breaker's own error.
    """
    request = call.next_request(client.build_request)
    if breaker is None:
        await _send(client, slots, request, call, do)
        return

    async def send() -> None:
        await _send(client, slots, request, call, do)
        if call.failed:
            raise call.final_error()

    try:
        await breaker.async_call(send)
    except DomainError as error:
        if error is not call.error:
            raise


async def _send(
    client: httpx.AsyncClient,
    slots: AsyncSlots,
    request: httpx.Request,
    call: Call,
    do: AsyncExchange,
) -> None:
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
