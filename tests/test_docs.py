"""Every Python block of every README and docs page runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.examples import examples_of, run_examples
from tools.workspace import ROOT

MOST_SKIPPED_SHARE = 0.1
"""What may be left out, each block with its reason."""


def _pages() -> list[str]:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("packages/*/*.md"), *ROOT.glob("docs/**/*.md")]
    return sorted(
        page.relative_to(ROOT).as_posix()
        for page in pages
        if examples_of(page.read_text(encoding="utf-8"))
    )


PAGES = _pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_of_a_page_run(name: str, tmp_path: Path) -> None:
    assert run_examples(ROOT / name, tmp_path) == ""


def test_examples_are_rarely_left_out() -> None:
    examples = [
        each for name in PAGES for each in examples_of((ROOT / name).read_text(encoding="utf-8"))
    ]
    skipped = [each for each in examples if each.reason]
    assert len(skipped) <= len(examples) * MOST_SKIPPED_SHARE
