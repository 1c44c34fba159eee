from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mic.testing import Canaries, assert_no_secrets, capture_spans
from mic.testing.canaries import SecretLeakError


@pytest.fixture
def provider() -> TracerProvider:
    return TracerProvider(shutdown_on_exit=False)


def test_spans_that_end_in_the_block_are_kept(provider: TracerProvider) -> None:
    tracer = provider.get_tracer("test")
    early = tracer.start_span("began before")
    tracer.start_span("ended before").end()
    with capture_spans(provider) as spans:
        with tracer.start_as_current_span("outer"):
            tracer.start_span("inner", attributes={"n": 1}).end()
        early.end()
        late = tracer.start_span("ends after")
    late.end()
    assert spans.names == ("inner", "outer", "began before")
    [inner] = spans.named("inner")
    assert inner.attributes == {"n": 1}
    assert inner.parent == spans.named("outer")[0].context
    assert len(spans) == 3
    assert spans.provider is provider


def test_blocks_may_be_nested_and_nothing_is_kept_twice(provider: TracerProvider) -> None:
    tracer = provider.get_tracer("test")
    with capture_spans(provider) as outer:
        tracer.start_span("one").end()
        with capture_spans(provider) as inner:
            tracer.start_span("two").end()
        tracer.start_span("three").end()
    assert (outer.names, inner.names) == (("one", "two", "three"), ("two",))


def test_the_block_ends_with_its_failure(provider: TracerProvider) -> None:
    with pytest.raises(KeyError, match="broken"), capture_spans(provider) as spans:
        raise KeyError("broken")
    provider.get_tracer("test").start_span("after").end()
    assert len(spans) == 0


def test_what_is_exported_stays_as_it_is(provider: TracerProvider) -> None:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with capture_spans(provider):
        provider.get_tracer("test").start_span("one").end()
    provider.get_tracer("test").start_span("two").end()
    assert [span.name for span in exporter.get_finished_spans()] == ["one", "two"]


def test_spans_of_every_thread_are_kept(provider: TracerProvider) -> None:
    def work() -> None:
        provider.get_tracer("test").start_span("of a thread").end()

    with capture_spans(provider) as spans:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert spans.names == ("of a thread",) * 4


def test_a_secret_in_a_span_is_found(provider: TracerProvider, secret_canaries: Canaries) -> None:
    with capture_spans(provider) as spans:
        secret_canaries.plant_spans(provider.get_tracer("test"))
    for shape in ("a start attribute", "an attribute", "an event", "a recorded exception"):
        with pytest.raises(SecretLeakError, match=f"spans, {shape}"):
            assert_no_secrets(secret_canaries, spans.texts)


def test_what_is_no_provider_of_the_sdk_is_refused() -> None:
    other: Any = trace.NoOpTracerProvider()
    with (
        pytest.raises(TypeError, match="from the SDK's TracerProvider, not NoOpTracerProvider"),
        capture_spans(other),
    ):
        raise AssertionError


# A process has one provider for good, so that these run in a process each.

OF_THE_PROCESS = """
from opentelemetry import trace
from mic.testing import capture_spans
early = trace.get_tracer("early")
early.start_span("before").end()
with capture_spans() as spans:
    early.start_span("one").end()
    trace.get_tracer("late").start_span("two").end()
between = early.start_span("between")
assert not between.is_recording()
between.end()
with capture_spans() as again:
    early.start_span("three").end()
assert (spans.names, again.names) == (("one", "two"), ("three",)), (spans.names, again.names)
assert again.provider is spans.provider is trace.get_tracer_provider()
"""
SET_BEFORE = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from mic.testing import capture_spans
ours = TracerProvider()
trace.set_tracer_provider(ours)
with capture_spans() as spans:
    trace.get_tracer("x").start_span("one").end()
assert (spans.names, spans.provider) == (("one",), ours)
assert trace.get_tracer("x").start_span("after").is_recording()
"""
NOTHING_IMPORTED = """
import sys
import mic.testing.spans
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
sys.modules["opentelemetry"] = None
try:
    with mic.testing.spans.capture_spans():
        pass
except ImportError as error:
    assert str(error) == "capture_spans needs opentelemetry: install mic-testing[spans]", error
else:
    raise AssertionError
"""


@pytest.mark.parametrize("program", [OF_THE_PROCESS, SET_BEFORE, NOTHING_IMPORTED])
def test_in_a_process_of_its_own(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_provider_that_of_the_process_is_meant() -> None:
    for _ in range(2):
        with capture_spans() as spans:
            trace.get_tracer("test").start_span("one").end()
        assert spans.names == ("one",)
    assert spans.provider.sampler.get_description() == "WhileOpen"
    assert not trace.get_tracer("test").start_span("after").is_recording()
