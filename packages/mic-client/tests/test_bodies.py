from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.client._bodies import MOST_BYTES, read_problem

PROBLEM = "application/problem+json"


def test_an_object() -> None:
    assert read_problem(b'{"a": 1, "type": "x"}', "", PROBLEM) == {"a": 1, "type": "x"}
    assert read_problem(b'{"a": 1}', "identity", f"{PROBLEM.upper()}; charset=utf-8") == {"a": 1}
    assert read_problem(gzip.compress(b'{"a": 1}'), " GZIP ", "") == {"a": 1}
    assert read_problem(zlib.compress(b'{"a": 1}'), "deflate", "") == {"a": 1}


def test_type_counts_in_a_problem_only() -> None:
    assert read_problem(b'{"a": 1, "type": "x"}', "", "application/json") == {"a": 1}


@pytest.mark.parametrize("body", [None, b"", b"[1]", b"1", b"{", b"\xff", b"[" * 60_000])
def test_everything_else(body: bytes | None) -> None:
    assert read_problem(body, "", PROBLEM) == {}


def test_what_hides_more_than_may_be_read() -> None:
    bomb = gzip.compress(b"0" * 60_000_000, 9)
    assert len(bomb) < MOST_BYTES
    tracemalloc.start()
    try:
        assert read_problem(bomb, "gzip", PROBLEM) == {}
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    fits = b'{"a":"' + b"0" * (MOST_BYTES - 8) + b'"}'
    assert len(fits) == MOST_BYTES
    assert read_problem(gzip.compress(fits), "gzip", "") != {}
    assert read_problem(gzip.compress(fits + b" "), "gzip", "") == {}


@given(st.binary(max_size=100), st.sampled_from(["", "gzip", "deflate", "br", "gzip, gzip"]))
def test_it_never_raises(body: bytes, coding: str) -> None:
    assert isinstance(read_problem(body, coding, PROBLEM), dict)
