from __future__ import annotations

from collections import deque

from opentelemetry.sdk.trace import TracerProvider

from mic.testing._span_tap import Sink, Tap, WhileOpen, tap_of


def test_a_tap_is_open_while_somebody_listens() -> None:
    tap, one, other = Tap(), Sink(), Sink()
    provider = TracerProvider(sampler=WhileOpen(tap), shutdown_on_exit=False)
    provider.add_span_processor(tap)
    tracer = provider.get_tracer("test")

    def recorded(name: str) -> bool:
        span = tracer.start_span(name)
        recording = span.is_recording()
        span.end()
        return recording

    seen = [tap.is_open, recorded("before")]
    with tap.into(one):
        with tap.into(other):
            seen += [tap.is_open, recorded("both")]
        seen += [tap.is_open, recorded("one")]
    seen += [tap.is_open, recorded("after")]
    assert seen == [False, False, True, True, True, True, False, False]
    assert [span.name for span in one] == ["both", "one"]
    assert [span.name for span in other] == ["both"]
    assert WhileOpen(tap).get_description() == "WhileOpen"


def test_sinks_that_are_equal_are_still_two() -> None:
    # two empty deques are equal: what is taken off is the very one
    tap, first, second = Tap(), deque[object](), deque[object]()
    with tap.into(first):  # type: ignore[arg-type]
        with tap.into(second):  # type: ignore[arg-type]
            pass
        tap.on_end("span")  # type: ignore[arg-type]
    assert (len(first), len(second)) == (1, 0)


def test_a_provider_has_one_tap() -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    assert tap_of(provider) == (provider, tap_of(provider)[1])
    assert tap_of(TracerProvider(shutdown_on_exit=False))[1] is not tap_of(provider)[1]
