"""What the portion makes public."""

from __future__ import annotations

import mic.client


def test_all_is_sorted_and_bound() -> None:
    names = mic.client.__all__
    assert names == sorted(names)
    assert set(names) <= set(dir(mic.client))
