"""Blocks of a page: which, in what order, and what a failure says."""

from __future__ import annotations

from pathlib import Path

from tools.examples import examples_of, run_examples

PAGE = """\
# Page

```python
x = 1
```

text

```bash
false
```

<!-- no-run: needs a server -->
```python
broken(
```

- in a list:

  ```python
  assert x == 1

  y = 2
  ```
"""


def _page(tmp_path: Path, text: str) -> Path:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_python_blocks_are_found_with_their_lines_and_reasons() -> None:
    found = [(each.code, each.line, each.reason) for each in examples_of(PAGE)]
    assert found == [
        ("x = 1\n", 3, ""),
        ("broken(\n", 14, "needs a server"),
        ("assert x == 1\n\ny = 2\n", 20, ""),
    ]


def test_a_later_block_continues_an_earlier_one(tmp_path: Path) -> None:
    assert run_examples(_page(tmp_path, PAGE), tmp_path) == ""


def test_a_failure_names_the_page_and_its_line(tmp_path: Path) -> None:
    said = run_examples(_page(tmp_path, "a\n\n```python\nx = 1\nassert x == 2\n```\n"), tmp_path)
    assert "page.md" in said
    assert "line 5" in said
    assert "AssertionError" in said


def test_a_warning_is_a_failure(tmp_path: Path) -> None:
    text = "```python\nimport warnings\nwarnings.warn('old', DeprecationWarning)\n```\n"
    assert "DeprecationWarning: old" in run_examples(_page(tmp_path, text), tmp_path)


def test_a_reason_further_above_skips_nothing(tmp_path: Path) -> None:
    text = "<!-- no-run: x -->\n\ntext\n\n```python\nassert False\n```\n"
    assert "AssertionError" in run_examples(_page(tmp_path, text), tmp_path)


def test_classes_of_a_block_have_a_module_as_pydantic_needs_it(tmp_path: Path) -> None:
    text = (
        "```python\nfrom __future__ import annotations\nfrom pydantic import BaseModel\n"
        "class A(BaseModel):\n    b: int\n```\n\n```python\nassert A(b=1).b == 1\n```\n"
    )
    assert run_examples(_page(tmp_path, text), tmp_path) == ""
