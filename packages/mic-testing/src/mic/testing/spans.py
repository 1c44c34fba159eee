"""Which spans ended while a block ran."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mic.testing._extras import import_extra

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

_MOST = 100_000


class CapturedSpans:
    """Spans in the order in which they ended; the last 100,000 are kept.

    Attributes:
        spans: The spans, as the SDK gives them to an exporter.
        provider: The provider that they came from.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self.spans: deque[ReadableSpan] = deque(maxlen=_MOST)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(span.name for span in self.spans)

    @property
    def texts(self) -> tuple[str, ...]:
        """Each as JSON, with everything that it holds; what `assert_no_secrets` looks through."""
        return tuple(span.to_json() for span in self.spans)

    def named(self, name: str) -> tuple[ReadableSpan, ...]:
        """Those of this name."""
        return tuple(span for span in self.spans if span.name == name)

    def __len__(self) -> int:
        """How many spans."""
        return len(self.spans)


@contextmanager
def capture_spans(provider: TracerProvider | None = None) -> Iterator[CapturedSpans]:
    """Keep the spans that end while the block runs, of every thread and task.

    ```python
    with capture_spans() as spans:
        client.get("/items/7")
    [span] = spans.named("GET /items/{id}")
    assert span.attributes["http.response.status_code"] == 200
    ```

    Guarantees: what a provider exports, and to whom, stays as it is. Where the process has no
    provider yet, one is set; OpenTelemetry takes none back, so it stays, and outside of such blocks
    it records nothing.

    Args:
        provider: A `TracerProvider` of the SDK; `None`: that of the process.

    Raises:
        ImportError: `mic-testing[spans]` is not installed.
        TypeError: The provider is not the SDK's.
    """
    tapping = import_extra(
        "mic.testing._span_tap", extra="spans", needed_by="capture_spans", package="opentelemetry"
    )
    source, tap = tapping.tap_of(provider)
    captured = CapturedSpans(source)
    with tap.into(captured.spans):
        yield captured
