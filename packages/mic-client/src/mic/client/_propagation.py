"""What travels on with a call: the headers that propagators write, and those of the request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

from mic.client._headers import is_sendable
from mic.client.protocols import Propagator
from mic.http import propagation_headers

GROUP = "mic.client"
_PREFIX = "propagate"
_KEPT = frozenset({"authorization", "idempotency-key", "host", "content-length"})

_log = logging.getLogger(GROUP)


def installed_propagators() -> tuple[Propagator, ...]:
    """The entry points `propagate*` of the group `mic.client`, by name; reads files.

    One that cannot be loaded is logged and left out.
    """
    found: list[Propagator] = []
    points = {(each.name, each.value): each for each in entry_points(group=GROUP)}
    for (name, _), point in sorted(points.items()):
        if not name.startswith(_PREFIX):
            continue
        try:
            loaded: Any = point.load()
        except Exception as error:  # a plug-in may fail in any way
            _log.warning("%s cannot be loaded: %s", name, type(error).__name__)
            continue
        if callable(loaded):
            found.append(loaded)
        else:
            _log.warning("%s is not callable", name)
    return tuple(found)


def _checked(carrier: Mapping[str, str]) -> dict[str, str]:
    written: dict[str, str] = {}
    for name, value in carrier.items():
        if not is_sendable(name, value):
            raise ValueError("a header that cannot be sent")
        lowered = name.lower()
        if lowered not in _KEPT:
            written[lowered] = value
    return written


class Propagation:
    """The headers that tie a call to the request that is being served.

    Guarantees: a propagator that raises, or writes what cannot be sent, is logged once and skipped.
    Neither the token nor the idempotency key can be written by one.
    """

    __slots__ = ("_logged", "_propagators")

    def __init__(self, propagators: Sequence[Propagator]) -> None:
        self._propagators = propagators
        self._logged: set[Callable[..., Any]] = set()

    def headers(self) -> dict[str, str]:
        """Names in lower case."""
        if not self._propagators:
            return propagation_headers()
        given = propagation_headers()
        for propagate in self._propagators:
            carrier: dict[str, str] = {}
            try:
                propagate(carrier)
                written = _checked(carrier)
            except Exception as error:  # tracing must not take calls down
                self._report(propagate, error)
                continue
            if "traceparent" in written:
                given.pop("tracestate", None)  # it belongs to the other parent
            given.update(written)
        return given

    def _report(self, propagate: Propagator, error: Exception) -> None:
        if propagate not in self._logged:
            self._logged.add(propagate)
            _log.warning("a propagator was skipped: %s", type(error).__name__)
