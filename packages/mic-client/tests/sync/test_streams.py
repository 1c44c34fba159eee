# Generated from async/test_streams.py by "make unasync"; edit that file.
"""A stream that is bounded in time, alone."""

from collections.abc import Iterator

import httpx
import pytest

from mic.client._sync.streams import BoundStream
from mic.client._timeouts import PhaseTimeouts
from mic.testing import ManualClock


class Pieces(httpx.SyncByteStream):
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in (b"a", b"b", b"c"):
            self._clock.advance(1)
            yield piece

    def close(self) -> None:
        self.closed += 1
        raise OSError("closing failed")


def bound(clock: ManualClock, seconds: float) -> PhaseTimeouts:
    timeouts = PhaseTimeouts(clock)
    timeouts.until = clock() + seconds
    return timeouts


def read(stream: BoundStream, pieces: list[bytes]) -> None:
    iterator = iter(stream)
    while piece := next(iterator, b""):
        pieces.append(piece)


def test_pieces_come_until_the_time_is_over(clock: ManualClock) -> None:
    pieces: list[bytes] = []
    read(BoundStream(Pieces(clock), bound(clock, 10)), pieces)
    assert pieces == [b"a", b"b", b"c"]
    pieces.clear()
    with pytest.raises(httpx.ReadTimeout, match="the attempt is over"):
        read(BoundStream(Pieces(clock), bound(clock, 2)), pieces)
    assert pieces == [b"a", b"b"]


def test_what_is_raised_is_translated(clock: ManualClock) -> None:
    stream = BoundStream(
        Pieces(clock), bound(clock, 0), lambda error: KeyError(type(error).__name__)
    )
    with pytest.raises(KeyError, match="ReadTimeout") as caught:
        read(stream, [])
    assert caught.value.__context__ is None


def test_who_waits_for_its_end_is_told_once_though_it_fails(clock: ManualClock) -> None:
    told: list[int] = []
    inner = Pieces(clock)
    stream = BoundStream(inner, bound(clock, 1), closed=lambda: told.append(1))
    for _ in range(2):
        with pytest.raises(OSError, match="closing failed"):
            stream.close()
    assert (told, inner.closed) == ([1], 2)
