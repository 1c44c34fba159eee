"""`mic.http.correlation`: ids that tie a request together, and nothing hostile in them."""

import os
import re
import threading
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http import correlation
from mic.http.correlation import (
    CorrelationFinish,
    CorrelationSpec,
    CorrelationStart,
    finish_correlation,
    is_valid_id,
    new_id,
    start_correlation,
)


def test_the_published_defaults() -> None:
    assert correlation.DEFAULT_CORRELATION_HEADER == "X-Correlation-Id"
    assert correlation.DEFAULT_REQUEST_HEADER == "X-Request-Id"
    assert correlation.DEFAULT_RESPONSE_TIME_HEADER == "X-Response-Time-ms"


def test_an_id_is_a_uuid_of_version_four() -> None:
    for _ in range(200):
        text = new_id()
        parsed = uuid.UUID(text)
        assert text == parsed.hex
        assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)


def test_ids_differ() -> None:
    found: list[str] = []

    def make() -> None:
        found.extend(new_id() for _ in range(500))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2_000


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_ids_differ_in_forked_processes() -> None:
    def ids_of_child() -> bytes:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, new_id().encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        return text

    found = {ids_of_child() for _ in range(4)} | {new_id().encode()}
    assert len(found) == 5
    assert all(len(text) == 32 for text in found)


@given(text=st.text(max_size=140))
def test_only_harmless_text_is_an_id(text: str) -> None:
    harmless = all(c.isascii() and (c.isalnum() or c in "._-") for c in text)
    assert is_valid_id(text) is (harmless and 1 <= len(text) <= 128)


def test_takes_the_ids_of_a_request_in_any_case() -> None:
    start = start_correlation(headers={"x-CORRELATION-id": "c-1", "X-Request-ID": "r.1"})
    assert (start.correlation_id, start.request_id) == ("c-1", "r.1")


@pytest.mark.parametrize("evil", ["evil id;<>", "", " ", "a\nb", "x" * 129, "\u00e9"])
def test_replaces_what_is_no_id(evil: str) -> None:
    start = start_correlation(headers={"x-correlation-id": evil, "x-request-id": evil})
    assert re.fullmatch("[0-9a-f]{32}", start.correlation_id)
    assert re.fullmatch("[0-9a-f]{32}", start.request_id)
    assert start.correlation_id != start.request_id


def test_a_spec_of_one_s_own() -> None:
    spec = CorrelationSpec(
        correlation_header="X-Trace",
        request_header="X-Call",
        correlation_id_factory=lambda: "made-c",
        request_id_factory=lambda: "made-r",
        id_validator=lambda text: text.startswith("ok"),
    )
    start = start_correlation(headers={"x-trace": "ok 1", "x-request-id": "ok"}, spec=spec)
    assert (start.correlation_id, start.request_id) == ("ok 1", "made-r")
    start = start_correlation(headers={"X-Trace": "no"}, spec=spec)
    assert start.correlation_id == "made-c"


@pytest.mark.parametrize("name", ["", "X Id", "X:Id"])
def test_a_header_has_a_name(name: str) -> None:
    options: list[dict[str, Any]] = [
        {"correlation_header": name},
        {"request_header": name},
        {"response_time_header": name},
    ]
    for each in options:
        with pytest.raises(ValueError, match="is not a header name"):
            CorrelationSpec(**each)


@pytest.mark.parametrize("made", ["a\r\nb", "a b\x00", "\u20ac", ""])
def test_a_factory_makes_nothing_that_would_break_a_header(made: str) -> None:
    for factory in ("correlation_id_factory", "request_id_factory"):
        spec = CorrelationSpec(**{factory: lambda: made})  # type: ignore[arg-type]  # one of two names
        with pytest.raises(ValueError, match="factory"):
            start_correlation(headers={}, spec=spec)


def test_counts_whole_milliseconds() -> None:
    start = start_correlation(headers={"x-request-id": "r"})
    finish = finish_correlation(start=start)
    assert finish == CorrelationFinish(start.correlation_id, "r", finish.duration_ms)
    earlier = CorrelationStart("c", "r", start.started_at_perf - 1.5)
    assert 1_500 <= finish_correlation(start=earlier).duration_ms < 60_000
