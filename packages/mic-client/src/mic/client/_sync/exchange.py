# Generated from _async/exchange.py by "make unasync"; edit that file.
"""One exchange: a request, its redirects, its answer, read as far as it is wanted."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from mic.client._bodies import MOST_BYTES
from mic.client._call import Call
from mic.client._slots_sync import Slots
from mic.client._sync.streams import BoundStream

Exchange = Callable[[httpx.Client, Slots, httpx.Request, Call], httpx.Response]

_MOST_REDIRECTS = 5


def exchange(
    client: httpx.Client, slots: Slots, request: httpx.Request, call: Call
) -> httpx.Response:
    """Send a request and read its answer.

    Guarantees: the answer has been closed, whatever is raised. Of the body of an error that is to
    be raised, at most 64 KiB are read.
    """
    slots.take(call.timeouts)
    try:
        response = _sent(client, request, call)
        try:
            if response.status_code < 400 or call.keeps_errors:
                call.read(response.read())
            else:
                _read_error(response, call)
        finally:
            if not response.is_closed:
                response.close()
    finally:
        slots.give()
    return response


def open_exchange(
    client: httpx.Client, slots: Slots, request: httpx.Request, call: Call
) -> httpx.Response:
    """Send a request, and leave the body of its answer to the caller, who closes it.

    Guarantees: when it raises, and when the answer is an error that is to be raised, the answer has
    been closed.
    """
    slots.take(call.timeouts)
    try:
        response = _sent(client, request, call)
    except BaseException:
        slots.give()
        raise
    stream = stream_of(response)
    response.stream = BoundStream(stream, call.timeouts, call.translated, slots.give)
    if response.status_code >= 400 and not call.keeps_errors:
        try:
            _read_error(response, call)
        finally:
            response.close()
    return response


def _sent(client: httpx.Client, request: httpx.Request, call: Call) -> httpx.Response:
    """The answer, unread, after the redirects that are to be followed."""
    followed = 0
    while True:
        response = client.send(request, stream=True, auth=None, follow_redirects=False)
        response.stream = BoundStream(stream_of(response), call.timeouts)
        if not call.follows or response.next_request is None:
            return response
        response.close()
        if followed == _MOST_REDIRECTS:
            raise httpx.TooManyRedirects("more than five", request=request)
        request = response.next_request
        call.check(request.url)
        followed += 1


def _read_error(response: httpx.Response, call: Call) -> None:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return
    call.read(bytes(body), response.headers.get("content-encoding", ""))


def stream_of(response: httpx.Response) -> httpx.SyncByteStream:
    """The stream of an answer; httpx says only that it is of one kind or the other."""
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)  # nosec B101
    return stream
