"""One exchange: a request, its redirects, its answer, read as far as it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from mic.client._async.streams import AsyncBoundStream
from mic.client._bodies import MOST_BYTES
from mic.client._call import Call
from mic.client._slots_async import AsyncSlots

AsyncExchange = Callable[
    [httpx.AsyncClient, AsyncSlots, httpx.Request, Call], Coroutine[Any, Any, httpx.Response]
]

_MOST_REDIRECTS = 5


async def exchange(
    client: httpx.AsyncClient, slots: AsyncSlots, request: httpx.Request, call: Call
) -> httpx.Response:
    """Send a request and read its answer.

    Guarantees: the answer has been closed, whatever is raised. Of the body of an error that is to
    be raised, at most 64 KiB are read.
    """
    await slots.take(call.timeouts)
    try:
        response = await client.send(request, stream=True, auth=None, follow_redirects=False)
        # unasync: add response.stream = BoundStream(stream_of(response), call.timeouts)
        if call.follows:
            response = await _follow(client, response, call)
        try:
            if response.status_code < 400 or call.keeps_errors:
                call.read(await response.aread())
            else:
                await _read_error(response, call)
        finally:
            if not response.is_closed:
                await response.aclose()
    finally:
        slots.give()
    return response


async def open_exchange(
    client: httpx.AsyncClient, slots: AsyncSlots, request: httpx.Request, call: Call
) -> httpx.Response:
    """Send a request, and leave the body of its answer to the caller, who closes it.

    Guarantees: when it raises, and when the answer is an error that is to be raised, the answer has
    been closed.
    """
    await slots.take(call.timeouts)
    try:
        response = await client.send(request, stream=True, auth=None, follow_redirects=False)
        if call.follows:
            response = await _follow(client, response, call)
    except BaseException:
        slots.give()
        raise
    stream = stream_of(response)
    response.stream = AsyncBoundStream(stream, call.timeouts, call.translated, slots.give)
    if response.status_code >= 400 and not call.keeps_errors:
        try:
            await _read_error(response, call)
        finally:
            await response.aclose()
    return response


async def _follow(
    client: httpx.AsyncClient, response: httpx.Response, call: Call
) -> httpx.Response:
    """The answer, unread, after the redirects."""
    for _ in range(_MOST_REDIRECTS):
        request = response.next_request
        if request is None:
            return response
        await response.aclose()
        call.check(request.url)
        response = await client.send(request, stream=True, auth=None, follow_redirects=False)
        # unasync: add response.stream = BoundStream(stream_of(response), call.timeouts)
    if response.next_request is None:
        return response
    await response.aclose()
    raise httpx.TooManyRedirects("more than five", request=response.request)


async def _read_error(response: httpx.Response, call: Call) -> None:
    if response.is_stream_consumed:  # a transport for tests has given it whole
        call.read(response.content)
        return
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return
    call.read(bytes(body), response.headers.get("content-encoding", ""))


def stream_of(response: httpx.Response) -> httpx.AsyncByteStream:
    """The stream of an answer; httpx says only that it is of one kind or the other."""
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)  # nosec B101
    return stream
