"""A stream that is bounded in time, alone."""

from collections.abc import AsyncIterator

import httpx
import pytest

from mic.client._async.streams import AsyncBoundStream
from mic.client._timeouts import PhaseTimeouts
from mic.testing import ManualClock


class Pieces(httpx.AsyncByteStream):
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.closed = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in (b"a", b"b", b"c"):
            self._clock.advance(1)
            yield piece

    async def aclose(self) -> None:
        self.closed += 1
        raise OSError("closing failed")


def bound(clock: ManualClock, seconds: float) -> PhaseTimeouts:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + seconds
    return timeouts


async def read(stream: AsyncBoundStream, pieces: list[bytes]) -> None:
    iterator = aiter(stream)
    while piece := await anext(iterator, b""):
        pieces.append(piece)


async def test_pieces_come_until_the_time_is_over(clock: ManualClock) -> None:
    pieces: list[bytes] = []
    await read(AsyncBoundStream(Pieces(clock), bound(clock, 10)), pieces)
    assert pieces == [b"a", b"b", b"c"]
    pieces.clear()
    with pytest.raises(httpx.ReadTimeout, match="the attempt is over"):
        await read(AsyncBoundStream(Pieces(clock), bound(clock, 2)), pieces)
    assert pieces == [b"a", b"b"]


async def test_what_is_raised_is_translated(clock: ManualClock) -> None:
    stream = AsyncBoundStream(
        Pieces(clock), bound(clock, 0), lambda error: KeyError(type(error).__name__)
    )
    with pytest.raises(KeyError, match="ReadTimeout") as caught:
        await read(stream, [])
    assert caught.value.__context__ is None


async def test_who_waits_for_its_end_is_told_once_though_it_fails(clock: ManualClock) -> None:
    told: list[int] = []
    inner = Pieces(clock)
    stream = AsyncBoundStream(inner, bound(clock, 1), closed=lambda: told.append(1))
    for _ in range(2):
        with pytest.raises(OSError, match="closing failed"):
            await stream.aclose()
    assert (told, inner.closed) == ([1], 2)
