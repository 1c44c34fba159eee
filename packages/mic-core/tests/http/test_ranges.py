from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.http._ranges import requested_slice


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-4", (2, 3)),
        ("bytes=2-", (2, 8)),
        ("bytes=9-", (9, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=0-99999999999999999999999999", (0, 10)),
        ("bytes=-3", (7, 3)),
        ("bytes=-10", (0, 10)),
        ("bytes=-999", (0, 10)),
        ("BYTES= 2-4 ", (2, 3)),
        ("bytes=10-", "unsatisfiable"),
        ("bytes=99999999999999999999999999-", "unsatisfiable"),
        ("bytes=10-12", "unsatisfiable"),
        ("bytes=-0", "unsatisfiable"),
        ("bytes=4-2", "whole"),
        ("bytes=12-11", "whole"),
        ("bytes=0-1,3-4", "whole"),
        ("bytes=0-1, bytes=3-4", "whole"),
        ("items=0-1", "whole"),
        ("bytes=", "whole"),
        ("bytes=-", "whole"),
        ("bytes=a-b", "whole"),
        ("bytes=1", "whole"),
        ("bytes=--1", "whole"),
        ("bytes=+1-2", "whole"),
        ("bytes=\u0661-\u0662", "whole"),
        ("bytes=1.0-2", "whole"),
        ("", "whole"),
        ("bytes=" + "9" * 5_000 + "-", "whole"),
    ],
)
def test_ten_bytes(field: str, part: Any) -> None:
    assert requested_slice(field, 10) == part


@pytest.mark.parametrize(
    ("field", "part"),
    [("bytes=0-", "unsatisfiable"), ("bytes=-0", "unsatisfiable"), ("bytes=-5", "whole")],
)
def test_an_empty_file(field: str, part: str) -> None:
    assert requested_slice(field, 0) == part


NUMBER = st.integers(0, 30) | st.integers(0, 10**30)


@given(first=NUMBER, last=NUMBER, size=st.integers(0, 20))
def test_a_part_is_what_slicing_gives(first: int, last: int, size: int) -> None:
    content = bytes(range(size))
    part = requested_slice(f"bytes={first}-{last}", size)
    expected = content[first : last + 1]
    if isinstance(part, tuple):
        offset, length = part
        assert length > 0
        assert content[offset : offset + length] == expected
    elif part == "unsatisfiable":
        assert first >= size
        assert first <= last
    else:
        assert last < first


@given(st.text(alphabet="bytes=0123456789-, \t") | st.text(), st.integers(0, 2**63))
def test_no_value_breaks_it(field: str, size: int) -> None:
    part = requested_slice(field, size)
    if isinstance(part, tuple):
        offset, length = part
        assert 0 <= offset < offset + length <= size
    else:
        assert part in ("whole", "unsatisfiable")
