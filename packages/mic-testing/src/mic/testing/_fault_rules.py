"""What a `FaultProxy` does with the bytes that pass: decisions only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a chunk.

    Attributes:
        passed: The bytes that go on.
        cut: Whether the connection is cut after them.
    """

    passed: bytes
    cut: bool = False


class CutAfter:
    """Cut after so many bytes, counted over all connections from now on."""

    def __init__(self, count: int) -> None:
        self._left = count

    def judge(self, chunk: bytes) -> Verdict:
        """Pass what is left of the count."""
        if len(chunk) < self._left:
            self._left -= len(chunk)
            return Verdict(chunk)
        return Verdict(chunk[: self._left], cut=True)


class CutAt:
    """Cut where a marker passes, before or after it, wherever chunks begin and end.

    It looks at one stream: a marker whose parts went over two connections is none.
    """

    def __init__(self, marker: bytes, *, deliver: bool) -> None:
        self._marker = marker
        self._deliver = deliver
        self._matched = b""

    def judge(self, chunk: bytes) -> Verdict:
        """Pass everything up to the marker, or, where it is delivered, what came with it too.

        A part of the marker that ends a chunk is kept in mind.
        """
        seen = self._matched + chunk
        at = seen.find(self._marker)
        if at >= 0:
            passed = chunk if self._deliver else chunk[: max(at - len(self._matched), 0)]
            return Verdict(passed, cut=True)
        keep = len(self._marker) - 1
        self._matched = seen[-keep:] if keep else b""
        return Verdict(chunk)
