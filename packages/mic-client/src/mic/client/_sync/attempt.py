# Generated from _async/attempt.py by "make unasync"; edit that file.
"""One attempt of a call, through the breaker where there is one."""

from __future__ import annotations

import httpx

from mic.client._call import Call
from mic.client._run_sync import run_within
from mic.client._slots_sync import Slots
from mic.client._sync.exchange import Exchange
from mic.client.protocols import Breaker
from mic.model import DomainError


def attempt(
    client: httpx.Client,
    slots: Slots,
    call: Call,
    breaker: Breaker | None,
    do: Exchange,
) -> None:
    """Make one attempt; how it ended is in `call`.

    Guarantees: inside the breaker, a failure of the other service is raised, and nothing else.

    Raises:
        DomainError: Nothing was sent, or the breaker's own error.
    """
    request = call.next_request(client.build_request)
    if breaker is None:
        _send(client, slots, request, call, do)
        return

    def send() -> None:
        _send(client, slots, request, call, do)
        if call.failed:
            raise call.final_error()

    try:
        breaker.call(send)
    except DomainError as error:
        if error is not call.error:
            raise


def _send(
    client: httpx.Client,
    slots: Slots,
    request: httpx.Request,
    call: Call,
    do: Exchange,
) -> None:
    try:
        response = run_within(
            do(client, slots, request, call),
            call.timeouts.left(),
            dispose=httpx.Response.close,
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
