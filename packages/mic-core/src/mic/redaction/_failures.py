"""Counting what went wrong while redacting."""

import threading
from collections.abc import Callable, Mapping

_MAX_PLACES = 64
_lock = threading.Lock()
_counts: dict[str, int] = {}


def error_counts() -> Mapping[str, int]:
    """Give the number of failures by `where`, of all policies without `on_error`.

    At most 64 places are told apart; further ones count as `other`. A copy.
    """
    with _lock:
        return dict(_counts)


def report(where: str, on_error: Callable[[str], None] | None) -> None:
    """Tell `on_error`, or count; never raises."""
    if on_error is not None:
        try:
            on_error(where)
        except Exception:
            # The report of a failure must not become a failure of the caller.
            return
        return
    with _lock:
        place = where if where in _counts or len(_counts) < _MAX_PLACES else "other"
        _counts[place] = _counts.get(place, 0) + 1
