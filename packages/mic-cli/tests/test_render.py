"""Results as text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.cli import CommandResult
from mic.cli._render import table, text_of


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, ""),
        (3, "3"),
        ("a\nb", "a b"),
        ([], ""),
        ([1, None, "x"], "1\n-\nx"),
        ({}, ""),
        ({"a": [1, 2], "b": {"c": True}, "d": "", "e": []}, "a: 1, 2\nb: c=True\nd: -\ne: -"),
        ([{"a": 1}, 2], "a=1\n2"),
        ([{"a": 1, "long": "x"}, {"a": 100, "more": False}], None),
    ],
)
def test_text_is_made_from_data(data: Any, text: str | None) -> None:
    if text is None:
        text = "A    LONG  MORE\n1    x     -\n100  -     False"
    assert text_of(CommandResult(data)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(rows=st.lists(st.dictionaries(st.text(), JSON, max_size=4), min_size=1, max_size=5))
def test_a_table_has_one_line_a_row_whatever_is_in_it(rows: list[dict[str, Any]]) -> None:
    text = table(rows)
    assert text.count("\n") == len(rows)
    assert text.replace("\n", "").isprintable() or not text.isascii()
    assert "\x1b" not in text
