"""What was measured: a sink of metrics that keeps everything."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_MOST = 100_000

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One call of a sink.

    Attributes:
        kind: `counter`, `gauge` or `histogram`.
        name: As it was given.
        value: What was added, set or observed.
        labels: Names and values, sorted.
    """

    kind: Kind
    name: str
    value: float
    labels: tuple[tuple[str, str], ...]

    def has(self, labels: Mapping[str, str]) -> bool:
        """Whether it has these labels, and whichever others."""
        return labels.items() <= dict(self.labels).items()


class CapturedMetrics:
    """Fits wherever metrics are reported (`metrics=`), and keeps what was, oldest first.

    Guarantees: as strict as a real backend in what it takes, and it says so at once: a value that
    is no finite number, a counter that falls, a name used for two kinds, and a label whose name or
    value is no text raise, so that a test fails where a service would lose the measurement. Safe
    for threads. The last 100,000 are kept.

    Attributes:
        measured: The measurements.
    """

    def __init__(self) -> None:
        self.measured: deque[Measurement] = deque(maxlen=_MOST)
        self._kinds: dict[str, Kind] = {}

    def increment(
        self, name: str, value: float = 1, labels: Mapping[str, str] | None = None
    ) -> None:
        """Add to a counter.

        Raises:
            ValueError: `value` is below 0, or is refused as the class says.
        """
        if value < 0:
            msg = f"{name}: a counter cannot fall"
            raise ValueError(msg)
        self._keep("counter", name, value, labels)

    def set_gauge(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Set a gauge."""
        self._keep("gauge", name, value, labels)

    def observe(
        self,
        name: str,
        value: float,
        labels: Mapping[str, str] | None = None,
        *,
        unit: str | None = "seconds",
    ) -> None:
        """Observe a value of a histogram; the unit is not kept."""
        del unit
        self._keep("histogram", name, value, labels)

    def observe_histogram(
        self,
        name: str,
        value: float,
        labels: Mapping[str, str] | None = None,
        buckets: Sequence[float] | None = None,
    ) -> None:
        """Observe a value of a histogram; the buckets are not kept."""
        del buckets
        self._keep("histogram", name, value, labels)

    def total(self, name: str, **labels: str) -> float:
        """The sum of what a counter or a histogram was given, over all series with these labels.

        0 where nothing was: a test that expects none says so.
        """
        return math.fsum(self.values(name, **labels))

    def last(self, name: str, **labels: str) -> float | None:
        """What was given last, such as where a gauge stands; `None` where nothing was."""
        found = self.values(name, **labels)
        return found[-1] if found else None

    def values(self, name: str, **labels: str) -> tuple[float, ...]:
        """Everything that was given, oldest first."""
        return tuple(
            each.value for each in self._snapshot() if each.name == name and each.has(labels)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that were reported, each once, in the order in which they came."""
        return tuple(dict.fromkeys(each.name for each in self._snapshot()))

    @property
    def texts(self) -> tuple[str, ...]:
        """Each measurement as JSON; what `assert_no_secrets` looks through."""
        return tuple(
            json.dumps([each.kind, each.name, each.value, dict(each.labels)])
            for each in self._snapshot()
        )

    def __len__(self) -> int:
        """How many measurements."""
        return len(self.measured)

    def _snapshot(self) -> tuple[Measurement, ...]:
        # in one step: another thread may report meanwhile
        return tuple(self.measured.copy())

    def _keep(self, kind: Kind, name: str, value: float, labels: Mapping[str, str] | None) -> None:
        if not math.isfinite(value):
            msg = f"{name}: the value is no finite number"
            raise ValueError(msg)
        pairs = (labels or {}).items()
        if not all(isinstance(text, str) for pair in pairs for text in pair):
            msg = f"{name}: names and values of labels must be text"
            raise TypeError(msg)
        known = self._kinds.setdefault(name, kind)
        if known != kind:
            msg = f"{name} is a {known}, and was used as a {kind}"
            raise ValueError(msg)
        self.measured.append(Measurement(kind, name, value, tuple(sorted(pairs))))


def captured_metrics() -> CapturedMetrics:
    """A new sink of metrics that keeps what it is given.

    ```python
    metrics = captured_metrics()
    bus = InMemoryEventBus(metrics=metrics)
    bus.publish("orders", event)
    assert metrics.total("events_published_total", topic="orders") == 1
    ```
    """
    return CapturedMetrics()
