# Generated from _async/attempt.py by "make unasync"; edit that file.
"""One attempt of a call: sent, and stopped when its time is over."""

from __future__ import annotations

import httpx

from mic.client._call import Call
from mic.client._run_sync import run_within
from mic.client._slots_sync import Slots
from mic.client._sync.exchange import Exchange
from mic.client.protocols import Breaker
from mic.model import DomainError


def guarded(
    breaker: Breaker,
    client: httpx.Client,
    slots: Slots,
    request: httpx.Request,
    call: Call,
    do: Exchange,
) -> None:
    """`send` through a breaker.

    Guarantees: inside the breaker, a failure of the other service is raised, and nothing else.

    Raises:
        Exception: The breaker's own.
    """

    def sent() -> None:
        send(client, slots, request, call, do)
        if call.failed:
            raise call.final_error()

    try:
        breaker.call(sent)
    except DomainError as error:
        if error is not call.error:
            raise


def send(
    client: httpx.Client,
    slots: Slots,
    request: httpx.Request,
    call: Call,
    do: Exchange,
) -> None:
    """Send a request; how that ended is in `call`.

    Raises:
        RuntimeError: The httpx client has been closed.
    """
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
