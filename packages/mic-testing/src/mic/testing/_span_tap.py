"""What listens to the spans of a provider of OpenTelemetry's SDK; imported when it is needed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler, SamplingResult

Sink = deque[ReadableSpan]


class Tap(SpanProcessor):
    """Hands every span that ends to the sinks that listen at that moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sinks: tuple[Sink, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether anybody listens."""
        return bool(self._sinks)

    def on_end(self, span: ReadableSpan) -> None:
        """Keep a span wherever one is wanted."""
        for sink in self._sinks:
            sink.append(span)

    @contextmanager
    def into(self, sink: Sink) -> Iterator[None]:
        """Hand spans to a sink while the block runs."""
        with self._lock:
            self._sinks = (*self._sinks, sink)
        try:
            yield
        finally:
            with self._lock:
                self._sinks = tuple(each for each in self._sinks if each is not sink)


class WhileOpen(Sampler):
    """Records nothing unless somebody listens: a provider that cannot be taken back costs nothing
    and shows nothing to the tests that come after.
    """

    def __init__(self, tap: Tap) -> None:
        self._tap = tap

    def should_sample(self, *arguments: Any, **options: Any) -> SamplingResult:
        """All, or none."""
        sampler = ALWAYS_ON if self._tap.is_open else ALWAYS_OFF
        return sampler.should_sample(*arguments, **options)

    def get_description(self) -> str:
        """Its name."""
        return "WhileOpen"


_taps: WeakKeyDictionary[TracerProvider, Tap] = WeakKeyDictionary()
_lock = threading.Lock()


def tap_of(provider: object | None) -> tuple[TracerProvider, Tap]:
    """The provider, and the one tap that it has for the rest of its life.

    Raises:
        TypeError: It is none of the SDK's.
    """
    with _lock:
        if provider is None:
            provider = trace.get_tracer_provider()
            if isinstance(provider, trace.ProxyTracerProvider):
                provider = _set_global()
        if not isinstance(provider, TracerProvider):
            msg = f"spans are captured from the SDK's TracerProvider, not {type(provider).__name__}"
            raise TypeError(msg)
        tap = _taps.get(provider)
        if tap is None:
            tap = _taps[provider] = Tap()
            provider.add_span_processor(tap)
        return provider, tap


def _set_global() -> TracerProvider:
    tap = Tap()
    made = TracerProvider(
        sampler=WhileOpen(tap), resource=Resource.get_empty(), shutdown_on_exit=False
    )
    made.add_span_processor(tap)
    _taps[made] = tap
    trace.set_tracer_provider(made)
    return made
