"""A clock that moves only when a test says so."""

import math
import threading

__all__ = ["ManualClock"]


class ManualClock:
    """A clock for tests: a callable without arguments, accepted as `time_fn` everywhere.

    Guarantees: the time changes only through `advance` and `jump`, never by itself. `advance` never
    goes back, as a monotonic clock never does; `jump` may, as a wall clock does when somebody sets
    it. Every method may be called from any thread, and two `advance` calls at once both count.

    Args:
        start: The first reading in seconds. The default is small enough that a float still tells
            1e-10 s apart.

    Raises:
        ValueError: `start` is not finite.

    Example:
        ```python
        from mic.testing import ManualClock

        clock = ManualClock()
        before = clock()
        clock.advance(30)
        assert clock() - before == 30
        ```
    """

    __slots__ = ("_lock", "_now")

    def __init__(self, start: float = 1_000_000.0) -> None:
        self._lock = threading.Lock()
        self._now = _finite("start", start)

    def __call__(self) -> float:
        """The current reading in seconds."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` (0 or more) and return the new reading.

        Raises:
            ValueError: `seconds` is negative or not finite.
        """
        if _finite("seconds", seconds) < 0:
            msg = f"advance cannot go back by {-seconds} s: a wall clock that is set back is jump()"
            raise ValueError(msg)
        return self.jump(seconds)

    def jump(self, seconds: float) -> float:
        """Move by `seconds` in either direction, as a wall clock does that is set.

        Returns:
            The new reading.

        Raises:
            ValueError: `seconds` is not finite.
        """
        step = _finite("seconds", seconds)
        with self._lock:
            self._now += step
            return self._now

    def __repr__(self) -> str:
        return f"ManualClock({self()!r})"


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        msg = f"ManualClock: {name} must be a finite number of seconds, not {value!r}"
        raise ValueError(msg)
    return float(value)
