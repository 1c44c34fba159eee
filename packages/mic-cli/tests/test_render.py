"""Results as text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic.cli import CommandResult
from mic.cli._failures import CliError
from mic.cli._render import json_text, table, text_of


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, ""),
        (3, "3"),
        ("a\nb", "a b"),
        ([], ""),
        ([1, None, "x"], "1\n-\nx"),
        ({}, ""),
        (
            {"a": [1, 2], "b": {"c": True, "f": 1}, "d": "", "e": []},
            "a: 1, 2\nb: c=True, f=1\nd: -\ne: -",
        ),
        ([{"a": 1}, 2], "a=1\n2"),
        ([{"a": 1, "long": "x"}, {"a": 100, "more": False}], None),
    ],
)
def test_text_is_made_from_data(data: Any, text: str | None) -> None:
    if text is None:
        text = "A    LONG  MORE\n1    x     -\n100  -     False"
    assert text_of(CommandResult(data)) == text


def test_a_document_is_indented_ascii() -> None:
    assert json_text({"a": ["ü"]}, "go") == '{\n  "a": [\n    "\\u00fc"\n  ]\n}\n'


@pytest.mark.parametrize("data", [{1, 2}, float("inf"), {"a": object()}])
def test_what_json_cannot_hold_names_the_command(data: Any) -> None:
    said = "^the result of the command go is not JSON-serialisable$"
    with pytest.raises(CliError, match=said) as found:
        json_text(data, "go")
    assert (found.value.code, found.value.exit_code) == ("cli.not_json", 70)


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
