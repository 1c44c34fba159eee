from __future__ import annotations

import re

from mic.testing.servers._isolation import new_name


def test_names_are_new_and_fit_everywhere() -> None:
    names = {new_name() for _ in range(1000)}
    assert len(names) == 1000
    assert all(re.fullmatch("t[0-9a-f]{12}", name) for name in names)
