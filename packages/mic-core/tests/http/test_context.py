import pytest

from mic.http.context import (
    RequestState,
    _trace,
    bind,
    current_correlation,
    current_deadline,
    propagation_headers,
    request_state,
    valid_trace,
)
from mic.http.correlation import CorrelationStart

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
START = CorrelationStart("c", "r", 0.0)


def test_a_request_has_one_state() -> None:
    scope: dict[str, object] = {"mic": "somebody else's"}
    state = request_state(scope)
    assert isinstance(state, RequestState)
    assert request_state(scope) is state


def test_bind_sets_both_for_the_block() -> None:
    with bind(correlation=START, deadline=5.0):
        assert (current_correlation(), current_deadline()) == (START, 5.0)
        with bind():
            assert (current_correlation(), current_deadline()) == (None, None)
        assert propagation_headers() == {"x-correlation-id": "c"}
    assert (current_correlation(), current_deadline(), propagation_headers()) == (None, None, {})


@pytest.mark.parametrize(
    ("parent", "state", "expected"),
    [
        (PARENT, "a=b", (PARENT, "a=b")),
        (PARENT, None, (PARENT, None)),
        (PARENT, "a" * 513, (PARENT, None)),
        (PARENT, "a\n", (PARENT, None)),
        (None, "a=b", None),
        (PARENT.upper(), None, None),
        ("ff" + PARENT[2:], None, None),
        ("00-" + "0" * 32 + "-00f067aa0ba902b7-01", None, None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01", None, None),
        (PARENT + "\n", None, None),
    ],
)
def test_only_well_formed_trace_headers_are_passed_on(
    parent: str | None, state: str | None, expected: object
) -> None:
    assert valid_trace(parent, state) == expected


@pytest.mark.parametrize("state", [None, "a=b"])
def test_the_trace_is_propagated_unchanged(state: str | None) -> None:
    token = _trace.set((PARENT, state))
    wanted = {"traceparent": PARENT} | ({"tracestate": state} if state else {})
    assert propagation_headers() == wanted
    _trace.reset(token)
